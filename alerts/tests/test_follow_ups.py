"""What closing an alert plans: visits to whoever was, or nearly was, defrauded."""

from decimal import Decimal

import pytest

from alerts import services
from alerts.policy import Outcome
from alerts.tests.factories import EXCUSED, NOON, after, ending, make_scene
from residents.models import FollowUp
from residents.policy import FollowUpWhy
from residents.tests.factories import ResidentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return make_scene()


def close(scene, outcome: str, **options: object):
    resident = ResidentFactory(grid=scene.grid, phone="19900004321", name="王秀英")
    alert = scene.accepted(name="王秀英", phone="19900004321", **options)
    assert alert.resident == resident
    fields = {"lost": Decimal(100)} if outcome == Outcome.DEFRAUDED else {}
    closing = ending(outcome=outcome, excuses=EXCUSED, **fields)
    services.close_alert(alert, ending=closing, by=scene.first, now=after(minutes=5))
    return alert


@pytest.mark.parametrize(
    ("outcome", "why"), [(Outcome.DISSUADED, FollowUpWhy.DISSUADED), (Outcome.DEFRAUDED, FollowUpWhy.FRAUD)]
)
def test_whoever_was_or_nearly_was_defrauded_is_visited_again(scene, outcome, why) -> None:
    alert = close(scene, outcome)
    planned = list(FollowUp.objects.all())
    assert {(one.why, one.subject, one.resident_id) for one in planned} == {(why, alert.subject_key, alert.resident_id)}
    assert [(one.due_on - NOON.date()).days for one in planned] == [7, 30]


@pytest.mark.parametrize("outcome", [Outcome.FALSE_ALARM, Outcome.SAW_THROUGH])
def test_whoever_saw_through_it_is_not(scene, outcome) -> None:
    close(scene, outcome)
    assert not FollowUp.objects.exists()


def test_a_drill_plans_nothing(scene) -> None:
    close(scene, Outcome.DISSUADED, is_drill=True)
    assert not FollowUp.objects.exists()


def test_an_alert_about_nobody_of_the_roster_plans_nothing(scene) -> None:
    alert = scene.accepted()
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=5))
    assert not FollowUp.objects.exists()
