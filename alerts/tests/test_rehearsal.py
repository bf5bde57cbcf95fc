"""A history played again: as it was where nothing changes, and as the rules of the play say where something does."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.models import PolicyVersion, Timer
from alerts.policy import Level
from alerts.replay.history import History, read_history
from alerts.replay.rehearsal import Came, rehearse
from alerts.tests.factories import NOON, make_scene, publish_policy, sweep
from alerts.tests.policies import policies
from alerts.tests.test_properties import EVENTS, MANY, PHONES, Play, thrown_away

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

DAY = timedelta(days=1)


def told_of(area: str, *, until: timedelta = 3 * DAY) -> History:
    """Return the history of some days from noon on, as another process is handed it."""
    history = read_history(area, NOON - DAY, NOON + DAY, now=NOON + until)
    return History.from_json(history.as_json())


def on_an_empty_stage(history: History, **options: Any) -> list[Came]:
    """Play a history where nothing else is."""
    with thrown_away():
        PolicyVersion.objects.all().update(published_at=None)
        return rehearse(history, **options)


def swept(play: Play, seconds: float) -> None:
    """Let the clock do all that comes due until then, each step at its own instant."""
    until = play.now + timedelta(seconds=seconds)
    while due := Timer.objects.due(until).order_by("due_at").first():
        sweep(due.due_at)


def verdicts(clocks: Any) -> list[tuple[str, str, str, float | None]]:
    return [(*tuple(clock[:3]), None if clock[3] is None else round(clock[3], 3)) for clock in clocks]


@settings(MANY, max_examples=20)
@given(table=policies(longest=60), events=EVENTS, levels=st.tuples(*[st.sampled_from(Level)] * 2), placed=st.booleans())
def test_under_the_same_policy_and_roster_the_same_is_kept_and_breached_as_what_happened(table, events, levels, placed):
    with thrown_away():
        scene = make_scene()
        publish_policy(table.steps)
        play = Play(scene)
        play.receive(levels[0], PHONES[0])
        play.receive(levels[1], PHONES[1], placed=placed)
        for number, event in enumerate(events):
            if event.verb in {"on_duty", "off_duty"}:
                continue  # a roster changed while it runs is not on record
            swept(play, event.pause)
            play.do(number, event)
        swept(play, 25 * 3600 * 2)
        history = told_of(scene.place.street.code)
    came = {one.pk: one for one in on_an_empty_stage(history)}
    for past in history.counted:
        assert verdicts(came[past.pk].clocks) == verdicts(past.clocks)
