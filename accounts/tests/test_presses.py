"""What a phone asks before it sends what it kept: anybody who is logged in is answered, nobody else."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import Press
from accounts.services import RefusedError, press_once
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_who_is_logged_in_is_told_to_whoever_is():
    user = UserFactory()
    client = Client()
    assert client.get(reverse("accounts:presses")).status_code == 302
    client.force_login(user)
    answer = client.get(reverse("accounts:presses"))
    assert answer.json()["user"] == user.pk
    assert answer.json()["token"]
    assert "no-store" in answer["Cache-Control"]


def test_a_refusal_of_any_app_is_answered_again_in_its_words():
    user, key, calls = UserFactory(), uuid4(), []

    def verb() -> str:
        calls.append(1)
        raise RefusedError("not from here")

    made = [press_once(verb, key=key, address="/x/", by=user, now=database_now()) for _time in range(2)]
    assert [(one.is_refused, one.said) for one in made] == [(True, "not from here")] * 2
    assert len(calls) == 1


def test_a_long_address_is_cut_and_never_in_the_way():
    press = press_once(lambda: "", key=uuid4(), address="/" + "x" * 500, by=UserFactory(), now=database_now())
    press.full_clean()
    assert Press.objects.get().address.startswith("/xxx")
