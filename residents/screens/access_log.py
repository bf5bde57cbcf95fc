"""Who looked at personal data, and who tried to get in: the lines of the trail, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast, TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.clock import LOCAL_TZ, midnight
from accounts.models import AuditEntry, AuditEntryQuerySet, User
from accounts.paging import ListPage, page_of
from accounts.roles import Duty
from residents.access import Scope, scope_codes, within
from residents.models import Area, Post, Resident, ancestry
from residents.models.posts import PostQuerySet
from residents.policy import Purpose

FAILED = "accounts.log_in_failed"
SEARCHED = ("residents.searched", "cases.searched", "alerts.searched")
EXPORTED = ("residents.exported", "cases.exported")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the log can be narrowed to."""

    name: str
    label: str | Promise
    verbs: tuple[str, ...]


KINDS = (
    Kind("viewed", gettext_lazy("Opened, numbers masked"), ("residents.viewed", "cases.viewed")),
    Kind(
        "revealed",
        gettext_lazy("Numbers shown"),
        (
            "residents.revealed",
            "residents.resident_revealed",
            "alerts.contact_revealed",
            "alerts.message_revealed",
            "campaigns.names_opened",
            "cases.revealed",
        ),
    ),
    Kind("searched", gettext_lazy("Searched"), SEARCHED),
    Kind(
        "exported",
        gettext_lazy("Exported"),
        (*EXPORTED, "reports.exported", "sheets.file_ordered", "sheets.file_fetched"),
    ),
    Kind(
        "printed",
        gettext_lazy("Printed"),
        ("residents.printed", "residents.sheet_printed", "cases.printed", "reports.printed"),
    ),
    Kind("minor", gettext_lazy("Minor opened"), ("residents.minor_opened",)),
    Kind(
        "imported",
        gettext_lazy("Imported"),
        (
            "sheets.roster_handed_in",
            "sheets.roster_applied",
            "sheets.roster_undone",
            "sheets.roster_discarded",
            "sheets.alerts_handed_in",
            "sheets.alerts_applied",
            "sheets.alerts_undone",
            "sheets.alerts_discarded",
            "sheets.cases_handed_in",
            "sheets.cases_applied",
            "sheets.cases_undone",
            "sheets.cases_discarded",
            "sheets.row_settled",
        ),
    ),
    Kind("failed", gettext_lazy("Log-in failed"), (FAILED,)),
)

WORDS: Mapping[str, str | Promise] = {
    "accounts.log_in_failed": gettext_lazy("Somebody tried to log in as {about} and failed"),
    "alerts.contact_revealed": gettext_lazy("Had the name and the numbers of alert {about} shown"),
    "alerts.searched": gettext_lazy("Searched the alerts"),
    "alerts.message_revealed": gettext_lazy("Had the whole text of received message {about} shown"),
    "campaigns.names_opened": gettext_lazy("Had the names of those shown whom an outreach event may reach"),
    "cases.exported": gettext_lazy("Took cases out as a file"),
    "cases.printed": gettext_lazy("Printed case {about}"),
    "cases.revealed": gettext_lazy("Had the name and the number of the victim of case {about} shown"),
    "cases.searched": gettext_lazy("Searched the ledger of cases"),
    "cases.viewed": gettext_lazy("Opened case {about}, name masked"),
    "reports.exported": gettext_lazy("Took a report out as a file"),
    "reports.printed": gettext_lazy("Printed report {about}"),
    "residents.exported": gettext_lazy("Took residents out as a file"),
    "residents.minor_opened": gettext_lazy("Opened the record of a minor: {about}"),
    "residents.printed": gettext_lazy("Printed {about}"),
    "residents.resident_revealed": gettext_lazy("Opened {about} with all numbers in the administration"),
    "residents.revealed": gettext_lazy("Had the name and the numbers of {about} shown"),
    "residents.searched": gettext_lazy("Searched the roster"),
    "residents.sheet_printed": gettext_lazy("Printed all that is kept of {about} for them to take away"),
    "residents.viewed": gettext_lazy("Opened {about}, numbers masked"),
    "sheets.alerts_applied": gettext_lazy("Brought a list of alerts in"),
    "sheets.alerts_discarded": gettext_lazy("Discarded a list of alerts"),
    "sheets.alerts_handed_in": gettext_lazy("Handed a list of alerts in"),
    "sheets.alerts_undone": gettext_lazy("Took a list of alerts back"),
    "sheets.cases_applied": gettext_lazy("Brought an imported file into the ledger of cases"),
    "sheets.cases_discarded": gettext_lazy("Discarded an imported file of cases"),
    "sheets.cases_handed_in": gettext_lazy("Handed a file of cases in"),
    "sheets.cases_undone": gettext_lazy("Took an import of cases back"),
    "sheets.file_fetched": gettext_lazy("Downloaded ordered file {about}"),
    "sheets.file_ordered": gettext_lazy("Ordered file {about}"),
    "sheets.roster_applied": gettext_lazy("Brought an imported file into the roster"),
    "sheets.roster_discarded": gettext_lazy("Discarded an imported file"),
    "sheets.roster_handed_in": gettext_lazy("Handed a file of residents in"),
    "sheets.roster_undone": gettext_lazy("Took an import back"),
    "sheets.row_settled": gettext_lazy("Settled a parked row of an import"),
}
"""What each line means."""

