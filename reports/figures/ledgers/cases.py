"""The cases of a period, and what their look-backs found."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.policy import Span
from cases.models import Case, LookBack
from cases.policy import DatedBy


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the ledger; amounts in yuan."""

    pk: int
    number: str
    status: str
    reported_at: datetime
    occurred_at: datetime | None
    fraud_type: str
    is_elder: bool
    approach: str
    grid: str
    victim: str
    sex: str
    age: int | None
    occupation: str
    residence: str
    lost: Decimal
    frozen: Decimal
    returned: Decimal
    prevented: Decimal
    was_warned: bool
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class LookbackRow:
    """What the look-back of one case found; "" for what nobody has said yet."""

    pk: int
    reported_at: datetime
    fraud_type: str
    grid: str
    victim: str
    proposed: str
    verdict: str
    cause: str
    shortcoming: str
    remedy: str
    owner: str
    done_on: date | None
    area_code: str = ""


def _named(case: Case) -> str:
    """Return the masked name; of a child none at all (PIPL, article 28)."""
    if case.is_minors:
        return _("(a minor)")
    return case.masked_victim


def case_rows(area_code: str, span: Span, *, dated_by: DatedBy, most: int) -> list[CaseRow]:
    """Return the cases that figures count, by the date the report names, in the order they were reported."""
    cases = Case.objects.within(area_code).counted().between(span.first, span.after, dated_by=dated_by)
    return [
        CaseRow(
            pk=case.pk,
            number=case.number,
            status=str(case.get_status_display()),
            reported_at=case.reported_at,
            occurred_at=case.occurred_at,
            fraud_type=case.fraud_type.name,
            is_elder=case.is_elder_fraud,
            approach=str(case.get_approach_display()),
            grid=case.grid.name if case.grid is not None else case.community.name,
            victim=_named(case),
            sex=str(case.get_victim_sex_display()),
            age=case.victim_age,
            occupation=case.victim_occupation,
            residence=str(case.get_victim_residence_display()),
            lost=case.amount_lost,
            frozen=case.amount_frozen,
            returned=case.amount_returned,
            prevented=case.amount_prevented,
            was_warned=case.had_warning,
            area_code=case.area_code,
        )
        for case in cases.select_related("fraud_type", "grid", "community")
        .defer("story", "note", "victim_phone")
        .order_by("reported_at", "pk")[:most]
    ]


def lookback_rows(area_code: str, span: Span, *, dated_by: DatedBy, most: int) -> list[LookbackRow]:
    """Return the look-back of each case of a period; a case that nobody has looked back on has a row that says so."""
    rows = case_rows(area_code, span, dated_by=dated_by, most=most)
    made = LookBack.objects.filter(case__in=[row.pk for row in rows]).prefetch_related("remedies__owner")
    looked = {one.case_id: one for one in made.defer("evidence")}
    return [_looked_back(row, looked.get(row.pk)) for row in rows]


def _looked_back(row: CaseRow, made: LookBack | None) -> LookbackRow:
    remedies = list(made.remedies.all()) if made is not None else []
    done = [one.mended_on for one in remedies]
    return LookbackRow(
        pk=row.pk,
        reported_at=row.reported_at,
        fraud_type=row.fraud_type,
        grid=row.grid,
        victim=row.victim,
        proposed=str(made.get_proposed_display()) if made is not None else "",
        verdict=str(made.get_verdict_display()) if made is not None and made.confirmed_at else "",
        cause=made.cause if made is not None else "",
        shortcoming=made.shortcoming if made is not None else "",
        remedy=_("; ").join(one.what for one in remedies),
        owner=_("; ").join(dict.fromkeys(str(one.owner) for one in remedies if one.owner is not None)),
        done_on=max(filter(None, done), default=None) if all(done) else None,
        area_code=row.area_code,
    )
