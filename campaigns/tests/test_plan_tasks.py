"""The nightly task of what repeats, and the program that asks for it."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.clock import database_now
from accounts.roles import Role
from campaigns import services, tasks
from campaigns.models import Event
from campaigns.policy import Form, Repeat
from campaigns.services import Plan
from residents.tests.factories import make_community, make_staff


def test_the_beat_asks_for_the_next_dates_every_night():
    asked = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert asked.count(tasks.make_next_events.name) == 1


@pytest.mark.django_db
def test_a_night_that_was_missed_is_made_up_for_and_a_second_run_makes_nothing():
    place, now = make_community(), database_now()
    begin = now - timedelta(days=20)
    plan = Plan(title="讲座", form=Form.LECTURE, area=place.community, starts_at=begin, ends_at=begin)
    by = make_staff(Role.OUTREACH_WORKER, place.community)
    services.plan_series(plan, repeat=Repeat.WEEKLY, by=by, now=begin)
    there = Event.objects.count()
    assert tasks.make_next_events() in {2, 3}
    assert tasks.make_next_events() == 0
    assert Event.objects.count() in {there + 2, there + 3}
