"""The administration of the clock: who may send alerts, the escalation table, and the records, to be read.

Whatever has consequences goes through the services and so into the audit trail. Nothing here is deleted, and what the
program keeps of residents is masked: who needs more has the alert's own page, where looking leaves a trace.
"""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
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

from accounts.admin import AuditedAdmin, DeedsAdmin, RowsOfDraft, Undeletable, VersionsAdmin, is_draft, who
from accounts.clock import database_now
from accounts.models import User
from accounts.personal_data import EncryptedTextField, mask_name, mask_phone
from alerts import services
from alerts.models import (
    Alert,
    IntakeMessage,
    IntakeToken,
    MappingRule,
    MappingWord,
    PolicyStep,
    PolicyVersion,
    Source,
    SourceMapping,
    TimelineEntry,
    Timer,
)
from alerts.policy import Audience, Field, Level
from alerts.reading import LEVEL_WORDS, MappingError, Rule, bare_word, check_rule, is_date_format

PERSONAL = ("description",)
"""What of a timeline entry's detail may hold a source's words about a resident."""


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


# ── what a source's messages mean ───────────────────────────────────────────────────────────────────────────────────


class MappingForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """A mapping, its zone and form of times tried before they are kept."""

    class Meta:
        model = SourceMapping
        fields = ("source", "way", "senders", "area", "date_format", "zone", "sample")

    def clean_zone(self) -> str:
        """Refuse a zone that does not exist."""
        zone: str = self.cleaned_data["zone"].strip()
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise forms.ValidationError(gettext("There is no such time zone. Write it like Asia/Shanghai.")) from error
        return zone

    def clean_date_format(self) -> str:
        """Refuse a form that reads not even what it writes."""
        said: str = self.cleaned_data["date_format"].strip()
        if said and not is_date_format(said):
            raise forms.ValidationError(gettext("No time has this form. Write it like %d/%m/%Y %H:%M."))
        return said


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """Where one field stands."""

    class Meta:
        model = MappingRule
        fields = ("field", "how", "where", "otherwise")

    def clean(self) -> dict[str, Any]:
        """Refuse a path that is none, and an expression that would take for ever."""
        cleaned = super().clean() or {}
        rule = Rule(*(str(cleaned.get(name) or "") for name in ("field", "how", "where", "otherwise")))
        try:
            check_rule(rule)
        except MappingError as error:
            raise forms.ValidationError(str(error)) from error
        return cleaned


class WordForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """What one word means."""

    class Meta:
        model = MappingWord
        fields = ("field", "said", "means")

    def clean(self) -> dict[str, Any]:
        """Refuse a level that is none."""
        cleaned = super().clean() or {}
        if cleaned.get("field") == Field.LEVEL and bare_word(cleaned.get("means") or "") not in LEVEL_WORDS:
            raise forms.ValidationError(gettext("A level is high, medium or low."))
        return cleaned


class RuleInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """Where each field stands in a message."""

    model = MappingRule
    form = RuleForm
    extra = 0


class WordInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """What the source's words mean."""

    model = MappingWord
    form = WordForm
    extra = 0


