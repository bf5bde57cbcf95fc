"""A question composed once answers as the same queryset would, whatever is given."""

import pytest
from django.db.models import F, FloatField, Q, Value

from accounts.composed import Among, Composed, Given
from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    names = ("周秀兰", "it's", "100 %", "")
    return {name: UserFactory(name=name, is_active=name != "100 %") for name in names}


NAMED = Composed(
    lambda: (
        User.objects.filter(Among(F("name"), Given("names")), is_active=Given("active"))
        .order_by("pk")
        .values_list("pk", "name")
    )
)


@pytest.mark.parametrize("names", [[], ["周秀兰"], ["it's", "100 %", ""], ["nobody"], ["周秀兰", "周秀兰", "\\", "%s"]])
@pytest.mark.parametrize("active", [True, False])
def test_it_answers_as_the_queryset_would(people, names: list[str], active: bool) -> None:
    asked = User.objects.filter(name__in=names, is_active=active).order_by("pk").values_list("pk", "name")
    assert NAMED.ask(names=names, active=active) == list(asked)


def test_numbers_and_sets_are_given_like_text(people) -> None:
    question = Composed(lambda: User.objects.filter(Among(F("pk"), Given("keys"))).order_by("pk").values_list("pk"))
    keys = {person.pk for person in people.values()}
    assert [pk for (pk,) in question.ask(keys=keys)] == sorted(keys)
    assert question.ask(keys=()) == []


def test_its_constants_stand_in_its_text_and_mean_what_they_say(people) -> None:
    question = Composed(
        lambda: (
            User.objects.filter(Q(name="it's") | Q(name="100 %") | Q(name=Given("name")))
            .order_by("pk")
            .values_list("name")[:5]
        )
    )
    assert question.ask(name="周秀兰") == [("周秀兰",), ("it's",), ("100 %",)]


def test_values_are_read_as_the_model_reads_them(people) -> None:
    question = Composed(lambda: User.objects.filter(pk=Given("key")).values_list("is_active", "created_at"))
    for person in people.values():
        (active, joined) = question.ask(key=person.pk)[0]
        assert (active, joined) == (person.is_active, User.objects.get(pk=person.pk).created_at)
        assert active is person.is_active


def test_what_is_no_constant_is_refused_when_it_is_composed() -> None:
    question = Composed(lambda: User.objects.values_list(Value(0.5, output_field=FloatField())))
    with pytest.raises(TypeError, match="no constant"):
        question.ask()
