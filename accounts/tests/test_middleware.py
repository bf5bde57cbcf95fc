"""Each person reads the program in their own language."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from accounts.middleware import OwnLanguageMiddleware
from accounts.models import Language
from accounts.tests.factories import UserFactory


def answered_in(user, active: str) -> tuple[str | None, str | None]:
    request = RequestFactory().get("/")
    request.user = user
    with translation.override(active):
        response = OwnLanguageMiddleware(lambda _request: HttpResponse(translation.get_language()))(request)
        assert translation.get_language() == active  # the next request on this thread begins clean
    return response.content.decode(), response.headers.get("Content-Language")


@pytest.mark.django_db
def test_a_person_is_answered_in_the_language_they_chose() -> None:
    assert answered_in(UserFactory(language=Language.ENGLISH), "zh-hans") == ("en", "en")
    assert answered_in(UserFactory(language=Language.CHINESE), "en") == ("zh-hans", "zh-hans")


def test_a_stranger_keeps_the_language_of_the_browser() -> None:
    assert answered_in(AnonymousUser(), "en") == ("en", None)