DETAILS: Mapping[str, str | Promise] = {
    "reason": gettext_lazy("Reason"),
    "purpose": gettext_lazy("Purpose"),
    "recipient": gettext_lazy("Recipient"),
    "handed_to": gettext_lazy("Handed to"),
    "rows": gettext_lazy("Rows"),
    "found": pgettext_lazy("how many a search found", "Found"),
    "typed": gettext_lazy("Typed, masked"),
    "file": gettext_lazy("File"),
    "is_whole": gettext_lazy("Names and numbers whole"),
    "whole": gettext_lazy("Names and numbers whole"),
}
"""Of what else a line holds, what is worth reading here."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log."""

    at: datetime
    who: str
    what: str
    more: str
    area: str
    from_where: str
    is_failure: bool


def access_page(user: User, chosen: Mapping[str, Any], *, on: date, number: str) -> ListPage:
    """Return one page of the log of somebody's areas, the newest first; seven queries at most.

    What has no place of its own is shown where the person held a post on that day: a failed log-in, a search. One
    under a name that nobody has is shown to administrators. A file that left is shown to all whose residents may be in
    it: it is entered under one area, and whoever took it may keep the roster of several, or of one above.
    """
    codes = scope_codes(user, Duty.SEE_ACCESS, on)
    found = _narrowed(_in_scope(AuditEntry.objects.of_access(), codes), chosen)
    page = page_of(found.select_related("actor").order_by("-at", "-pk"), number=number, is_counted=False)
    return page.drawn_together(_lines)


def _in_scope(entries: AuditEntryQuerySet, codes: Scope) -> AuditEntryQuerySet:
    if codes is None:
        return entries
    ours = Post.objects.filter(within("area__code", codes))
    above = {code for one in codes for code in ancestry(one)}
    keepers = Post.objects.with_duty(Duty.KEEP_ROSTER).filter(within("area__code", codes) | Q(area__code__in=above))
    tried = Q(verb=FAILED, object_id__in=[str(pk) for pk in ours.values_list("user_id", flat=True).order_by()])
    return entries.annotate(day=TruncDate("at", tzinfo=LOCAL_TZ)).filter(
        within("area_code", codes)
        | (tried & _held(ours, by="object_id"))
        | (Q(verb__in=SEARCHED) & _held(ours, by="actor"))
        | (Q(verb__in=EXPORTED) & (Q(area_code="") | _held(keepers, by="actor")))
    )


def _held(posts: PostQuerySet, *, by: str) -> Exists:
    """Return the condition that somebody held one of these posts on the day of an entry."""
    runs = Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("day"))
    # What an entry is about is kept as text, and PostgreSQL holds no number against a text.
    of_whom = {"person": OuterRef(by)} if by == "object_id" else {"user": OuterRef(by)}
    people = posts.annotate(person=Cast("user_id", CharField()))
    return Exists(people.filter(runs, starts_on__lte=OuterRef("day"), **of_whom))


def _narrowed(entries: AuditEntryQuerySet, chosen: Mapping[str, Any]) -> AuditEntryQuerySet:
    if q := (chosen.get("q") or "").strip():
        people = list(User.objects.filter(Q(name__contains=q) | Q(username=q)).values_list("pk", flat=True))
        entries = entries.filter(Q(actor__in=people) | Q(verb=FAILED, object_id__in=[str(pk) for pk in people]))
    for kind in KINDS:
        if chosen.get("kind") == kind.name:
            entries = entries.filter(verb__in=kind.verbs)
    if since := chosen.get("since"):
        entries = entries.filter(at__gte=midnight(since))
    if until := chosen.get("until"):
        entries = entries.filter(at__lt=midnight(until + timedelta(days=1)))
    return entries


def _lines(entries: Sequence[AuditEntry]) -> list[Line]:
    """Return the entries in words. Three queries: the residents, the people and the areas they name."""
    residents = _named(Resident.objects.defer("phone", "id_number"), entries, of=Resident)
    people = _named(User.objects.defer("phone"), entries, of=User)
    codes = {entry.area_code for entry in entries} | {Area(code=entry.area_code).community_code for entry in entries}
    areas = dict(Area.objects.filter(code__in=codes - {""}).values_list("code", "name"))
    about = {Resident._meta.label_lower: residents, User._meta.label_lower: people}
    return [
        Line(
            at=entry.at,
            who=str(entry.actor) if entry.actor is not None else "",
            what=str(WORDS[entry.verb]).format(about=_about(entry, about)),
            more=_more(entry.detail),
            area=_place(entry.area_code, areas),
            from_where=entry.from_where,
            is_failure=entry.verb == FAILED,
        )
        for entry in entries
    ]


def _named(rows: Any, entries: Iterable[AuditEntry], *, of: type[Any]) -> dict[str, str]:
    pks = {entry.object_id for entry in entries if entry.object_type == of._meta.label_lower}
    return {str(one.pk): str(one) for one in rows.filter(pk__in=pks)} if pks else {}


def _about(entry: AuditEntry, named: Mapping[str, Mapping[str, str]]) -> str:
    if not entry.object_id:
        return _("nobody we know")
    return named.get(entry.object_type, {}).get(entry.object_id) or f"#{entry.object_id}"


def _more(detail: Mapping[str, Any]) -> str:
    said = [
        _("{label}: {value}").format(label=label, value=_value(detail[name]))
        for name, label in DETAILS.items()
        if isinstance(detail.get(name), str | int) and detail[name] != ""
    ]
    return " · ".join(said)


def _value(value: str | int) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(Purpose(value).label) if value in Purpose.values else str(value)


def _place(code: str, areas: Mapping[str, str]) -> str:
    community = Area(code=code).community_code
    names = dict.fromkeys([areas.get(community, ""), areas.get(code, "")])
    return " · ".join(name for name in names if name)
