"""The demo of outreach that was held: it loads, on whatever day and hour, and is what it says."""

from datetime import UTC, datetime

import pytest

from campaigns.demo.held import make_held
from campaigns.models import Door, Event, EventPhoto, Pledge
from campaigns.policy import EventState, Form
from residents.demo import make_areas_and_staff, make_residents

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hour", [3, 16])  # by day, and five minutes after midnight
def test_the_demo_of_what_was_held_loads_by_day_and_by_night(hour):
    now = datetime(2026, 11, 22, hour, 5, tzinfo=UTC)
    make_areas_and_staff(now=now)
    make_residents(now=now)
    assert make_held(now=now) == 3
    assert Event.objects.get(form=Form.LECTURE).state == EventState.HELD
    assert EventPhoto.objects.waiting().count() == 1
    done, doors = Door.objects.exclude(result="").count(), Door.objects.count()
    assert 0 < done < doors
    assert not Door.objects.filter(at__gt=now).exists()
    assert Pledge.objects.get().words
    assert all(event.has_begun(now) for event in Event.objects.all())


def test_without_the_demo_s_people_it_makes_nothing():
    assert make_held(now=datetime(2026, 11, 22, tzinfo=UTC)) == 0
