"""What the numbers of an area and a period look like: each field with its definition and unit; nothing is counted here.

Sums of parts are ``+`` of their parts, so every table adds up to its total (field-notes.md "Statistics"). Drills count
nowhere. Places are the victim's grid of residence. A district, a street, a community and a grid have the same shape.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import add
from typing import Any, Generic, TypeVar

from campaigns.figures.coverage import Cover
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.policy import before_at_the_same_day, so_far, year_before
from residents.figures import Kept

T = TypeVar("T")
NOTHING = Decimal(0)


def _values(sums: Any) -> Iterator[Any]:
    """Return the fields of a slotted dataclass, in their order: thousands of sums are added up for a district."""
    return map(sums.__getattribute__, sums.__slots__)


@dataclass(frozen=True, slots=True)
class Compared(Generic[T]):
    """The same number of three periods: this one, the one before it, and the same one last year."""

    now: T
    before: T
    last_year: T


def compared_spans(span: Span, *, on: date) -> Compared[Span]:
    """Return the days that are counted of a period up to a day, of the one before it, and of the same one last year."""
    now = so_far(span, on=on)
    return Compared(now, before_at_the_same_day(span, so_far=now), year_before(now))


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many. Written with both counts beside the percentage (``accounts.formats.share``)."""

    part: int = 0
    whole: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        """Add up parts that share nobody."""
        return Rate(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class CaseSums:
    """Cases of an area and a period, by the date the report names.

    Numbers of cases: ``count``, what was reported, whatever became of it, without what was withdrawn (警情, 起);
    ``filed``, those of them that the police filed (立案); ``elder``, those that aimed at elders, across types;
    ``warned``, those before which a warning came. Yuan: ``lost``, ``frozen``, ``returned``; ``prevented``, an estimate,
    of cases and of alerts that ended without one, never added to losses.
    """

    count: int = 0
    filed: int = 0
    elder: int = 0
    warned: int = 0
    lost: Decimal = NOTHING
    frozen: Decimal = NOTHING
    returned: Decimal = NOTHING
    prevented: Decimal = NOTHING

    def __add__(self, other: "CaseSums") -> "CaseSums":
        """Add up cases of different places, types or months."""
        return CaseSums(*map(add, _values(self), _values(other)))


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type of fraud: the first level, or one of the second below it (``parent`` is then its code)."""

    code: str
    name: str
    parent: str
    sums: Compared[CaseSums]


@dataclass(frozen=True, slots=True)
class BandRow:
    """A line of the table of victims: an age band by sex (起). The lines add up to the cases, always.

    ``key`` is the band in plain ("60–79"), or "unknown".
    """

    key: str
    women: int
    men: int
    unsaid: int
    lost: Decimal

    @property
    def count(self) -> int:
        """All of them."""
        return self.women + self.men + self.unsaid


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the cases by something else: an occupation, a kind of residence, an amount band, a way of contact."""

    key: str
    name: str
    count: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Victims:
    """Who was defrauded. Each tuple adds up to the cases."""

    ages: tuple[BandRow, ...] = ()
    occupations: tuple[Part, ...] = ()
    residences: tuple[Part, ...] = ()
    amounts: tuple[Part, ...] = ()
    approaches: tuple[Part, ...] = ()
    mean_age: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AlertSums:
    """Alerts received in a period (条), and how the clock was kept. Rates as field-notes.md "Statistics" names them.

    ``pushed``: reached the grid within its objective, of those whose dispatch clock has ended (5-minute push rate).
    ``high``, ``medium``, ``low``: responded to within the objective, of those whose clock at that level has ended.
    ``phone``: reached by phone, of high alerts at the grid. ``met``: met face to face, of those that should have been.
    ``family``: family contacted, of high alerts. ``dissuaded``: of dissuaded and defrauded together. ``saw_through``:
    saw through it unaided (起). ``defrauded``: defrauded after the warning (起). ``level_corrected``: closed at another
    level than pushed. ``second_feedback``: closed ones that asked for a second feedback. ``prevented``: estimated yuan.
    """

    received: int = 0
    of_high: int = 0
    of_medium: int = 0
    of_low: int = 0
    pushed: Rate = field(default_factory=Rate)
    high: Rate = field(default_factory=Rate)
    medium: Rate = field(default_factory=Rate)
    low: Rate = field(default_factory=Rate)
    phone: Rate = field(default_factory=Rate)
    met: Rate = field(default_factory=Rate)
    family: Rate = field(default_factory=Rate)
    dissuaded: Rate = field(default_factory=Rate)
    saw_through: int = 0
    defrauded: int = 0
    false_alarms: int = 0
    level_corrected: Rate = field(default_factory=Rate)
    second_feedback: int = 0
    prevented: Decimal = NOTHING

    def __add__(self, other: "AlertSums") -> "AlertSums":
        """Add up grids."""
        return AlertSums(*map(add, _values(self), _values(other)))


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long an objective actually took, in minutes: how many in each band, and the middle one.

    ``bands``: (up to so many minutes, how many); None is "longer".
    """

    bands: tuple[tuple[int | None, int], ...] = ()
    median: Decimal | None = None
    worst: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OutreachSums:
    """Outreach of a period.

    Events held (场), lectures among them, households talked to (户), visitors (人次), different people reached (人),
    leaflets (份), posts pushed (条), apps installed (人), pledges signed (份).
    """

    events: int = 0
    lectures: int = 0
    households: int = 0
    heads: int = 0
    people: int = 0
    leaflets: int = 0
    posts: int = 0
    installs: int = 0
    pledges: int = 0

    def __add__(self, other: "OutreachSums") -> "OutreachSums":
        """Add up places."""
        return OutreachSums(*map(add, _values(self), _values(other)))


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A line of the great table: a grid of a community, a community of anything wider.

    ``code`` is "" in the line of what lies in none of them, which is there only where anything does; its ``rank`` is 0.

    ``zero_days``: days of the period on which nobody there was defrauded. ``quiet_days``: days without a case up to the
    period's last (连续零发案). ``rank``: 1 has the fewest cases for each ten thousand residents; equals share one.
    ``elders``: 60 and over who have been on site in the twelve months up to the last day.
    """

    code: str
    name: str
    cases: Compared[CaseSums]
    year_to_date: CaseSums
    alerts: AlertSums
    outreach: OutreachSums
    elders: Cover
    visits: Kept
    residents: int
    zero_days: int
    quiet_days: int
    rank: int
    groups: Rate = field(default_factory=Rate)


@dataclass(frozen=True, slots=True)
class Lookbacks:
    """Verdicts of the look-backs of the period's cases: by ``cases.policy.Verdict``, confirmed, and without any."""

    verdicts: Mapping[str, int] = field(default_factory=dict)
    confirmed: int = 0
    without: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Every number of an area and a period. ``on`` is the day up to which it was counted.

    ``minutes`` has the objectives' times by "dispatch", "high", "medium". ``hours``: cases by the hour of the fraud, 24
    of them, where the hour is known. ``app`` of residents: installed; ``call_warning``: of those, with it on.
    ``newcomers``: reached within the policy's days, of those whose days are over in the period. ``groups``: chat groups
    that were pushed to as often as the policy asks in every week of the period, of those that run. A period's weeks,
    here and of ``visits``, are those that are over and have their Thursday in it: each week is of one month.
    ``taught``: events held in the period that taught of a type, by the type's code.
    """

    area_code: str
    area_name: str
    span: Span
    dated_by: DatedBy
    on: date
    cases: Compared[CaseSums]
    year_to_date: CaseSums
    alerts: Compared[AlertSums]
    outreach: Compared[OutreachSums]
    visits: Kept
    elders: Cover
    zero_days: int
    quiet_days: int
    residents: int
    types: tuple[TypeRow, ...] = ()
    areas: tuple[AreaRow, ...] = ()
    victims: Victims = field(default_factory=Victims)
    hours: tuple[int, ...] = ()
    minutes: Mapping[str, Minutes] = field(default_factory=dict)
    taught: Mapping[str, int] = field(default_factory=dict)
    lookbacks: Lookbacks = field(default_factory=Lookbacks)
    app: Rate = field(default_factory=Rate)
    call_warning: Rate = field(default_factory=Rate)
    newcomers: Rate = field(default_factory=Rate)
    groups: Rate = field(default_factory=Rate)

    @property
    def spans(self) -> Compared[Span]:
        """The days that were counted: of the period, of the one before it, of the same one last year."""
        return compared_spans(self.span, on=self.on)
