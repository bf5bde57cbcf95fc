"""What the ledger says of a fraud: how far it is with the police, how they got at the victim, which bands are counted.

Sources: field-notes.md "Statistics" (reported and filed are different counts, three dates, estimates never added to
losses) and "A case's look-back verdicts".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """How far a case is with the police. Withdrawn: it was none, or stands twice; no figure counts it."""

    REPORTED = "reported", _("Reported")
    FILED = "filed", _("Case filed")
    SOLVED = "solved", _("Solved")
    NOT_FILED = "not_filed", _("Not filed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


COUNTED = (Status.REPORTED, Status.FILED, Status.SOLVED, Status.NOT_FILED)
"""What was reported to the police, whatever became of it: 警情."""


class DatedBy(TextChoices):
    """The date by which a report counts a case; each report says which."""

    REPORTED = "reported", _("Date reported")
    OCCURRED = "occurred", _("Date of the fraud")
    FILED = "filed", _("Date the case was filed")


FIELD_OF = {DatedBy.REPORTED: "reported_at", DatedBy.OCCURRED: "occurred_at", DatedBy.FILED: "filed_on"}


class Approach(TextChoices):
    """By what way the fraudsters got at the victim (作案渠道)."""

    PHONE = "phone", _("Telephone")
    SMS = "sms", _("Text message")
    WECHAT = "wechat", _("WeChat")
    QQ = "qq", _("QQ")
    VIDEO = "video", _("Short videos and streams")
    WEB = "web", _("Web page")
    APP = "app", _("App")
    IN_PERSON = "in_person", _("In person")
    OTHER = "other", _("Another way")


LARGE_LOSS = Decimal(1_000_000)
"""A loss above this is asked for again: offices write yuan where the column says ten thousands (field-notes.md)."""


def is_large(amount: Decimal | None) -> bool:
    """Say whether a loss is so large that it is asked for again."""
    return amount is not None and amount > LARGE_LOSS


@dataclass(frozen=True, slots=True)
class Said:
    """What is held against each other of a case: its dates, and its amounts in yuan.

    ``reported_on`` is the day of the report where the office stands.
    """

    occurred_at: datetime | None
    reported_at: datetime | None
    reported_on: date | None
    filed_on: date | None
    warned_at: datetime | None
    lost: Decimal
    frozen: Decimal
    returned: Decimal


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What cannot be: the field of the case, a word for programs, words for people."""

    field: str
    code: str
    words: str | Promise


_NOT_YET = _("This has not come yet. Mend the date.")
_AFTER_REPORT = _("This lies after the report. Mend one of the two.")
_BEFORE_REPORT = _("This lies before the day of the report. Mend one of the two.")
_MORE_THAN_LOST = _("This is more than was lost. Mend one of the two.")


def contradictions(said: Said, *, now: datetime, on: date) -> Iterator[Contradiction]:
    """Yield what of a case cannot be: it happened, was reported, was filed, and nothing lies ahead.

    What was frozen may be what was returned later, so each is held against the loss alone; what was prevented was never
    lost. ``on`` is the day of ``now`` where the office stands.
    """
    moments = {"occurred_at": said.occurred_at, "reported_at": said.reported_at, "warned_at": said.warned_at}
    ahead = {name for name, at in moments.items() if at is not None and at > now}
    ahead |= {"filed_on"} if said.filed_on is not None and said.filed_on > on else set()
    for name in sorted(ahead):
        yield Contradiction(name, "in_future", _NOT_YET)
    if said.occurred_at and said.reported_at and said.occurred_at > said.reported_at and "occurred_at" not in ahead:
        yield Contradiction("occurred_at", "after_report", _AFTER_REPORT)
    if said.filed_on and said.reported_on and said.filed_on < said.reported_on:
        yield Contradiction("filed_on", "before_report", _BEFORE_REPORT)
    for name, amount in (("amount_frozen", said.frozen), ("amount_returned", said.returned)):
        if amount > said.lost:
            yield Contradiction(name, "more_than_lost", _MORE_THAN_LOST)


@dataclass(frozen=True, slots=True)
class AmountBand:
    """Losses in yuan from ``least`` up to, and without, ``below``; None is without end."""

    least: Decimal
    below: Decimal | None

    def holds(self, amount: Decimal) -> bool:
        """Say whether a loss lies in it."""
        return self.least <= amount and (self.below is None or amount < self.below)


def _bands(*edges: int) -> Sequence[AmountBand]:
    limits = [Decimal(edge) for edge in edges]
    return tuple(AmountBand(least, below) for least, below in zip(limits, [*limits[1:], None], strict=True))


AMOUNT_BANDS = _bands(0, 10_000, 50_000, 100_000)
"""Under 10,000, to 50,000, to 100,000, and from there on; every loss is in exactly one (field-notes.md)."""


UNKNOWN = "unknown"
"""What an address says for the cases of which something is not known."""


@dataclass(frozen=True, slots=True)
class Within:
    """From a number on, up to another; None is without end. Whether the last counts is the field's."""

    least: int
    most: int | None
