"""What moved between two countings, in words: which number, of which row, from what to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.formats import yuan
from cases.policy import Verdict
from reports.drafting.words import age_words
from reports.figures.comparing import Difference, Value

MONEY = frozenset({"lost", "frozen", "returned", "prevented"})

WORDS: Mapping[str, str | Promise] = {
    "cases": "",
    "year_to_date": gettext_lazy("Year so far"),
    "alerts": gettext_lazy("Alerts"),
    "outreach": gettext_lazy("Outreach"),
    "visits": gettext_lazy("Visits"),
    "zero_days": gettext_lazy("Days without a case"),
    "quiet_days": gettext_lazy("Days since the last case"),
    "types": gettext_lazy("Type of fraud"),
    "areas": gettext_lazy("Area"),
    "victims": gettext_lazy("Victims"),
    "hours": gettext_lazy("Hour of the fraud"),
    "minutes": gettext_lazy("Minutes of the clock"),
    "taught": gettext_lazy("Taught"),
    "lookbacks": gettext_lazy("Look-backs"),
    "now": "",
    "before": gettext_lazy("period before"),
    "last_year": gettext_lazy("last year"),
    "sums": "",
    "count": pgettext_lazy("how many", "Cases"),
    "filed": gettext_lazy("filed"),
    "elder": gettext_lazy("aimed at elders"),
    "warned": gettext_lazy("warned before"),
    "lost": pgettext_lazy("column", "lost"),
    "frozen": pgettext_lazy("column", "frozen"),
    "returned": pgettext_lazy("column", "returned"),
    "prevented": gettext_lazy("prevented (estimate)"),
    "received": pgettext_lazy("column", "received"),
    "of_high": pgettext_lazy("column", "high"),
    "of_medium": pgettext_lazy("column", "medium"),
    "of_low": pgettext_lazy("column", "low"),
    "pushed": gettext_lazy("pushed in time"),
    "high": gettext_lazy("high in time"),
    "medium": gettext_lazy("medium in time"),
    "low": gettext_lazy("low in time"),
    "phone": gettext_lazy("reached by phone"),
    "met": pgettext_lazy("column", "met face to face"),
    "family": gettext_lazy("family reached"),
    "dissuaded": pgettext_lazy("column", "dissuaded"),
    "saw_through": gettext_lazy("saw through it alone"),
    "defrauded": gettext_lazy("defrauded all the same"),
    "false_alarms": gettext_lazy("false alarms"),
    "level_corrected": gettext_lazy("level corrected"),
    "second_feedback": gettext_lazy("second feedback"),
    "part": gettext_lazy("of them"),
    "whole": pgettext_lazy("column", "whole"),
    "events": pgettext_lazy("column", "events"),
    "lectures": pgettext_lazy("column", "lectures"),
    "households": pgettext_lazy("column", "households"),
    "heads": gettext_lazy("visitors"),
    "people": pgettext_lazy("column", "people"),
    "leaflets": pgettext_lazy("column", "leaflets"),
    "posts": pgettext_lazy("column", "messages"),
    "installs": gettext_lazy("apps installed"),
    "pledges": pgettext_lazy("column", "pledges"),
    "kept": pgettext_lazy("column", "kept"),
    "due": pgettext_lazy("column", "due"),
    "ages": gettext_lazy("age"),
    "occupations": gettext_lazy("occupation"),
    "residences": gettext_lazy("residence"),
    "amounts": gettext_lazy("amount"),
    "approaches": gettext_lazy("way of contact"),
    "mean_age": gettext_lazy("mean age"),
    "women": pgettext_lazy("column", "women"),
    "men": pgettext_lazy("column", "men"),
    "unsaid": gettext_lazy("sex not said"),
    "bands": gettext_lazy("up to so many minutes"),
    "median": gettext_lazy("middle one"),
    "worst": pgettext_lazy("column", "worst"),
    "dispatch": pgettext_lazy("column", "dispatch"),
    "verdicts": gettext_lazy("verdict"),
    "confirmed": gettext_lazy("confirmed"),
    "without": gettext_lazy("not looked back on"),
}
"""What the fields of the figures are called; a word that says nothing new is left out."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One number that moved."""

    label: str
    before: str
    now: str


def change_lines(found: tuple[Difference, ...], *, names: Mapping[str, str], most: int) -> list[ChangeLine]:
    """Return what moved, the first ``most`` of it; ``names`` are what rows are called."""
    return [
        ChangeLine(_label(one.path, names), _said(one.path[-1], one.before), _said(one.path[-1], one.now))
        for one in found[:most]
    ]


def _label(path: tuple[str, ...], names: Mapping[str, str]) -> str:
    said = [_word(path[at - 1] if at else "", part, names) for at, part in enumerate(path)]
    return " · ".join(word for word in said if word)


def _word(above: str, part: str, names: Mapping[str, str]) -> str:
    """Return what one step of a path is called: a field, a row, an hour, an age, a verdict."""
    if above == "ages":
        return age_words(part)
    if above == "verdicts" and part in Verdict.values:
        return str(Verdict(part).label)
    if above == "hours":
        return _("{hour}:00").format(hour=part)
    return str(names[part]) if part in names else str(WORDS.get(part, part))


def _said(field: str, value: Value) -> str:
    if value is None:
        return "–"
    return yuan(Decimal(str(value))) if field in MONEY else str(value)