@admin.register(SourceMapping)
class SourceMappingAdmin(AuditedAdmin, DeedsAdmin):
    """What messages of a source's own form mean: tried on a sample, then switched on."""

    form = MappingForm
    fields = ("source", "way", "is_on", "senders", "area", "date_format", "zone", "sample")
    list_display = ("source", "way", "area", "is_on")
    list_select_related = ("source", "area")
    raw_id_fields = ("area",)
    inlines = (RuleInline, WordInline)
    formfield_overrides: ClassVar[dict[Any, Any]] = {EncryptedTextField: {"widget": AdminTextareaWidget}}

    def get_urls(self) -> list[URLPattern]:
        """Add trying and switching."""
        own = [
            path("<int:pk>/try/", self.admin_site.admin_view(self.try_mapping), name="alerts_mapping_try"),
            path("<int:pk>/switch/", self.admin_site.admin_view(self.switch), name="alerts_mapping_switch"),
        ]
        return [*own, *super().get_urls()]

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep whose messages and by which way once it is said."""
        return ("source", "way", "is_on") if obj else ("is_on",)

    def deeds(self, mapping: SourceMapping) -> list[dict[str, Any]]:
        """Offer to try it, and to switch it."""
        label = _("Switch off") if mapping.is_on else _("Switch on")
        return [
            {
                "label": _("Try on the sample"),
                "url": reverse("admin:alerts_mapping_try", args=[mapping.pk]),
                "is_link": True,
            },
            {"label": label, "url": reverse("admin:alerts_mapping_switch", args=[mapping.pk])},
        ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Switch a mapping off that no longer reads its sample: what comes then is kept until it is mended."""
        super().save_related(request, form, formsets, change)
        mapping = self._whole(form.instance.pk)
        tried = services.try_mapping(mapping, now=database_now())
        if tried.is_well:
            return
        for line in tried.wrong:
            self.message_user(request, line, messages.WARNING)
        if mapping.is_on:
            services.switch_mapping(mapping, on=False, by=who(request), now=database_now())
            words = gettext(
                "It no longer reads its sample and was switched off. What comes is kept until it is mended."
            )
            self.message_user(request, words, messages.ERROR)

    def try_mapping(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the mapping reads in its sample."""
        mapping = self._changeable(request, pk)
        tried = services.try_mapping(mapping, now=database_now())
        found = tried.reading.found if tried.reading is not None else {}
        context = self.admin_site.each_context(request) | {
            "title": gettext("Try on the sample"),
            "opts": self.opts,
            "mapping": mapping,
            "tried": tried,
            "alert": tried.reading.alert if tried.reading is not None else None,
            "level": Level(tried.reading.alert.level).label if tried.reading and tried.reading.alert else "",
            "faults": [fault.words for fault in tried.reading.faults] if tried.reading is not None else [],
            "rows": [(rule, found.get(rule.field, "")) for rule in mapping.rules.all()],
        }
        return TemplateResponse(request, "admin/alerts/mapping.html", context)

    def switch(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Switch a mapping on or off."""
        return require_POST(self._switch)(request, pk)

    def _switch(self, request: HttpRequest, pk: int) -> HttpResponse:
        mapping = self._changeable(request, pk)
        try:
            mapping = services.switch_mapping(mapping, on=not mapping.is_on, by=who(request), now=database_now())
        except services.AlertError as error:
            for fault in str(error).splitlines():
                self.message_user(request, fault, messages.ERROR)
        else:
            on, off = gettext("It is on: messages become alerts."), gettext("It is off: messages are kept and wait.")
            self.message_user(request, on if mapping.is_on else off)
        return HttpResponseRedirect(reverse("admin:alerts_sourcemapping_change", args=[pk]))

    def _changeable(self, request: HttpRequest, pk: int) -> SourceMapping:
        mapping = self._whole(pk)
        if not self.has_change_permission(request, mapping):
            raise PermissionDenied
        return mapping

    def _whole(self, pk: int) -> SourceMapping:
        return get_object_or_404(SourceMapping.objects.select_related("source__area", "area"), pk=pk)


# ── the escalation table ────────────────────────────────────────────────────────────────────────────────────────────


class StepForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """One row of the table; whom it tells is ticked."""

    tell = forms.MultipleChoiceField(
        label=_("tell"), choices=Audience.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PolicyStep
        fields = ("objective", "level", "at_seconds", "when", "do", "tell", "breach")


class StepInline(RowsOfDraft):
    """The steps of one version."""

    model = PolicyStep
    form = StepForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the columns; in a published version whom a step tells is written out in words."""
        fields = ("objective", "level", "at_seconds", "when", "do", "tell", "breach")
        return fields if is_draft(obj) else tuple("told" if name == "tell" else name for name in fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the one column that is no field."""
        return () if is_draft(obj) else ("told",)

    @admin.display(description=_("tell"))
    def told(self, step: PolicyStep) -> str:
        """Write out whom a step tells."""
        return "、".join(str(Audience(name).label) for name in step.tell) or "–"


@admin.register(PolicyVersion)
class PolicyVersionAdmin(VersionsAdmin):
    """The escalation table in its versions."""

    deeds_name = "alerts_policy"
    in_force = _("In force for every alert from now on. Open alerts keep the version they came under.")
    list_display = ("name", "standing", "published_at", "published_by")
    fields = ("name", "created_at", "published_at", "published_by")
    inlines = (StepInline,)

    @admin.display(description=_("standing"))
    def standing(self, version: PolicyVersion) -> str:
        """Say whether a version is in force, was, or is a draft."""
        if not version.is_published:
            return gettext("draft")
        return gettext("in force") if version == PolicyVersion.objects.in_force() else gettext("earlier")

    def copy_to_draft(self, version: PolicyVersion, *, name: str, by: User, now: datetime) -> PolicyVersion:
        """Copy a table to a draft."""
        return services.copy_to_draft(version, name=name, by=by, now=now)

    def publish(self, version: PolicyVersion, *, by: User, now: datetime) -> None:
        """Put a table in force."""
        services.publish(version, by=by, now=now)


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
