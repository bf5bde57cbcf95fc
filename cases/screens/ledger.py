"""The ledger (台账): the list with its sums, and the page of one case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import ExtractHour
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.clock import LOCAL_TZ
from accounts.formats import day, headline, hour_minute, yuan
from accounts.models import AuditEntry, User
from accounts.paging import ListPage, page_of
from accounts.personal_data import mask_phone
from accounts.roles import Duty
from accounts.rows import key_in
from alerts.models import Alert
from alerts.screens.clock import lasted
from cases.importers.words import label_of
from cases.models import Case, CaseQuerySet
from cases.policy import UNKNOWN, DatedBy, Status, Within
from knowledge.models import FraudType
from residents.access import may
from residents.models import Resident

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list, masked."""

    pk: int
    at: str
    victim: str
    facts: str
    place: str
    kind: str
    is_elder: bool
    lost: str
    returned: str
    status: str
    is_withdrawn: bool
    warned: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What the cases that are shown add up to, in short."""

    number: int
    lost: str
    returned: str
    prevented: str


def narrowed(cases: CaseQuerySet, chosen: Mapping[str, Any]) -> CaseQuerySet:
    """Return the cases that fit what was chosen; what was left empty narrows nothing. Withdrawn ones are asked for."""
    status = chosen.get("status")
    cases = cases.filter(status=status) if status else cases.counted()
    if area := chosen.get("area"):
        cases = cases.within(area)
    cases = _dated(cases, chosen)
    if kind := chosen.get("type"):
        cases = cases.filter(fraud_type__in=FraudType.objects.under(kind).values("pk"))
    if elder := chosen.get("elder"):
        cases = cases.filter(is_elder_fraud=elder == "yes")
    if warned := chosen.get("warned"):
        cases = cases.warned() if warned == "yes" else cases.not_warned()
    return _of_victims(_of_frauds(cases, chosen), chosen)


def _dated(cases: CaseQuerySet, chosen: Mapping[str, Any]) -> CaseQuerySet:
    since, until = chosen.get("since"), chosen.get("until")
    dated_by = DatedBy(chosen.get("dated_by") or DatedBy.REPORTED)
    if not since and not until:
        return cases
    return cases.between(since or FIRST_DAY, (until or LAST_DAY) + timedelta(days=1), dated_by=dated_by)


def _of_frauds(cases: CaseQuerySet, chosen: Mapping[str, Any]) -> CaseQuerySet:
    """Narrow by what happened: how much was lost, by what way, in which hour of the day."""
    if amount := chosen.get("amount"):
        cases = cases.filter(_in_span("amount_lost", amount, is_last_counted=False))
    if approach := chosen.get("approach"):
        cases = cases.filter(approach="" if approach == UNKNOWN else approach)
    if hour := chosen.get("hour"):
        if hour == UNKNOWN:
            return cases.filter(occurred_at__isnull=True)
        cases = cases.annotate(hour=ExtractHour("occurred_at", tzinfo=LOCAL_TZ)).filter(hour=int(hour))
    return cases


def _of_victims(cases: CaseQuerySet, chosen: Mapping[str, Any]) -> CaseQuerySet:
    """Narrow by who was defrauded."""
    if age := chosen.get("age"):
        cases = cases.filter(_in_span("victim_age", age, is_last_counted=True))
    for name in ("sex", "residence", "occupation"):
        if value := chosen.get(name):
            cases = cases.filter(**{f"victim_{name}": "" if value == UNKNOWN else value})
    return cases


def _in_span(name: str, span: Within | str, *, is_last_counted: bool) -> Q:
    if not isinstance(span, Within):
        return Q(**{f"{name}__isnull": True})
    condition = Q(**{f"{name}__gte": span.least})
    if span.most is None:
        return condition
    return condition & Q(**{f"{name}__{'lte' if is_last_counted else 'lt'}": span.most})


def meant(cases: CaseQuerySet, text: str) -> CaseQuerySet:
    """Return the cases a text means: our number, that of the police, or a victim whose name is or begins so."""
    bare = text.strip()
    if not bare:
        return cases
    condition = Q(number=bare) | Q(victim_name__startswith=bare)
    if (key := key_in(bare.removeprefix("#"))) is not None:
        condition |= Q(pk=key)
    return cases.filter(condition)


def page_of_cases(cases: CaseQuerySet, *, number: str) -> ListPage:
    """Return one page of the ledger, the newest first; two queries."""
    along = cases.select_related("fraud_type", "community", "grid").newest_first()
    along = along.defer("victim_phone", "story", "note")
    return page_of(along, number=number, counted=cases).drawn(_row)


def sums_of(cases: CaseQuerySet, page: ListPage) -> Sums | None:
    """Return what the cases add up to, in one query; None where there are more than are counted."""
    if page.is_capped:
        return None
    added = cases.order_by().aggregate(
        lost=Sum("amount_lost"), back=Sum("amount_returned"), kept=Sum("amount_prevented")
    )
    lost, back, kept = (headline(added[name] or Decimal(0)) for name in ("lost", "back", "kept"))
    return Sums(page.count, lost, back, kept)


def _row(case: Case) -> Row:
    return Row(
        pk=case.pk,
        at=day(case.reported_at),
        victim=case.masked_victim,
        facts=_facts(case),
        place=case.grid.name if case.grid is not None else case.community.name,
        kind=case.fraud_type.name,
        is_elder=case.is_elder_fraud,
        lost=yuan(case.amount_lost),
        returned=yuan(case.amount_returned) if case.amount_returned else "",
        status=str(case.get_status_display()),
        is_withdrawn=case.status == Status.WITHDRAWN,
        warned="yes" if case.had_warning else "no" if case.was_warned is False else "",
    )


def _facts(case: Case) -> str:
    age = "" if case.victim_age is None else _("%(age)d years") % {"age": case.victim_age}
    return " · ".join(part for part in (str(case.get_victim_sex_display()), age) if part)


# ── one case ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Pairs = tuple[tuple[str | Promise, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was done with a case."""

    at: datetime
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The alert a case came of, or its resident: where it is, and what is said of it. No address where one may not."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything the page of a case shows."""

    case: Case
    victim: str
    phone: str
    about: Pairs
    money: Pairs
    person: Pairs
    police: Pairs
    alert: Linked | None
    resident: Linked | None
    timeline: list[Line]
    is_open: bool
    may_keep: bool
    is_withdrawn: bool


