"""The administration of what the office knows about fraud."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import AuditedAdmin
from accounts.clock import database_now
from accounts.models import User
from knowledge.models import FraudType, FraudTypeAlias, Text
from knowledge.services import keep_first_version, keep_version


class OtherNames(admin.TabularInline):  # type: ignore[type-arg]  # cannot be subscribed at run time
    """What offices and platforms call the type besides."""

    model = FraudTypeAlias
    extra = 1


@admin.register(FraudType)
class FraudTypeAdmin(AuditedAdmin):
    """Types of fraud, in two levels."""

    list_display = ("code", "name_zh", "name_en", "parent", "is_elder", "order")
    list_filter = ("is_elder",)
    list_editable = ("order",)
    list_select_related = ("parent",)
    search_fields = ("code", "name_zh", "name_en", "aliases__name")
    inlines = (OtherNames,)

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the code once it is given: other programs send it."""
        return ("code",) if obj is not None else ()


@admin.register(Text)
class TextAdmin(AuditedAdmin):
    """The dissuasion card, the scripts, and the rules of thumb; a community may have its own."""

    list_display = ("key", "community_code", "title_zh", "updated_at")
    search_fields = ("key", "community_code", "title_zh", "title_en", "body_zh", "body_en")
    readonly_fields = ("updated_at",)

    def save_model(self, request: HttpRequest, obj: Text, form: Any, change: bool) -> None:
        """Save, with the time it was changed and the words as a version."""
        if change:
            keep_first_version(obj)
        obj.updated_at = database_now()
        super().save_model(request, obj, form, change)
        assert isinstance(request.user, User)
        keep_version(obj, by=request.user)
