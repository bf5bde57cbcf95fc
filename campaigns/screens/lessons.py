"""What was taught against what defrauds people here: what to teach next."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.figures.beside import harm_by_type
from campaigns.figures.work import taught_by_type
from campaigns.policy import Span
from knowledge.models import FraudType
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Lesson:
    """A type of fraud: how often it struck, how often it was taught."""

    name: str
    struck: int
    taught: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """What to teach next: the types by how often they struck; those that struck and were not taught."""

    rows: tuple[Lesson, ...]
    advice: str


def lessons_of(area: Area, span: Span) -> Lessons:
    """Return what defrauded people in an area against what was taught there."""
    struck, taught = harm_by_type(area.code, span), taught_by_type(area.code, span)
    named = {one.pk: one.name for one in FraudType.objects.filter(pk__in={*struck, *taught})}
    rows = sorted(
        (Lesson(named[pk], struck.get(pk, 0), taught.get(pk, 0)) for pk in named),
        key=lambda one: (-one.struck, one.taught, one.name),
    )
    untaught = [one.name for one in rows if one.struck and not one.taught]
    if untaught:
        advice = _("Not taught yet: {types}. Teach these next.").format(types=_(", ").join(untaught[:3]))
    elif rows and rows[0].struck:
        advice = _("Every type that struck here was taught. {type} struck most often: go on with it.").format(
            type=rows[0].name
        )
    else:
        advice = _("Nothing struck here in this time.")
    return Lessons(tuple(rows), advice)