def case_page(case: Case, *, user: User, is_open: bool, on: date) -> CasePage:
    """Return the page of a case; ``is_open`` says whether this reader has opened the victim's name and number."""
    name, phone = case.victim_name, case.victim_phone
    return CasePage(
        case=case,
        victim=(name if is_open else case.masked_victim) or _("nobody named"),
        phone=phone if is_open else mask_phone(phone),
        about=_about(case),
        money=_money(case),
        person=_person(case),
        police=_police(case),
        alert=_alert(case, user=user, on=on),
        resident=_resident(case, user=user, on=on),
        timeline=_timeline(case),
        is_open=is_open,
        may_keep=may(user, Duty.KEEP_CASES, case.area_code, on),
        is_withdrawn=case.status == Status.WITHDRAWN,
    )


def _pairs(*pairs: tuple[str | Promise, str]) -> Pairs:
    return tuple(pair for pair in pairs if pair[1])


def _moment(at: datetime | None) -> str:
    return f"{day(at)} {hour_minute(at)}" if at is not None else ""


def _about(case: Case) -> Pairs:
    kind = case.fraud_type
    return _pairs(
        (_("Type of fraud"), f"{kind.parent.name} › {kind.name}" if kind.parent is not None else kind.name),
        (_("Elder fraud"), _("yes") if case.is_elder_fraud else ""),
        (_("Way of contact"), str(case.get_approach_display())),
        (_("Happened at"), _moment(case.occurred_at)),
        (_("Where it happened"), case.place_happened),
    )


