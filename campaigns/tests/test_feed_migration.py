"""Addresses that phones subscribed to before go on working once only their hash is kept."""

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.tests.factories import UserFactory
from campaigns.models import CalendarFeed

MIGRATION = "campaigns.migrations.0004_of_a_calendars_address_the_hash_is_kept"


@pytest.mark.django_db
def test_an_address_of_before_still_opens_its_calendar() -> None:
    CalendarFeed.objects.create(user=UserFactory(), token_hash="subscribed-long-ago", made_at=database_now())
    import_module(MIGRATION).keep_hashes(apps, None)
    assert not CalendarFeed.objects.filter(token_hash="subscribed-long-ago").exists()
    assert Client().get(reverse("campaigns:feed", args=["subscribed-long-ago"])).status_code == 200
