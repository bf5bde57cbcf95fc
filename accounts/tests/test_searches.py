"""Words that somebody is looked for by: sealed in an address, for who typed them."""

import pytest
from django.http import QueryDict

from accounts.tests.factories import UserFactory
from accounts.views.searches import address_of, asked_in, query_of

pytestmark = pytest.mark.django_db
FIELDS = ["q", "grid", "age"]


def typed(text: str) -> QueryDict:
    return QueryDict(text)


def test_words_stand_in_no_address_and_are_there_for_who_typed_them() -> None:
    one, other = UserFactory(), UserFactory()
    address = QueryDict(address_of(typed("q=王秀英&grid=37&age="), FIELDS, by=one))
    assert set(address) == {"s", "grid"}
    assert "王" not in str(address)
    assert asked_in(address, by=one) == typed("grid=37&q=王秀英")
    assert asked_in(address, by=other).get("q") == ""


@pytest.mark.parametrize("rubbish", ["", "x", "1:x", "1:AAAA", "\x00", "王"])
def test_what_nobody_sealed_looks_for_nothing(rubbish: str) -> None:
    address = QueryDict(mutable=True)
    address["s"] = rubbish
    assert asked_in(address, by=UserFactory()).get("q", "") == ""


def test_words_typed_into_an_address_are_not_looked_for_and_not_handed_on() -> None:
    address = typed("q=王秀英&page=3&grid=37")
    assert "q" not in asked_in(address, by=UserFactory())
    assert query_of(address) == "grid=37&"


def test_links_of_a_search_keep_its_words_sealed() -> None:
    user = UserFactory()
    address = QueryDict(f"{address_of(typed('q=王秀英'), FIELDS, by=user)}&page=2")
    again = QueryDict(query_of(address))
    assert asked_in(again, by=user).get("q") == "王秀英"
    assert "page" not in again
