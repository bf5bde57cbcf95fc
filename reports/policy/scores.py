"""How a year's score of a no-fraud community (无电诈社区) is counted: lines of a sheet, vetoes, colours, ranks.

Sources: S2 (no resident defrauded, no suspect, no den; judged yearly; open and unannounced inspections; commendation;
two pushes a week, bulletins each month), S1 (5, 10 and 30 minutes; weekly visits), S3 (newcomers are reached). None
of them gives points: the weights below are shipped as a first version that an administrator copies and changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

WHOLE = Decimal(100)
TENTH = Decimal("0.1")


class Measure(TextChoices):
    """What a line counts. All but the last are shares or changes, in per cent."""

    ZERO_DAYS = "zero_days", _("Days without a case, of all days")
    CASES_CHANGE = "cases_change", _("Cases against the same days last year")
    LOSSES_CHANGE = "losses_change", _("Losses against the same days last year")
    ELDERS = "elders", _("Residents of 60 and over reached on site")
    EVERYBODY = "everybody", _("Residents reached on site, at the door or by phone")
    PLEDGES = "pledges", _("Pledges signed, for each household")
    APPS = "apps", _("Residents with the app installed")
    VISITS = "visits", _("Weekly visits kept")
    DISPATCH = "dispatch", _("Alerts that reached the grid in time")
    HIGH = "high", _("High-risk alerts handled in time")
    MEDIUM = "medium", _("Medium-risk alerts handled in time")
    PUSHES = "pushes", _("Weeks in which chat groups were pushed to often enough")
    SITES = "sites", _("Publicity sites refreshed in time")
    NEWCOMERS = "newcomers", _("Newcomers and tenants reached in time")
    LOOKBACKS = "lookbacks", _("Look-backs confirmed")
    BULLETINS = "bulletins", _("Monthly reports signed in time")
    HAND = "hand", _("By hand, with evidence")


CONFIRMED_WITHIN = timedelta(days=30)
"""So long after a case was reported its look-back should be confirmed."""
SIGNED_WITHIN = timedelta(days=10)
"""So long after a month its report should be signed: on the 10th the bulletin goes out (S2: monthly)."""

CHANGES = frozenset({Measure.CASES_CHANGE, Measure.LOSSES_CHANGE})
"""Measured against last year: (this − last) / last. All others are a part of a whole."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a measure found: a part of a whole, or this year's number (``part``) against last year's (``whole``)."""

    part: Decimal = Decimal(0)
    whole: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sheet: all its points at ``full_at`` per cent or beyond, none at ``none_at``, linear between.

    Where ``full_at`` lies below ``none_at``, less is better. ``is_full_of_nothing``: whether nothing having fallen due
    (no alert came) is nobody's fault: it has all its points then, or is left out where the sheet says so
    (``is_left_out``); otherwise it has none (no chat group is there).
    """

    key: str
    measure: Measure
    most: Decimal
    full_at: Decimal = WHOLE
    none_at: Decimal = Decimal(0)
    is_full_of_nothing: bool = False

    @property
    def is_by_hand(self) -> bool:
        """Whether a supervisor gives the points."""
        return self.measure == Measure.HAND


def percent_of(measure: Measure, counts: Counts) -> Decimal | None:
    """Return what is held against the scale, in per cent; None where there was nothing to measure.

    A change from nothing to something has no percentage: it is beyond every scale (``Infinity``).
    """
    if measure not in CHANGES:
        return WHOLE * counts.part / counts.whole if counts.whole else None
    if counts.whole:
        return WHOLE * (counts.part - counts.whole) / counts.whole
    return Decimal("Infinity") if counts.part else None


def points_of(line: Line, counts: Counts) -> Decimal:
    """Return a line's points: never below none nor above its most, to a tenth, halves up."""
    percent = percent_of(line.measure, counts)
    if percent is None:
        return line.most if line.is_full_of_nothing else Decimal(0)
    return (line.most * _reached(percent, full_at=line.full_at, none_at=line.none_at)).quantize(TENTH, ROUND_HALF_UP)


def is_left_out(line: Line, counts: Counts, *, leaves_out: bool) -> bool:
    """Say whether a line is no part of a community's sheet: nothing fell due, and the sheet leaves such lines out.

    A line that has no points where nothing is on record stays: there the work was to make something fall due. So does
    a change from nothing to nothing: two years without a case are what the year is scored for.
    """
    is_such = leaves_out and line.is_full_of_nothing and line.measure not in CHANGES
    return is_such and percent_of(line.measure, counts) is None


