"""The administration of people, and how every app's administration writes the audit trail."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.backends import from_where
from accounts.clock import database_now
from accounts.models import AuditEntry, User
from accounts.personal_data import EncryptedTextField, phone_index
from accounts.services import record


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no brackets at run time
    """An administration that writes one line of the audit trail for everything it changes.

    Django calls the three hooks below inside the transaction of the change, after it. The line
    names the fields, not what stood in them: the trail holds no personal data.
    """

    formfield_overrides: ClassVar[dict[Any, Any]] = {EncryptedTextField: {"widget": AdminTextInputWidget}}

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Record that something was added."""
        self._record(request, "added", obj, {})
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Record that something was changed, and which fields."""
        self._record(request, "changed", obj, {"changes": message})
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Record each thing that is about to be deleted, by what it was called."""
        for obj in queryset:
            self._record(request, "deleted", obj, {"was": str(obj)})
        return super().log_deletions(request, queryset)

    def _record(
        self, request: HttpRequest, did: str, obj: Model, detail: dict[str, Any], *, area_code: str = ""
    ) -> None:
        by = request.user if isinstance(request.user, User) else None
        verb = f"{obj._meta.app_label}.{obj._meta.model_name}_{did}"
        at, where = database_now(), from_where(request)
        record(verb, by=by, at=at, about=obj, area_code=area_code, detail=detail, from_where=where)


class PersonChangeForm(UserChangeForm):  # type: ignore[type-arg]  # as above
    """Everything about a person but the password, which has a page of its own."""

    class Meta:
        model = User
        fields = "__all__"


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # as above
    """What a new person needs to begin with."""

    class Meta:
        model = User
        fields = ("username", "name", "phone")


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # as above
    """People who log in. What they may do is set by their posts."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ("username", "name", "phone_masked", "language", "is_active", "is_staff", "is_superuser")
    list_filter = ("is_active", "is_staff", "is_superuser", "language")
    search_fields = ("username", "name")
    search_help_text = _("Username, name, or a whole phone number")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "phone", "email", "language", "theme", "text_size", "channel_order")}),
        (_("May log in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Times"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "phone", "usable_password", "password1", "password2")}),)

    @admin.display(description=_("phone"))
    def phone_masked(self, user: User) -> str:
        """Show the phone number without its middle."""
        return user.masked_phone

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Find by name, or by the index of a whole phone number."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(phone_hash=phone_index(search_term)) if search_term else found), has_duplicates

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody is deleted, only made inactive: the trail keeps their name."""
        return False


# What somebody may do follows from posts; groups would be a second way to say it.
admin.site.unregister(Group)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """The trail, to be read."""

    list_display = ("at", "actor", "verb", "object_type", "object_id", "area_code", "from_where")
    list_filter = ("verb", "object_type")
    list_select_related = ("actor",)
    search_fields = ("verb", "object_id", "actor__username", "actor__name", "area_code")
    date_hierarchy = "at"
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Only the program adds to it."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody edits it."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody deletes from it."""
        return False
