"""The dossier (一人一档): all that is known of one resident and this reader may see, on one page.

The apps above add what they know without residents knowing them: each registers a ``Source`` when the program starts
(``alerts.screens.dossier``), which gives lines for the timeline and things to be done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import day
from accounts.models import User
from accounts.personal_data import mask_name
from accounts.roles import Duty
from residents import figures
from residents.access import may, scope_codes
from residents.models import FamilyContact, FollowUp, Pairing, Resident, Rule, Visit
from residents.policy import Mood, RuleName, VisitResult, days_overdue, monday_of
from residents.services import who_follows_up

LINES = 200
"""Lines of the timeline that a source gives at most, the newest."""

WEEKS = 8
"""Whole weeks of which the dossier says whether the visits were kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline. ``tone`` is "", good, alarm or quiet; ``photo`` the address of a picture."""

    at: datetime
    kind: str | Promise
    words: str
    note: str = ""
    tone: str = ""
    url: str = ""
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Do:
    """Something this reader may do about a resident, and where."""

    label: str | Promise
    url: str


class Source(Protocol):
    """What an app knows of residents. Each asks the database a fixed number of times."""

    def lines(self, resident: Resident, *, user: User, on: date) -> Iterable[Line]:
        """Return what this user may see of it."""

    def deeds(self, resident: Resident, *, user: User, on: date) -> Iterable[Do]:
        """Return what this user may do now."""


_SOURCES: list[Source] = []


def register_source(source: Source) -> None:
    """Have an app's lines and deeds in every dossier from now on; called once, when the program starts."""
    _SOURCES.append(source)


def timeline(resident: Resident, *, user: User, on: date) -> list[Line]:
    """Return every visit, outreach, alert and case of a resident that a user may see, the newest first."""
    found = [*_visits(resident), *(line for source in _SOURCES for line in source.lines(resident, user=user, on=on))]
    return sorted(found, key=lambda line: line.at, reverse=True)


def deeds(resident: Resident, *, user: User, on: date) -> list[Do]:
    """Return what the apps above offer this user to do about a resident."""
    return [deed for source in _SOURCES for deed in source.deeds(resident, user=user, on=on)]


RESULT_TONE = {VisitResult.MET: "good", VisitResult.PHONE_ONLY: "", VisitResult.NOT_HOME: "quiet"}


def _visits(resident: Resident) -> Iterable[Line]:
    for visit in Visit.objects.filter(resident=resident).select_related("by")[:LINES]:
        mood = str(Mood(visit.mood).label) if visit.mood in Mood.values else ""
        signs = _("Warning signs: {signs}").format(signs=_("; ").join(map(str, visit.sign_labels)))
        next_on = _("next time {day}").format(day=day(visit.next_on)) if visit.next_on else ""
        yield Line(
            at=visit.at,
            kind=_("Visit"),
            words=" · ".join(filter(None, [str(visit.get_result_display()), mood, str(visit.by), next_on])),
            note="\n".join(filter(None, [signs if visit.signs else "", visit.note])),
            tone="alarm" if visit.signs else RESULT_TONE.get(VisitResult(visit.result), ""),
            photo=reverse("residents:photo", args=[visit.pk]) if visit.photo else "",
        )


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody to call. ``number`` is empty until the numbers are open."""

    who: str
    name: str
    masked: str
    number: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody behind the same door."""

    url: str
    name: str
    facts: str
    relation: str


@dataclass(frozen=True, slots=True)
class Care:
    """Who looks after a resident, and how it stands. ``overdue`` is in days; ``is_manned`` false says that the carer
    holds no post here any more."""

    pairing: Pairing
    is_manned: bool
    met_on: date | None
    due_on: date
    overdue: int
    kept: str


@dataclass(frozen=True, slots=True)
class Again:
    """A follow-up that is still to be made, and by whom; ``url`` leads to it for who may cancel it or give it away."""

    why: str
    due_on: date
    overdue: int
    who: str
    url: str


@dataclass(frozen=True, slots=True)
class May:
    """What this reader may press."""

    visit: bool
    pair: bool
    keep: bool
    sheet: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the page shows; name and numbers masked unless they were opened."""

    resident: Resident
    is_open: bool
    name: str
    phone: str
    id_number: str
    age: str
    facts: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    app: str
    legal: tuple[tuple[str, str], ...]
    callers: tuple[Caller, ...]
    household: tuple[Neighbour, ...]
    care: Care | None
    earlier: tuple[Pairing, ...]
    follow_ups: tuple[Again, ...]
    timeline: list[Line]
    deeds: list[Do]
    may: May
    gone: str
    merged_into: int | None


def dossier(resident: Resident, *, user: User, is_open: bool, on: date) -> Dossier:
    """Return a resident's dossier for a reader. The resident comes with grid, household and memberships."""
    pairings = Pairing.objects.of_residents([resident]).with_last_visits().select_related("carer")
    running = [one for one in pairings if one.ends_on is None or one.ends_on >= on]
    present = next((one for one in running if one.starts_on <= on), None)
    is_here = resident.ended_on is None
    code = resident.grid.code
    return Dossier(
        resident=resident,
        is_open=is_open,
        name=resident.name if is_open else resident.masked_name,
        phone=resident.phone if is_open else resident.masked_phone,
        id_number=resident.id_number if is_open else resident.masked_id_number,
        age=_age(resident, on),
        facts=_facts(resident),
        groups=tuple(str(group.label) for group in resident.groups),
        app=app_words(resident),
        legal=_legal(resident),
        callers=tuple(callers(resident, is_open=is_open)),
        household=_household(resident, user=user, on=on),
        care=_care(present, resident, on=on) if present is not None else None,
        earlier=tuple(one for one in pairings if one is not present),
        follow_ups=_follow_ups(resident, gives=is_here and may(user, Duty.PAIR, code, on), on=on),
        timeline=timeline(resident, user=user, on=on),
        deeds=deeds(resident, user=user, on=on) if is_here else [],
        may=May(
            visit=is_here
            and scope_codes(user, Duty.VISIT, on) != ()
            and Resident.objects.visited_by(user, on=on).filter(pk=resident.pk).exists(),
            pair=is_here and may(user, Duty.PAIR, code, on),
            keep=resident.anonymised_at is None and may(user, Duty.KEEP_ROSTER, code, on),
            sheet=may(user, Duty.SEE_RESIDENTS, code, on),
        ),
        gone=_gone(resident),
        merged_into=_seen_pk(resident.merged_into_id, user=user, on=on),
    )


