"""The standard sentence of every summary, for an area and some days: one press gives exactly that."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.formats import TEN_THOUSAND, day, decimals
from campaigns.figures.work import Work, work_of
from campaigns.policy import Span
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence as offices copy it, in Chinese whatever language the page is in; and its figures, each explained."""

    text: str
    rows: tuple[tuple[str, str, str], ...]


def sentence_of(area: Area, span: Span) -> Sentence:
    """Return the sentence and what each of its figures counts."""
    work = work_of(area.code, span)
    return Sentence(text=_text(area, span, work), rows=_rows(work))


def _text(area: Area, span: Span, work: Work) -> str:
    with translation.override("zh-hans"):
        days = f"{day(span.first)}至{day(span.last)}"
        saved = decimals(work.saved / TEN_THOUSAND, 2).rstrip("0").rstrip(".")
        return (
            f"{days}，{area.name}走访{work.households}户，发放资料{work.leaflets}份，讲座{work.lectures}场，"
            f"群内推送{work.posts}条，劝阻{work.dissuaded}起，挽损{saved}万元，APP注册{work.installs}人。"
        )


def _rows(work: Work) -> tuple[tuple[str, str, str], ...]:
    return (
        (
            _("Households visited"),
            decimals(work.households, 0),
            _("Flats where somebody was talked to, at the door or on a care visit; each once."),
        ),
        (_("Leaflets handed out"), decimals(work.leaflets, 0), _("Pieces handed out at events.")),
        (_("Lectures"), decimals(work.lectures, 0), _("Lectures held and logged.")),
        (
            _("Messages in chat groups"),
            decimals(work.posts, 0),
            _("A message sent on to eighteen groups counts eighteen times."),
        ),
        (_("Dissuaded"), decimals(work.dissuaded, 0), _("Alerts closed as dissuaded in time; drills left out.")),
        (_("Saved, yuan"), decimals(work.saved, 0), _("An estimate of who closed the alert; never added to losses.")),
        (_("Apps installed"), decimals(work.installs, 0), _("Counted at events, and ticked at doors.")),
    )