def total_of(points: Decimal, *, of: Decimal) -> Decimal:
    """Return what some points come to of a hundred, where the lines that count have ``of`` at most; to a tenth."""
    if of == WHOLE:
        return points
    return (WHOLE * points / of).quantize(TENTH, ROUND_HALF_UP) if of else Decimal(0)


def _reached(percent: Decimal, *, full_at: Decimal, none_at: Decimal) -> Decimal:
    """Return how far up the scale something lies, from 0 to 1."""
    if full_at < none_at:
        percent, full_at, none_at = -percent, -full_at, -none_at
    if percent >= full_at:
        return Decimal(1)
    if percent <= none_at:
        return Decimal(0)
    return (percent - none_at) / (full_at - none_at)


def given_points(line: Line, points: Decimal | None) -> Decimal:
    """Return what a supervisor gave, within the line's bounds; none where nobody gave any."""
    return min(max(points or Decimal(0), Decimal(0)), line.most)


class VetoKind(TextChoices):
    """What alone keeps a community from being no-fraud, whatever its points (一票否决)."""

    LOSS = "loss", _("A resident lost more than the limit")
    UNHANDLED = "unhandled", _("A high-risk or medium-risk alert was never handled")
    DEN = "den", _("A den of fraudsters was found")
    SUSPECT = "suspect", _("A suspect lives here")
    FALSE = "false", _("Records were made up")


BY_HAND = (VetoKind.DEN, VetoKind.SUSPECT, VetoKind.FALSE)
"""What no data can tell: a supervisor writes it down with the evidence."""


