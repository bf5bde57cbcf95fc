"""How the year's score changes: the sheet in versions, points and vetoes by hand, what is kept month by month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.services import record
from reports.models import (
    HandPoints,
    ScoreLine,
    ScorePolicy,
    ScoreSnapshot,
    VetoFound,
)
from reports.policy.scores import BY_HAND, VetoKind
from reports.services.common import ReportsError, lock_area
from residents.models import Area

# ── the sheet ────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def copy_to_draft(policy: ScorePolicy, *, name: str, by: User, now: datetime) -> ScorePolicy:
    """Return a new draft with the same lines and vetoes, for this year on."""
    draft = ScorePolicy.objects.create(
        name=name,
        from_year=local(now).year,
        red_below=policy.red_below,
        yellow_below=policy.yellow_below,
        leaves_out=policy.leaves_out,
        created_at=now,
    )
    for line in policy.lines.all():
        line.pk, line.policy = None, draft
        line.save(force_insert=True)
    for veto in policy.vetoes.all():
        veto.pk, veto.policy = None, draft
        veto.save(force_insert=True)
    record("reports.score_sheet_copied", by=by, at=now, about=draft, detail={"from": policy.pk})
    return draft


@transaction.atomic
def publish(policy: ScorePolicy, *, by: User, now: datetime) -> ScorePolicy:
    """Put a draft in force from its year on. A year that is over keeps the sheet it was scored under.

    Raises ``ReportsError`` naming each fault, for a year that is over, and where it is published already.
    """
    locked = ScorePolicy.objects.select_for_update().get(pk=policy.pk)
    if locked.is_published:
        raise ReportsError(_("This version is published already; copy it to a draft to change it."))
    faults = locked.faults()
    if locked.from_year < local(now).year:
        faults.append(_("A year that is over keeps its sheet: choose this year or a later one."))
    if faults:
        raise ReportsError("\n".join(faults))
    locked.published_at, locked.published_by = now, by
    locked.save(update_fields=["published_at", "published_by"])
    record("reports.score_sheet_published", by=by, at=now, about=locked, detail={"from_year": locked.from_year})
    return locked


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def give_points(
    *,
    community: Area,
    year: int,
    line: ScoreLine,
    points: Decimal,
    evidence: str,
    photo: bytes = b"",
    by: User,
    now: datetime,
) -> HandPoints:
    """Give a community the points of a line that no data tell; what stood before is kept in the trail.

    Raises ``ReportsError`` for a line that is counted, for more points than it has, and without evidence.
    """
    if not line.as_line().is_by_hand:
        raise ReportsError(_("This line is counted from the data; nobody gives its points by hand."))
    if not 0 <= points <= line.most:
        raise ReportsError(_("Between 0 and {most} points.").format(most=line.most))
    if not evidence.strip():
        raise ReportsError(_("Write down what the points rest on."))
    lock_area(community)
    there = HandPoints.objects.of_line(community, year, line.key)
    before = {"points": str(there.points), "evidence": there.evidence} if there else {}
    given = there or HandPoints(community=community, year=year, line_key=line.key)
    given.points, given.evidence, given.by, given.at = points, evidence.strip(), by, now
    if photo:
        given.photo.save(f"{community.code}-{line.key}.jpg", ContentFile(photo), save=False)
    given.save()
    detail = {"year": year, "line": line.key, "points": str(points), "before": before}
    record("reports.points_given", by=by, at=now, about=given, area_code=community.code, detail=detail)
    return given


@transaction.atomic
def find_veto(*, community: Area, year: int, kind: VetoKind, evidence: str, by: User, now: datetime) -> VetoFound:
    """Write down what alone keeps a community from being no-fraud; pressed twice, it is written once.

    Raises ``ReportsError`` for what the data tell, and without evidence.
    """
    if kind not in BY_HAND:
        raise ReportsError(_("The data tell this; nobody writes it down by hand."))
    if not evidence.strip():
        raise ReportsError(_("Write down what was found, when, and by whom."))
    lock_area(community)
    fields = {"community": community, "year": year, "kind": kind, "evidence": evidence.strip(), "by": by}
    if (there := VetoFound.objects.standing().filter(**fields).first()) is not None:
        return there
    found = VetoFound.objects.create(**fields, at=now)
    detail = {"year": year, "kind": kind}
    record("reports.veto_found", by=by, at=now, about=found, area_code=community.code, detail=detail)
    return found


@transaction.atomic
def lift_veto(found: VetoFound, *, why: str, by: User, now: datetime) -> VetoFound:
    """Lift a veto that was wrong, with the reason. Raises ``ReportsError`` where it was lifted already."""
    locked = VetoFound.objects.select_for_update(of=("self",)).select_related("community").get(pk=found.pk)
    if locked.lifted_at is not None:
        raise ReportsError(_("This veto was lifted already."))
    locked.lifted_at, locked.lifted_by, locked.lifted_why = now, by, why
    locked.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    record("reports.veto_lifted", by=by, at=now, about=locked, area_code=locked.community.code, detail={"why": why})
    return locked


# ── month by month ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Standing:
    """A community's score to be kept: its code, points, whether it is vetoed, what each line found."""

    code: str
    points: Decimal
    is_vetoed: bool
    counts: Mapping[str, Sequence[str]]


KEPT = ("points", "is_vetoed", "counts", "taken_at")


@transaction.atomic
def keep_snapshots(scores: Collection[Standing], *, month: date, now: datetime) -> int:
    """Keep the scores of a month, over what was kept of it before; return how many."""
    communities = dict(Area.objects.communities().values_list("code", "pk"))
    rows = [
        ScoreSnapshot(
            community_id=communities[one.code],
            month=month,
            points=one.points,
            is_vetoed=one.is_vetoed,
            counts={key: list(counts) for key, counts in one.counts.items()},
            taken_at=now,
        )
        for one in scores
        if one.code in communities
    ]
    ScoreSnapshot.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["community", "month"], update_fields=KEPT
    )
    record("reports.scores_kept", by=None, at=now, detail={"month": month.isoformat(), "rows": len(rows)})
    return len(rows)