def callers(resident: Resident, *, is_open: bool) -> Iterable[Caller]:
    """Yield whom to call: the resident, then the family in its order."""
    if resident.phone:
        name = resident.name if is_open else resident.masked_name
        yield Caller(_("Resident"), name, resident.masked_phone, resident.phone if is_open else "")
    for contact in resident.family_contacts.all():
        yield _relative(contact, is_open=is_open)


def _relative(contact: FamilyContact, *, is_open: bool) -> Caller:
    name = contact.name if is_open else mask_name(contact.name)
    return Caller(contact.relation or _("Family"), name, contact.masked_phone, contact.phone if is_open else "")


def app_words(resident: Resident) -> str:
    """Say whether the National Anti-Fraud Centre app is installed, with the call warning; "" where nobody asked."""
    if resident.has_app is None:
        return ""
    if not resident.has_app:
        return _("not installed")
    if resident.has_call_warning is None:
        return _("installed; call warning not asked for")
    return _("installed, call warning on") if resident.has_call_warning else _("installed, call warning off")


def _age(resident: Resident, on: date) -> str:
    age = resident.age(on)
    return "" if age is None else ngettext("%(age)d year", "%(age)d years", age) % {"age": age}


def _facts(resident: Resident) -> tuple[tuple[str, str], ...]:
    facts = (
        (_("Sex"), str(resident.get_sex_display())),
        (_("Born on"), day(resident.birth_on) if resident.birth_on else ""),
        (_("Kind of residence"), str(resident.get_residence_display())),
        (_("Moved in on"), day(resident.moved_in_on) if resident.moved_in_on else ""),
        (_("Occupation"), resident.occupation),
        (_("Relation to the head of the household"), resident.relation),
    )
    return tuple((name, value) for name, value in facts if value)


def _legal(resident: Resident) -> tuple[tuple[str, str], ...]:
    facts = (
        (_("Legal basis"), str(resident.get_legal_basis_display())),
        (_("Consent given on"), day(resident.consent_on) if resident.consent_on else ""),
        (_("Consent withdrawn on"), day(resident.consent_withdrawn_on) if resident.consent_withdrawn_on else ""),
    )
    return tuple((name, value) for name, value in facts if value)


def _household(resident: Resident, *, user: User, on: date) -> tuple[Neighbour, ...]:
    if resident.household_id is None:
        return ()
    others = Resident.objects.visible_to(user, on=on).living_here().filter(household=resident.household_id)
    return tuple(
        Neighbour(
            url=reverse("residents:detail", args=[other.pk]),
            name=other.masked_name,
            facts=other.short_facts(on),
            relation=other.relation,
        )
        for other in others.exclude(pk=resident.pk).prefetch_related("memberships")
    )


def _care(pairing: Pairing, resident: Resident, *, on: date) -> Care:
    due_on = pairing.due_on(every_days=Rule.objects.number(RuleName.VISIT_EVERY_DAYS))
    mondays = [monday_of(on) - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    kept = figures.total(figures.dues(Pairing.objects.of_residents([resident]), mondays=mondays))
    return Care(
        pairing=pairing,
        is_manned=may(pairing.carer, Duty.VISIT, resident.grid.code, on),
        met_on=pairing.met_on,
        due_on=due_on,
        overdue=days_overdue(due_on, on),
        kept=str(kept) if kept.due else "",
    )


def _follow_ups(resident: Resident, *, gives: bool, on: date) -> tuple[Again, ...]:
    rows = list(FollowUp.objects.open().of_resident(resident).select_related("resident__grid"))
    people = who_follows_up(rows, on=on) if rows else {}
    return tuple(
        Again(
            why=one.words,
            due_on=one.due_on,
            overdue=one.overdue(on),
            who=_("; ").join(str(person) for person in people[one.pk]),
            url=reverse("residents:follow_up", args=[one.pk]) if gives else "",
        )
        for one in rows
    )


def _gone(resident: Resident) -> str:
    if resident.ended_on is None:
        return ""
    return (
        _("No longer here since {day}. {why}")
        .format(day=day(resident.ended_on), why=resident.get_departure_display())
        .strip()
    )


def _seen_pk(pk: int | None, *, user: User, on: date) -> int | None:
    """Return the number of another resident where this reader may see them."""
    if pk is None or not Resident.objects.visible_to(user, on=on).filter(pk=pk).exists():
        return None
    return pk
