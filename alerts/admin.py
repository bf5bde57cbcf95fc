"""The administration of the clock: who may send alerts, the escalation table, and the records, to be read.

Whatever has consequences goes through the services and so into the audit trail. Nothing here is deleted, and what the
program keeps of residents is masked: who needs more has the alert's own page, where looking leaves a trace.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.admin import AuditedAdmin
from accounts.clock import database_now
from accounts.models import User
from accounts.personal_data import mask_name, mask_phone
from alerts import services
from alerts.models import Alert, IntakeMessage, IntakeToken, PolicyStep, PolicyVersion, Source, TimelineEntry, Timer
from alerts.policy import Audience

PERSONAL = ("description",)
"""What of a timeline entry's detail may hold a source's words about a resident."""


class Undeletable(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no brackets at run time
    """What is kept for good."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody."""
        return False


class ReadOnlyAdmin(Undeletable):
    """A record that the program writes and people read."""

    show_full_result_count = False
    ordering = ("-pk",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody."""
        return False


class DeedsAdmin(Undeletable):
    """Buttons above a record for what can be done with it."""

    change_form_template = "admin/alerts/with_deeds.html"

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


# ── sources and their tokens ────────────────────────────────────────────────────────────────────────────────────────


class TokenInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """A source's tokens: what they are for and whether they work, never the tokens themselves."""

    model = IntakeToken
    fields = readonly_fields = ("label", "created_at", "created_by", "revoked_at", "revoke")
    extra = 0

    @admin.display(description=_("revoke"))
    def revoke(self, token: IntakeToken) -> str:
        """Offer to revoke a token that works."""
        if token.revoked_at is not None:
            return "–"
        # The button lies inside the source's form; it takes that form's token against forgery elsewhere.
        address = reverse("admin:alerts_token_revoke", args=[token.pk])
        return format_html(
            '<button type="submit" class="button" formaction="{}" formnovalidate>{}</button>', address, _("Revoke")
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntakeToken]:
        """Fetch who made each token with it."""
        return super().get_queryset(request).select_related("created_by", "source")

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Tokens are made by a button, which shows them once."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Tokens are revoked: the trail keeps them."""
        return False


@admin.register(Source)
class SourceAdmin(AuditedAdmin, DeedsAdmin):
    """Who sends alerts."""

    list_display = ("code", "name", "area", "is_drill")
    list_select_related = ("area",)
    search_fields = ("code", "name")
    raw_id_fields = ("area",)
    inlines = (TokenInline,)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the tokens."""
        own = [
            path("<int:pk>/token/", self.admin_site.admin_view(self.make_token), name="alerts_token_make"),
            path("tokens/<int:pk>/revoke/", self.admin_site.admin_view(self.revoke_token), name="alerts_token_revoke"),
        ]
        return [*own, *super().get_urls()]

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the code once it is given: the timeline names it."""
        return ("code",) if obj else ()

    def deeds(self, source: Source) -> list[dict[str, Any]]:
        """Offer a new token."""
        address = reverse("admin:alerts_token_make", args=[source.pk])
        return [{"label": _("Make a token"), "url": address, "is_link": True}]

    def make_token(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what a token is for; made, show it this once. It is kept nowhere, not even in the session."""
        source = self._changeable(request, pk)
        token = ""
        if request.method == "POST":
            label = request.POST.get("label", "").replace("\0", "").strip()[:80]
            _row, token = services.make_token(source, by=who(request), now=database_now(), label=label)
        context = self.admin_site.each_context(request) | {
            "title": gettext("Make a token"),
            "opts": self.opts,
            "source": source,
            "token": token,
        }
        # The administration's pages are kept in no cache, this one included.
        return TemplateResponse(request, "admin/alerts/token.html", context)

    def revoke_token(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a token useless from now on."""
        return require_POST(self._revoke)(request, pk)

    def _revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(IntakeToken, pk=pk)
        source = self._changeable(request, token.source_id)
        services.revoke_token(token, by=who(request), now=database_now())
        self.message_user(request, gettext("The token “%(token)s” is revoked.") % {"token": token})
        return HttpResponseRedirect(reverse("admin:alerts_source_change", args=[source.pk]))

    def _changeable(self, request: HttpRequest, pk: int) -> Source:
        source = get_object_or_404(Source, pk=pk)
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        return source


# ── the escalation table ────────────────────────────────────────────────────────────────────────────────────────────


class StepForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """One row of the table; whom it tells is ticked."""

    tell = forms.MultipleChoiceField(
        label=_("tell"), choices=Audience.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PolicyStep
        fields = ("objective", "level", "at_seconds", "when", "do", "tell", "breach")


class StepInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """The rows of one version: edited while it is a draft, read afterwards."""

    model = PolicyStep
    form = StepForm
    extra = 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the columns; in a published version whom a step tells is written out in words."""
        fields = ("objective", "level", "at_seconds", "when", "do", "tell", "breach")
        return fields if _is_draft(obj) else tuple("told" if name == "tell" else name for name in fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the one column that is no field."""
        return () if _is_draft(obj) else ("told",)

    @admin.display(description=_("tell"))
    def told(self, step: PolicyStep) -> str:
        """Write out whom a step tells."""
        return "、".join(str(Audience(name).label) for name in step.tell) or "–"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows can be added: to a draft."""
        return _is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows can be changed: in a draft."""
        return _is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether rows can be taken out: of a draft."""
        return _is_draft(obj) and super().has_delete_permission(request, obj)


def _is_draft(version: PolicyVersion | None) -> bool:
    return version is not None and not version.is_published


@admin.register(PolicyVersion)
class PolicyVersionAdmin(AuditedAdmin, DeedsAdmin):
    """The escalation table in its versions: copied, edited, published whole, and from then on fixed."""

    list_display = ("name", "standing", "published_at", "published_by")
    list_select_related = ("published_by",)
    fields = ("name", "created_at", "published_at", "published_by")
    readonly_fields = ("created_at", "published_at", "published_by")
    inlines = (StepInline,)

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with a version."""
        own = [
            path("<int:pk>/copy/", self.admin_site.admin_view(self.copy_version), name="alerts_policy_copy"),
            path("<int:pk>/publish/", self.admin_site.admin_view(self.publish_version), name="alerts_policy_publish"),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("standing"))
    def standing(self, version: PolicyVersion) -> str:
        """Say whether a version is in force, was, or is a draft."""
        if not version.is_published:
            return gettext("draft")
        return gettext("in force") if version == PolicyVersion.objects.in_force() else gettext("earlier")

    def deeds(self, version: PolicyVersion) -> list[dict[str, Any]]:
        """Offer a copy of every version; a draft can be published."""
        copy = {"label": _("Copy to a draft"), "url": reverse("admin:alerts_policy_copy", args=[version.pk])}
        publish = {"label": _("Publish"), "url": reverse("admin:alerts_policy_publish", args=[version.pk])}
        return [copy] if version.is_published else [copy, publish]

    def copy_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Copy a version to a draft and open that."""
        return require_POST(self._copy)(request, pk)

    def _copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._seen(request, pk)
        name = gettext("Copy of %(name)s") % {"name": version.name}
        draft = services.copy_to_draft(version, name=name[:80], by=who(request), now=database_now())
        self.message_user(request, gettext("This is a draft. It changes nothing until it is published."))
        return HttpResponseRedirect(reverse("admin:alerts_policyversion_change", args=[draft.pk]))

    def publish_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a draft in force, or say what keeps it from being a policy."""
        return require_POST(self._publish)(request, pk)

    def _publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self._seen(request, pk)
        try:
            services.publish(version, by=who(request), now=database_now())
        except services.AlertError as error:
            for fault in str(error).splitlines():
                self.message_user(request, fault, messages.ERROR)
        else:
            words = gettext("In force for every alert from now on. Open alerts keep the version they came under.")
            self.message_user(request, words)
        return HttpResponseRedirect(reverse("admin:alerts_policyversion_change", args=[version.pk]))

    def _seen(self, request: HttpRequest, pk: int) -> PolicyVersion:
        """Return the version for somebody who may change versions, though no longer this one."""
        if not super().has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(PolicyVersion, pk=pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a draft that nobody published meanwhile."""
        if PolicyVersion.objects.select_for_update().get(pk=obj.pk).is_published:
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """A version begins as a copy: an empty table is no policy."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether it may be changed: a published version never is."""
        return (obj is None or _is_draft(obj)) and super().has_change_permission(request, obj)


# ── records, to be read ─────────────────────────────────────────────────────────────────────────────────────────────


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts as they stand, their subjects masked."""

    list_display = ("id", "level", "state", "subject", "area_code", "holder", "received_at", "is_drill")
    list_filter = ("state", "level", "is_drill", "source")
    list_select_related = ("holder",)
    search_fields = ("=id", "area_code")
    date_hierarchy = "received_at"
    fields: ClassVar[tuple[Any, ...]] = (
        ("level", "state", "is_drill"),
        "subject",
        "phone",
        ("grid", "area_code"),
        ("source", "policy_version"),
        ("fraud_type", "fraud_type_said", "amount_at_risk"),
        ("warned_at", "received_at", "dispatched_at", "accepted_at", "acted_at", "closed_at"),
        ("holder", "holder_rank"),
        ("phone_at", "door_at", "family_at", "contact_at"),
        ("outcome", "amount_lost", "amount_prevented"),
        ("actual_level", "actual_fraud_type", "needs_second_feedback"),
        "void_reason",
    )
    readonly_fields = ("subject", "phone")

    @admin.display(description=_("name"))
    def subject(self, alert: Alert) -> str:
        """Show whom it is about without the given name."""
        return mask_name(alert.subject_name) or "–"

    @admin.display(description=_("phone"))
    def phone(self, alert: Alert) -> str:
        """Show the phone number without its middle."""
        return mask_phone(alert.subject_phone) or "–"


@admin.register(TimelineEntry)
class TimelineEntryAdmin(ReadOnlyAdmin):
    """What happened, line by line."""

    list_display = ("id", "alert_id", "at", "kind", "objective", "actor", "person", "from_where")
    list_filter = ("kind", "objective")
    list_select_related = ("actor", "person")
    search_fields = ("=alert__id",)
    fields = ("alert", "at", "recorded_at", "kind", "objective", "actor", "person", "from_where", "said")
    readonly_fields = ("said",)

    @admin.display(description=_("detail"))
    def said(self, entry: TimelineEntry) -> str:
        """Show the details but for the words that may be about a resident."""
        return str({name: value for name, value in entry.detail.items() if name not in PERSONAL})


@admin.register(Timer)
class TimerAdmin(ReadOnlyAdmin):
    """The deadlines, pending and past."""

    list_display = ("id", "alert_id", "step", "due_at", "state", "settled_at", "late_ms", "attempts", "last_error")
    list_filter = ("state", "objective", "level")
    search_fields = ("=alert__id",)


@admin.register(IntakeMessage)
class IntakeMessageAdmin(ReadOnlyAdmin):
    """What sources sent, by their own numbers."""

    list_display = ("external_id", "source", "alert_id", "received_at", "joined")
    list_filter = ("source", "joined")
    list_select_related = ("source",)
    search_fields = ("external_id",)