def _money(case: Case) -> Pairs:
    judged = _("%(amount)s (estimate of %(who)s)") % {
        "amount": yuan(case.amount_prevented),
        "who": case.prevented_judged_by or _("nobody named"),
    }
    return _pairs(
        (_("Lost"), yuan(case.amount_lost)),
        (_("Frozen"), yuan(case.amount_frozen) if case.amount_frozen else ""),
        (_("Returned"), yuan(case.amount_returned) if case.amount_returned else ""),
        (_("Prevented"), judged if case.amount_prevented else ""),
    )


def _person(case: Case) -> Pairs:
    grid = f" · {case.grid.name}" if case.grid is not None else ""
    return _pairs(
        (_("Lives in"), f"{case.community.name}{grid}"),
        (_("Sex and age"), _facts(case)),
        (_("Occupation"), case.victim_occupation),
        (_("Group"), str(case.get_victim_group_display())),
        (_("Residence"), str(case.get_victim_residence_display())),
    )


def _police(case: Case) -> Pairs:
    warned = {None: "", False: _("none, by the office's ledger"), True: _moment(case.warned_at) or _("yes")}
    return _pairs(
        (_("Status"), str(case.get_status_display())),
        (_("Reported at"), _moment(case.reported_at)),
        (_("Filed on"), day(case.filed_on) if case.filed_on is not None else ""),
        (_("Number of the police"), case.number),
        (_("Warning"), warned[case.was_warned]),
        (_("Note"), case.note),
    )


def _alert(case: Case, *, user: User, on: date) -> Linked | None:
    if case.alert_id is None:
        return None
    alert = Alert.objects.visible_to(user, on=on).without_phone().filter(pk=case.alert_id).first()
    if alert is None:
        return Linked("", _("#%(number)d, in another area") % {"number": case.alert_id})
    words = [f"#{alert.pk}", str(alert.get_level_display()), _("received %(at)s") % {"at": _moment(alert.received_at)}]
    if alert.dispatched_at:
        words.append(_("at the grid after %(span)s") % {"span": lasted(alert.dispatched_at - alert.received_at)})
    if alert.accepted_at and alert.dispatched_at:
        words.append(_("accepted after %(span)s more") % {"span": lasted(alert.accepted_at - alert.dispatched_at)})
    return Linked(reverse("alerts:detail", args=[alert.pk]), " · ".join(words))


def _resident(case: Case, *, user: User, on: date) -> Linked | None:
    if case.resident_id is None:
        return None
    found = Resident.objects.visible_to(user, on=on).defer("phone", "id_number").filter(pk=case.resident_id).first()
    if found is None:
        return Linked("", _("on the roster"))
    return Linked(reverse("residents:detail", args=[found.pk]), found.masked_name)


WORDS: Mapping[str, str | Promise] = {
    "cases.entered": gettext_lazy("Entered into the ledger"),
    "cases.corrected": gettext_lazy("Corrected: {fields}"),
    "cases.withdrawn": gettext_lazy("Withdrawn"),
    "cases.brought_back": gettext_lazy("Brought back"),
}
"""What of the trail stands on a case's page; who looked at it stands in the log of access."""


def _timeline(case: Case) -> list[Line]:
    """Return what was done with a case, the oldest first. What a file brought in has no entry of its own."""
    entries = AuditEntry.objects.about(case).filter(verb__in=list(WORDS)).select_related("actor").order_by("at", "pk")
    lines = [Line(entry.at, str(entry.actor or ""), _said(entry)) for entry in entries]
    if not any(entry.verb == "cases.entered" for entry in entries):
        lines.insert(0, Line(case.created_at, str(case.created_by or ""), _("Came in with a file")))
    return lines


def _said(entry: AuditEntry) -> str:
    fields = [label_of(name) for name in entry.detail.get("fields", [])]
    return str(WORDS[entry.verb]).format(fields=_(", ").join(fields))
