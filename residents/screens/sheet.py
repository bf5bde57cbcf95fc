"""Everything that is kept of one resident, in whole words, for them to take home (PIPL, articles 44 to 47)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from accounts.clock import LOCAL_TZ
from accounts.formats import day
from accounts.models import AuditEntry
from residents.models import Area, Pairing, Resident, ancestry

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Looked:
    """How often somebody looked in one month."""

    month: date
    count: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page."""

    name: str
    community: str
    facts: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str, str], ...]
    carers: tuple[tuple[str, date, date | None], ...]
    visits: tuple[tuple[date, str, str, str, bool], ...]
    basis: tuple[tuple[str, str], ...]
    looked: tuple[Looked, ...]
    looked_total: int
    is_anonymised: bool


def sheet_of(resident: Resident) -> Sheet:
    """Return everything that is kept of a resident. Nine queries."""
    names = dict(Area.objects.filter(code__in=ancestry(resident.grid.code)).values_list("code", "name"))
    community = names.get(resident.grid.community_code, "")
    looked = _looked(resident)
    return Sheet(
        name=resident.name or resident.masked_name,
        community=community,
        facts=tuple(_facts(resident, community)),
        family=tuple((one.name, one.relation or UNKNOWN, one.phone) for one in resident.family_contacts.all()),
        carers=tuple(
            (str(pairing.carer), pairing.starts_on, pairing.ends_on)
            for pairing in Pairing.objects.filter(resident=resident).select_related("carer").order_by("starts_on")
        ),
        visits=tuple(
            (
                visit.at.astimezone(LOCAL_TZ).date(),
                visit.get_result_display(),
                " · ".join([str(visit.get_mood_display()), *map(str, visit.sign_labels)]).strip(" ·"),
                visit.note,
                bool(visit.photo),
            )
            for visit in resident.visits.all()
        ),
        basis=tuple(_basis(resident)),
        looked=looked,
        looked_total=sum(month.count for month in looked),
        is_anonymised=resident.anonymised_at is not None,
    )


def _facts(resident: Resident, community: str) -> Iterable[tuple[str, str]]:
    """Yield what stands in the row, each with its name; what is not known says so."""

    def named(field: str, said: Any) -> tuple[str, str]:
        return str(Resident._meta.get_field(field).verbose_name), str(said) if said not in (None, "") else UNKNOWN  # type: ignore[union-attr]

    yield named("name", resident.name)
    yield named("sex", resident.get_sex_display())
    yield named("birth_on", resident.birth_on and day(resident.birth_on))
    yield named("phone", resident.phone)
    yield named("id_number", resident.id_number)
    yield _("Address"), " ".join(part for part in (community, resident.grid.name, resident.address) if part)
    yield named("relation", resident.relation)
    yield named("residence", resident.get_residence_display())
    yield named("moved_in_on", resident.moved_in_on and day(resident.moved_in_on))
    yield named("occupation", resident.occupation)
    yield _("Groups"), "、".join(str(group.label) for group in resident.groups) or UNKNOWN
    yield named("has_app", _yes_no(resident.has_app))
    yield named("has_call_warning", _yes_no(resident.has_call_warning))
    yield named("devices", resident.devices)
    yield named("risks", resident.risks)
    yield named("note", resident.note)
    if resident.ended_on is not None:
        yield named("ended_on", day(resident.ended_on))
        yield named("departure", resident.get_departure_display())


def _basis(resident: Resident) -> Iterable[tuple[str, str]]:
    yield _("Where it comes from"), _("The roster of the community, from what you, your family or the grid told us.")
    yield _("On the roster since"), day(resident.created_at)
    yield _("Legal basis"), str(resident.get_legal_basis_display())
    yield _("Consent given on"), day(resident.consent_on) if resident.consent_on else UNKNOWN
    yield _("Consent withdrawn on"), day(resident.consent_withdrawn_on) if resident.consent_withdrawn_on else UNKNOWN


def _looked(resident: Resident) -> tuple[Looked, ...]:
    months = AuditEntry.objects.about(resident).of_access().order_by()
    counted = months.annotate(month=TruncMonth("at", tzinfo=LOCAL_TZ)).values("month").annotate(count=Count("pk"))
    return tuple(Looked(row["month"].date(), row["count"]) for row in counted.order_by("month"))


def _yes_no(answer: bool | None) -> str:
    return {True: _("yes"), False: _("no")}.get(answer, "") if answer is not None else ""
