"""The administration of what the office knows about fraud."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import AuditedAdmin
from accounts.clock import database_now
from knowledge.models import FraudType, Text


@admin.register(FraudType)
class FraudTypeAdmin(AuditedAdmin):
    """Types of fraud, in two levels."""

    list_display = ("code", "name_zh", "name_en", "parent", "is_elder", "order")
    list_filter = ("is_elder",)
    list_editable = ("order",)
    list_select_related = ("parent",)
    search_fields = ("code", "name_zh", "name_en")

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
        """Save, with the time it was changed."""
        obj.updated_at = database_now()
        super().save_model(request, obj, form, change)
