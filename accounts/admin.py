"""The administration of people, and what every app's administration stands on: the trail, deeds, versions."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.backends import from_where
from accounts.clock import database_now
from accounts.models import AuditEntry, RolePolicy, User
from accounts.personal_data import EncryptedTextField, phone_index
from accounts.services import RefusedError, record, remove_factor


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


class Undeletable(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no brackets at run time
    """What is kept for good."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody."""
        return False


class DeedsAdmin(Undeletable):
    """Buttons above a record for what can be done with it."""

    change_form_template = "admin/with_deeds.html"

    def deeds(self, _obj: Any) -> list[dict[str, Any]]:
        """Return what can be done with this record."""
        return []

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Hand the deeds to the template."""
        context["deeds"] = self.deeds(obj) if obj is not None else []
        return super().render_change_form(request, context, add, change, form_url, obj)


def who(request: HttpRequest) -> User:
    """Return who presses; the administration is closed to everybody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def is_draft(version: Any) -> bool:
    """Say whether a version is there and can still be changed."""
    return version is not None and not version.is_published


class RowsOfDraft(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """The rows of one version: edited while it is a draft, read afterwards."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows can be added: to a draft."""
        return is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows can be changed: in a draft."""
        return is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows can be taken out: of a draft."""
        return is_draft(obj) and super().has_delete_permission(request, obj)


class VersionsAdmin(AuditedAdmin, DeedsAdmin):
    """A table in its versions: copied, edited, published whole, and from then on fixed.

    What copying and publishing do is the app's; here stands how they are pressed. A subclass says how its two addresses
    begin (``deeds_name``) and what publishing means (``in_force``), and calls the app's verbs.
    """

    deeds_name: ClassVar[str]
    in_force: ClassVar[str | Promise]
    list_select_related = ("published_by",)
    readonly_fields = ("created_at", "published_at", "published_by")

    def copy_to_draft(self, version: Any, *, name: str, by: User, now: datetime) -> Model:
        """Copy a version by the app's verb."""
        raise NotImplementedError

    def publish(self, version: Any, *, by: User, now: datetime) -> None:
        """Put a draft in force by the app's verb. Raises ``RefusedError`` with a fault a line."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with a version."""
        name, wrapped = self.deeds_name, self.admin_site.admin_view
        own = [
            path("<int:pk>/copy/", wrapped(self.copy_version), name=f"{name}_copy"),
            path("<int:pk>/publish/", wrapped(self.publish_version), name=f"{name}_publish"),
        ]
        return [*own, *super().get_urls()]

    def deeds(self, version: Any) -> list[dict[str, Any]]:
        """Offer a copy of every version; a draft can be published."""
        copy = {"label": _("Copy to a draft"), "url": reverse(f"admin:{self.deeds_name}_copy", args=[version.pk])}
        publish = {"label": _("Publish"), "url": reverse(f"admin:{self.deeds_name}_publish", args=[version.pk])}
        return [copy, publish] if is_draft(version) else [copy]

    def copy_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Copy a version to a draft and open that."""
        return require_POST(self._copy)(request, pk)

    def _copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._seen(request, pk)
        name = gettext("Copy of %(name)s") % {"name": version.name}
        draft = self.copy_to_draft(version, name=name[:80], by=who(request), now=database_now())
        self.message_user(request, gettext("This is a draft. It changes nothing until it is published."))
        return self._open(draft)

    def publish_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a draft in force, or say what keeps it from that."""
        return require_POST(self._publish)(request, pk)

    def _publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._seen(request, pk)
        try:
            self.publish(version, by=who(request), now=database_now())
        except RefusedError as error:
            for fault in str(error).splitlines():
                self.message_user(request, fault, messages.ERROR)
        else:
            self.message_user(request, str(self.in_force))
        return self._open(version)

    def _open(self, version: Model) -> HttpResponse:
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[version.pk])
        )

    def _seen(self, request: HttpRequest, pk: int) -> Any:
        """Return the version for somebody who may change versions, though no longer this one."""
        if not super().has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.model, pk=pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a draft that nobody published meanwhile."""
        if self.get_queryset(request).select_for_update().get(pk=obj.pk).is_published:
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """A version begins as a copy: an empty table is none."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether it may be changed: a published version never is."""
        return (obj is None or is_draft(obj)) and super().has_change_permission(request, obj)


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
    actions = ("reset_second_factor",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "phone", "email", "language", "theme", "text_size", "channel_order")}),
        (_("May log in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Times"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "phone", "usable_password", "password1", "password2")}),)

    @admin.action(description=_("Reset the second factor: telephone and recovery codes are lost"))
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take the second factor of each away; who needs one sets it up anew at the next log-in."""
        assert isinstance(request.user, User)
        now, where = database_now(), from_where(request)
        count = sum(remove_factor(user, by=request.user, now=now, from_where=where) for user in queryset)
        said = ngettext("{count} second factor is reset.", "{count} second factors are reset.", count)
        messages.success(request, said.format(count=count))

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


@admin.register(RolePolicy)
class RolePolicyAdmin(AuditedAdmin):
    """What each role must do to come in and to stay: one row for each, neither more nor less."""

    list_display = ("role", "needs_second_factor", "remember_days", "idle_minutes", "desk_minutes")
    readonly_fields = ("role",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """There is a row for each role."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """And there it stays."""
        return False


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
