"""The look-back: what counts as evidence, and the verdict it proposes (docs/decisions/what-a-look-back-counts.md).

Source: field-notes.md "A case's look-back verdicts".
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Verdict(TextChoices):
    """What a look-back finds (倒查宣传责任): proposed from the data, confirmed by a person."""

    NEVER_REACHED = "never_reached", pgettext_lazy("verdict", "Never reached")
    OTHER_KIND = "other_kind", _("Reached, but not on this kind of fraud")
    SAME_KIND = "same_kind", _("Reached on this kind, and defrauded all the same")
    ALERT_LATE = "alert_late", _("An alert came and was not handled in time")
    NOT_ON_ROSTER = "not_on_roster", _("Not on the roster")


OPENED_BY_ITSELF_DAYS = 60
"""Of cases reported so many days ago at most the look-back opens by itself at night; of older ones by a press."""
OFFERED_DAYS = 365
"""Of cases reported so many days ago at most the list of look-backs offers to open what nobody opened."""
FOLLOWED_UP_DAYS = 30
"""Follow-up visits are planned for cases reported so many days ago at most."""


class LookBackState(TextChoices):
    """How far a look-back is."""

    TO_CONFIRM = "to_confirm", _("To be confirmed")
    REMEDY = "remedy", _("To be mended")
    DONE = "done", _("Done")


class Strength(TextChoices):
    """How much a line of evidence says."""

    STRONG = "strong", pgettext_lazy("evidence", "Reached")
    WEAK = "weak", _("Weak evidence")
    TRIED = "tried", _("Tried, not reached")


class EvidenceKind(TextChoices):
    """What a line of evidence is about."""

    TOUCH = "touch", _("Outreach")
    DOOR = "door", _("Door of a household visit")
    PLEDGE = "pledge", _("Pledge")
    PUSH = "push", _("Chat-group push")
    VISIT = "visit", _("Care visit")


class Whom(TextChoices):
    """Who was reached."""

    VICTIM = "victim", _("Victim")
    HOUSEHOLD = "household", pgettext_lazy("evidence", "Household")


class OffRoster(TextChoices):
    """Why a victim counts as not on the roster."""

    UNKNOWN = "unknown", _("nobody of the roster is linked to this case")
    LATER = "later", _("taken onto the roster only after the case")
    GONE = "gone", _("had gone from the roster before")


@dataclass(frozen=True, slots=True)
class FraudKind:
    """A type of fraud as far as a look-back compares it. ``family`` is its wider type, else itself."""

    code: str
    family: int
    is_elder: bool


def is_this_kind(taught: Iterable[FraudKind], fraud: FraudKind, *, is_elder_fraud: bool) -> bool:
    """Say whether something taught was of the kind of a fraud: of its family, or for elders where it aimed at one."""
    aims_at_elders = is_elder_fraud or fraud.is_elder
    return any(one.family == fraud.family or (aims_at_elders and one.is_elder) for one in taught)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff, as evidence keeps them."""

    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One time that somebody was reached, or that it was tried. Holds codes, never words, and nothing of the victim.

    ``how`` is the channel, or what came of the door or the visit; ``types`` the codes of what was taught; ``is_same``
    says that this was the kind of fraud that came; ``is_late`` that it was entered after the case was reported.
    """

    key: str
    kind: str
    whom: str
    at: datetime
    how: str
    title: str
    place: str
    by: Person | None
    types: tuple[str, ...]
    strength: str
    is_same: bool
    is_late: bool
    recorded_at: datetime
    posts: int = 0


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One objective of an alert: when it was due, when it was done, and whether it was overdue."""

    objective: str
    level: str
    due_at: datetime
    met_at: datetime | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert before the fraud, with its clocks. ``is_before`` is false where it came only after the fraud."""

    pk: int
    at: datetime
    level: str
    type: str
    state: str
    outcome: str
    holder: Person | None
    accepted_at: datetime | None
    clocks: tuple[ClockLine, ...]
    is_before: bool

    @property
    def is_late(self) -> bool:
        """Whether it was not handled in time: an objective was overdue, or nobody ever took it or did its work."""
        is_done = any(clock.objective == RESPOND and clock.met_at is not None for clock in self.clocks)
        return any(clock.is_overdue for clock in self.clocks) or (self.accepted_at is None and not is_done)


RESPOND = "respond"
"""The objective of reaching the resident (``alerts.policy.Objective``)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of what was done before a fraud, as of a moment.

    ``moment`` is the fraud's, else that of its report; ``off_roster`` says why the victim counts as not on the roster.
    """

    as_of: datetime
    moment: datetime
    reported_at: datetime
    since: datetime
    alerts_since: datetime
    resident: int | None
    off_roster: str
    fraud_type: str
    is_elder_fraud: bool
    lines: tuple[Line, ...]
    alerts: tuple[AlertLine, ...]

    @property
    def counted(self) -> tuple[Line, ...]:
        """The lines that count: entered before the case was reported."""
        return tuple(line for line in self.lines if not line.is_late)

    @property
    def reached(self) -> tuple[Line, ...]:
        """The lines that say that the victim was spoken to."""
        return tuple(line for line in self.counted if line.strength == Strength.STRONG)

    @property
    def keys(self) -> set[str]:
        """The keys of all lines and alerts."""
        return {line.key for line in self.lines} | {f"alert:{alert.pk}" for alert in self.alerts}

    @property
    def basis(self) -> tuple[Any, ...]:
        """What of the case it was asked for: another one asks for other evidence."""
        return self.moment, self.reported_at, self.resident, self.fraud_type, self.is_elder_fraud

    def as_json(self) -> dict[str, Any]:
        """Return it fit for JSON; ``evidence_from`` reads it."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def evidence_from(kept: Mapping[str, Any]) -> Evidence:
    """Return evidence as it was kept."""
    moments = {name: _moment(kept[name]) for name in ("as_of", "moment", "reported_at", "since", "alerts_since")}
    lines = tuple(
        Line(
            **{
                **line,
                "at": _moment(line["at"]),
                "recorded_at": _moment(line["recorded_at"]),
                "by": _person(line["by"]),
                "types": tuple(line["types"]),
            }
        )
        for line in kept["lines"]
    )
    alerts = tuple(
        AlertLine(
            **{
                **alert,
                "at": _moment(alert["at"]),
                "accepted_at": _maybe(alert["accepted_at"]),
                "holder": _person(alert["holder"]),
                "clocks": tuple(
                    ClockLine(**{**clock, "due_at": _moment(clock["due_at"]), "met_at": _maybe(clock["met_at"])})
                    for clock in alert["clocks"]
                ),
            }
        )
        for alert in kept["alerts"]
    )
    return Evidence(**{**kept, **moments, "lines": lines, "alerts": alerts})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return _moment(text) if text else None


def _person(kept: Mapping[str, Any] | None) -> Person | None:
    return Person(kept["pk"], kept["name"]) if kept else None


def propose(evidence: Evidence) -> Verdict:
    """Return the verdict that the evidence proposes; a person confirms it, or another.

    An alert that was not handled in time comes first, whoever it was about: it was the last chance, and its clock says
    what was missed. Somebody who was not on the roster could be reached by no list. Then the strongest evidence
    decides; weak evidence alone (pushes, others of the household) reached nobody, and what was entered after the case
    counts for nothing (docs/decisions/what-a-look-back-counts.md).
    """
    if any(alert.is_before and alert.is_late for alert in evidence.alerts):
        return Verdict.ALERT_LATE
    if evidence.off_roster:
        return Verdict.NOT_ON_ROSTER
    if any(line.is_same for line in evidence.reached):
        return Verdict.SAME_KIND
    return Verdict.OTHER_KIND if evidence.reached else Verdict.NEVER_REACHED
