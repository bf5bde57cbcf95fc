"""Figures of wide areas: counted on the spot where that is quick, else shown as they were counted last."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.clock import database_now, local
from accounts.roles import Role
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures import figures_of, kept
from reports.figures.kept import figures_shown, recount
from reports.models import KeptFigures
from reports.policy import keeping
from reports.tests.test_figures import APRIL, LATER, make_case, noon
from residents.models import Area
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

NOW = noon(LATER)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def place():
    return make_community(3)


@pytest.fixture
def street(place) -> Area:
    return Area.objects.get(code=place.community.code[:9])


@pytest.fixture
def slow(monkeypatch):
    """Have every count take long enough to be kept."""
    monkeypatch.setattr(kept, "WORTH_KEEPING", timedelta(0))


def shown(area: Area, span: Span = APRIL, *, now=NOW):
    return figures_shown(area, span, dated_by=DatedBy.REPORTED, on=local(now).date(), now=now)


def count(area: Area, *, now=NOW) -> int:
    return shown(area, now=now).figures.cases.now.count


def test_what_is_counted_quickly_is_never_behind(place, street):
    assert count(street) == 0
    make_case(place, APRIL.first)
    assert count(street) == 1
    assert not KeptFigures.objects.exists()


def test_what_takes_long_is_shown_as_counted_last_and_says_so(place, street, slow):
    make_case(place, APRIL.first)
    first = shown(street)
    again = shown(street, now=NOW + 19 * MINUTE)
    assert first.counted_at is None
    assert again.counted_at == NOW
    assert again.figures == first.figures == figures_of(street, APRIL, on=LATER), "to the last place"


def test_it_is_counted_anew_after_twenty_minutes_on_another_day_for_another_period_and_in_another_language(
    place, street, slow
):
    assert count(street) == 0
    make_case(place, APRIL.first)
    assert count(street, now=NOW + 19 * MINUTE) == 0
    assert shown(street, Span(APRIL.first, APRIL.last)).figures.cases.now.count == 1
    with override("en"):
        assert count(street) == 1
    assert count(street, now=NOW + 20 * MINUTE) == 1
    make_case(place, APRIL.first)
    assert count(street, now=NOW + timedelta(days=1)) == 2


def test_a_community_and_a_grid_are_always_counted_on_the_spot(place, slow):
    for area in (place.community, place.grids[0]):
        before = count(area)
        make_case(place, APRIL.first)
        assert count(area) == before + 1
    assert not KeptFigures.objects.exists()


def test_what_somebody_looks_at_is_counted_again_before_it_is_too_old(place, street, slow):
    count(street)
    make_case(place, APRIL.first)
    assert recount(on=LATER, now=NOW + 5 * MINUTE) == 0, "still young"
    assert recount(on=LATER, now=NOW + 15 * MINUTE) == 1
    assert count(street, now=NOW + 30 * MINUTE) == 1
    assert shown(street, now=NOW + 30 * MINUTE).counted_at == NOW + 15 * MINUTE


def test_what_nobody_has_looked_at_for_a_day_is_let_go_of(street, slow):
    count(street)
    count(street, now=NOW + 5 * MINUTE)
    later = NOW + keeping.FORGOTTEN_AFTER + MINUTE
    assert recount(on=local(later).date(), now=later) == 0
    assert not KeptFigures.objects.exists()


def test_a_look_is_noted_once_an_hour(street, slow):
    count(street)
    count(street, now=NOW + 59 * MINUTE)
    assert KeptFigures.objects.get().asked_at == NOW
    count(street, now=NOW + 60 * MINUTE)
    assert KeptFigures.objects.get().asked_at == NOW + 60 * MINUTE


def test_the_page_says_when_it_was_counted(place, street, slow):
    client = Client()
    client.force_login(make_staff(Role.SUPERVISOR, street, language="en"))
    asked = {"area": street.code, "period": "month", "at": "2026-04-15"}
    said = "again within a quarter of an hour"
    assert said not in client.get(reverse("reports:dashboard"), asked).content.decode()
    page = client.get(reverse("reports:dashboard"), asked).content.decode()
    assert f"Counted at {local(database_now()):%H}:" in page
    assert said in page