class Colour(StrEnum):
    """What a total is called. Never shown by the colour alone."""

    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Below the one a total is red, below the other yellow, from there on blue."""

    red_below: Decimal = Decimal(60)
    yellow_below: Decimal = Decimal(80)

    def colour_of(self, total: Decimal) -> Colour:
        """Return the colour of a total."""
        if total < self.red_below:
            return Colour.RED
        return Colour.YELLOW if total < self.yellow_below else Colour.BLUE


def is_no_fraud(total: Decimal, *, vetoes: Iterable[object], bounds: Bounds) -> bool:
    """Say whether a community may be named no-fraud: blue, and nothing vetoes it."""
    return not any(True for _one in vetoes) and bounds.colour_of(total) == Colour.BLUE


def ranks(totals: Mapping[str, Decimal]) -> dict[str, int]:
    """Return the rank of each by its points: 1 has most, equals share one, and the next counts on from there."""
    ordered = sorted(totals.values(), reverse=True)
    return {key: ordered.index(total) + 1 for key, total in totals.items()}


def faults(lines: Sequence[Line], *, bounds: Bounds) -> list[str]:
    """Return what keeps a sheet from being published, each fault a sentence."""
    found = []
    total = sum((line.most for line in lines), Decimal(0))
    if total != WHOLE:
        found.append(gettext("The lines add up to {total} points; they must be 100.").format(total=total))
    if len({line.key for line in lines}) != len(lines):
        found.append(gettext("Two lines have the same key."))
    for line in lines:
        if line.most <= 0:
            found.append(gettext("“{key}” must have more than no points.").format(key=line.key))
        if not line.is_by_hand and line.full_at == line.none_at:
            found.append(gettext("“{key}” needs two different ends of its scale.").format(key=line.key))
    if not Decimal(0) <= bounds.red_below <= bounds.yellow_below <= WHOLE:
        found.append(gettext("The bounds of the colours must lie between 0 and 100, red below yellow."))
    return found


@dataclass(frozen=True, slots=True)
class Shipped:
    """A line of the sheet as shipped, with its names and the reason for its weight."""

    line: Line
    name: str
    name_en: str
    reason: str


def _shipped(
    key: str, most: int, names: tuple[str, str], *, full: int, none: int, nothing: bool = False, why: str
) -> Shipped:
    line = Line(key, Measure(key), Decimal(most), Decimal(full), Decimal(none), nothing)
    return Shipped(line, *names, why)


def _by_hand(key: str, most: int, names: tuple[str, str], *, why: str) -> Shipped:
    return Shipped(Line(key, Measure.HAND, Decimal(most)), *names, why)


SHEET: tuple[Shipped, ...] = (
    _shipped(
        "zero_days",
        15,
        ("零发案天数", "Days without a case"),
        full=100,
        none=90,
        why="无群众被骗是创建目标（S2）；按天计，一年 36 天以上有案不得分。",
    ),
    _shipped(
        "cases_change",
        10,
        ("发案起数同比", "Cases against last year"),
        full=-30,
        none=10,
        nothing=True,
        why="有效遏制发案（S2）；下降三成得满分，两年都为零也得满分。",
    ),
    _shipped(
        "losses_change",
        5,
        ("损失金额同比", "Losses against last year"),
        full=-30,
        none=10,
        nothing=True,
        why="同上；一起大案就能左右金额，权重低于起数。",
    ),
    _shipped(
        "elders",
        8,
        ("60 岁以上现场宣传覆盖", "60 and over reached on site"),
        full=95,
        none=50,
        why="宣传无死角（S2）；原社区仍有 35% 老人从未到场（S1）。",
    ),
    _shipped(
        "everybody",
        5,
        ("全体居民宣传覆盖", "Residents reached"),
        full=80,
        none=30,
        why="每位群众都接受过宣传（S2）。",
    ),
    _shipped(
        "pledges",
        3,
        ("户均承诺书签订", "Pledges for each household"),
        full=80,
        none=10,
        why="集中承诺签字（S2）；一户一份即可。",
    ),
    _shipped(
        "apps",
        4,
        ("国家反诈中心 APP 安装", "App installed"),
        full=70,
        none=20,
        why="安装并开启来电预警（S1）。",
    ),
    _shipped(
        "visits",
        6,
        ("重点人群走访", "Visits kept"),
        full=95,
        none=60,
        nothing=True,
        why="结对老人每周至少走访一次（S1）。",
    ),
    _shipped(
        "dispatch",
        6,
        ("预警 5 分钟推送", "Alerts that reached the grid within 5 minutes"),
        full=100,
        none=80,
        nothing=True,
        why="接到预警 5 分钟内推送到网格长（S1）。",
    ),
    _shipped(
        "high",
        8,
        ("高风险预警 10 分钟处置", "High-risk alerts within 10 minutes"),
        full=100,
        none=80,
        nothing=True,
        why="10 分钟内电话、上门双确认（S1）。",
    ),
    _shipped(
        "medium",
        4,
        ("中风险预警 30 分钟处置", "Medium-risk alerts within 30 minutes"),
        full=100,
        none=80,
        nothing=True,
        why="30 分钟内联系提醒（S1）。",
    ),
    _shipped(
        "pushes",
        4,
        ("居民群每周推送", "Chat groups pushed to each week"),
        full=100,
        none=60,
        why="每群每周至少推送两次（S2）。",
    ),
    _shipped(
        "sites",
        2,
        ("宣传阵地更新", "Publicity sites refreshed"),
        full=100,
        none=50,
        why="固定宣传阵地定期更新（S2）。",
    ),
    _shipped(
        "newcomers",
        3,
        ("新业主、新租户宣传", "Newcomers reached"),
        full=100,
        none=50,
        nothing=True,
        why="新入住的业主、租户全部宣传到位（S3）。",
    ),
    _shipped(
        "lookbacks",
        4,
        ("发案倒查", "Look-backs confirmed"),
        full=100,
        none=50,
        nothing=True,
        why="分析原因、查找短板、倒查宣传责任（S2）。",
    ),
    _shipped(
        "bulletins",
        3,
        ("月度通报签发", "Monthly reports signed in time"),
        full=100,
        none=50,
        nothing=True,
        why="每月通报发案情况（S2）。",
    ),
    _by_hand(
        "organisation",
        4,
        ("组织领导、例会", "Organisation and meetings"),
        why="成立创建小组，每月协调会（S2）；看会议记录打分。",
    ),
    _by_hand(
        "inspection",
        6,
        ("明查暗访", "Inspections"),
        why="采取明查暗访实地检查（S2）；按检查记录打分。",
    ),
)
"""The sheet as shipped: 100 points. What was done weighs more than what came of it (60 : 30); 10 are by hand."""


@dataclass(frozen=True, slots=True)
class ShippedVeto:
    """A veto as shipped; ``limit`` in yuan is for losses alone."""

    kind: VetoKind
    limit: Decimal | None
    reason: str


VETOES: tuple[ShippedVeto, ...] = (
    ShippedVeto(
        VetoKind.LOSS,
        Decimal(100_000),
        "创建目标是无群众被骗（S2）。单起损失超过此数即否决；小案在“零发案天数”中扣分；要求完全零发案的改为 0。",
    ),
    ShippedVeto(VetoKind.UNHANDLED, None, "四月有两名居民在预警 30 分钟后仍被骗，因为没有人去（S1）。"),
    ShippedVeto(VetoKind.DEN, None, "无诈骗窝点（S2）。"),
    ShippedVeto(VetoKind.SUSPECT, None, "无诈骗嫌疑人（S2）。"),
    ShippedVeto(VetoKind.FALSE, None, "弄虚作假的，分数没有意义。"),
)
