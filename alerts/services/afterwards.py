"""After an alert was closed: the second feedback and its chasing, the desk's call-back, the story it teaches with."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.formats import day
from accounts.models import User
from alerts import letters
from alerts.docket import Matter
from alerts.models import Alert, CallBack, Rule, SecondFeedback, Story
from alerts.policy import Audience, Found, RuleName, State
from alerts.services.closing import closed_by
from alerts.services.common import AlertError, Kind, audit, in_hand, pressed
from alerts.teams import Teams
from knowledge.services import KnowledgeError, draft_story
from notifications import services as notifications
from residents.models import COMMUNITY_DIGITS

Row = TypeVar("Row", SecondFeedback, CallBack)

MOST_CHASED = 500
"""Alerts a round; the next round does the rest."""


def record_feedback(
    alert: Alert, *, found: Found, note: str = "", by: User, now: datetime, pressed_at: datetime | None = None
) -> SecondFeedback:
    """Write down what was found some days after the closing, once. The same person pressing twice writes once.

    It is of the moment when it was pressed, where a phone without reception brought it later.

    Raises ``AlertError`` for an alert that asks for none, or has it.
    """
    with in_hand(alert, by=by, now=now, from_where="after") as matter:
        _require_closed(matter)
        if not matter.alert.needs_second_feedback:
            raise AlertError(_("This alert asks for no second feedback."))
        before = SecondFeedback.objects.filter(alert=matter.alert).select_related("by").first()
        if before is not None:
            return _unless_others(before, by)
        at = _time_of(pressed_at, matter)
        made = SecondFeedback.objects.create(alert=matter.alert, found=found, note=note.strip(), at=at, by=by)
        said = {"feedback": str(found)} | ({"note": made.note} if made.note else {})
        matter.note(Kind.ACTION, actor=by, detail=said | pressed(pressed_at, now=now))
        notifications.withdraw([matter.alert.subject_key], purposes=[letters.FEEDBACK], now=now)
        audit("feedback_recorded", matter, found=str(found))
    return made


def record_call_back(
    alert: Alert, *, is_true: bool, note: str = "", by: User, now: datetime, pressed_at: datetime | None = None
) -> CallBack:
    """Write down whether the desk found true what was written at the closing, once.

    Raises ``AlertError`` for who closed it, for "not true" without a word why, or where somebody called back before.
    """
    with in_hand(alert, by=by, now=now, from_where="after") as matter:
        _require_closed(matter)
        if closed_by(matter.alert) == by.pk:
            raise AlertError(_("You closed this alert yourself: somebody else calls back."))
        before = CallBack.objects.filter(alert=matter.alert).select_related("by").first()
        if before is not None:
            return _unless_others(before, by)
        if not is_true and not note.strip():
            raise AlertError(_("Say in a few words what was not true."))
        at = _time_of(pressed_at, matter)
        made = CallBack.objects.create(alert=matter.alert, is_true=is_true, note=note.strip(), at=at, by=by)
        said = {"called_back": is_true} | ({"note": made.note} if made.note else {})
        matter.note(Kind.ACTION, actor=by, detail=said | pressed(pressed_at, now=now))
        audit("called_back", matter, is_true=is_true)
    return made


def _time_of(pressed_at: datetime | None, matter: Matter) -> datetime:
    """Return when something was found: at the press, but never before there was anything to find."""
    now = matter.docket.now
    return max(min(pressed_at or now, now), matter.alert.closed_at or now)


def _require_closed(matter: Matter) -> None:
    if matter.alert.state != State.CLOSED or matter.alert.is_drill:
        raise AlertError(_("Only for a real alert that was closed."))


def _unless_others(before: Row, by: User) -> Row:
    if before.by_id != by.pk:
        raise AlertError(_("{person} recorded this on {day}.").format(person=before.by, day=day(before.at)))
    return before


@transaction.atomic
def tell_story(alert: Alert, *, words: Mapping[str, str], names: list[str], by: User, now: datetime) -> Story:
    """Turn a closed alert into a draft of a teaching story in the library of its community, once.

    Raises ``AlertError`` where the words could lead to somebody, or there is a story of it.
    """
    with in_hand(alert, by=by, now=now, from_where="after") as matter:
        _require_closed(matter)
        if Story.objects.filter(alert=matter.alert).exists():
            raise AlertError(_("There is a story of this alert already."))
        community = matter.alert.area_code[:COMMUNITY_DIGITS]
        try:
            text = draft_story(community, words=words, names=names, by=by, now=now)
        except KnowledgeError as error:
            raise AlertError(str(error)) from error
        audit("story_told", matter, key=text.key)
        return Story.objects.create(
            alert=matter.alert, community_code=community, text_key=text.key, made_at=now, made_by=by
        )


@transaction.atomic
def chase_feedback(*, now: datetime) -> int:
    """Remind who holds an alert whose second feedback is due, and from the next day on the desk as well.

    A letter's key has the day's number in it: however often this runs, nobody is told twice. Returns how many were new.
    """
    days = Rule.objects.number(RuleName.FEEDBACK_DAYS)
    due = Alert.objects.awaiting_feedback().filter(closed_at__lte=now - timedelta(days=days))
    alerts = list(due.without_phone().select_related("holder", "grid").order_by("closed_at")[:MOST_CHASED])
    if not alerts:
        return 0
    teams = Teams(alerts, now=now)
    told = []
    for alert in alerts:
        holder = [alert.holder_id] if alert.holder_id and alert.holder and alert.holder.is_active else []
        told += [letters.feedback_due(alert, to=teams.person(user_id), what="due") for user_id in holder]
        is_late = alert.closed_at is not None and alert.closed_at <= now - timedelta(days=days + 1)
        if is_late or not holder:
            desk = teams.of(alert).told(Audience.DESK)
            everybody = dict.fromkeys([*holder, *desk])
            told += [letters.feedback_due(alert, to=teams.person(user_id), what="late") for user_id in everybody]
    return notifications.tell(told, now=now)
