"""After closing: a second feedback that is chased, a call-back that nobody chooses, a story that names nobody."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import local
from accounts.formats import milliseconds
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import services
from alerts.figures.afterwards import FoundTrue, found_true
from alerts.models import Alert, CallBack, Rule, SecondFeedback, Story
from alerts.policy import Found, Level, Outcome, RuleName, is_to_be_called_back
from alerts.screens.afterwards import afterwards, first_draft, names_in
from alerts.services import AlertError
from alerts.tests.factories import EXCUSED, NOON, Scene, after, ending, lines, make_scene, unread
from knowledge.models import Text
from residents.tests.factories import FamilyContactFactory, ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def closed(scene: Scene, *, at: Any = NOON, by: Any = None, end: Any = None, **fields: Any) -> Alert:
    alert = scene.accepted(at=at, **fields)
    end = {"excuses": EXCUSED} | (end or {})
    return services.close_alert(alert, ending=ending(**end), by=by or scene.first, now=at + timedelta(minutes=9))


@pytest.fixture
def waiting(scene: Scene) -> Alert:
    return closed(scene, end={"needs_second_feedback": True})


# ── second feedback ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_feedback_is_recorded_once_with_what_was_found(scene: Scene, waiting: Alert) -> None:
    for _press in range(2):
        services.record_feedback(waiting, found=Found.AGAIN, note="又来电话", by=scene.first, now=after(days=3))
    made = SecondFeedback.objects.get()
    assert (made.found, made.note, made.by) == (Found.AGAIN, "又来电话", scene.first)
    assert lines(waiting, "action")[-1].detail == {"feedback": "again", "note": "又来电话"}
    with pytest.raises(AlertError):
        services.record_feedback(waiting, found=Found.SAFE, by=scene.second, now=after(days=4))


def test_an_alert_that_asks_for_none_takes_none(scene: Scene) -> None:
    with pytest.raises(AlertError):
        services.record_feedback(closed(scene), found=Found.SAFE, by=scene.first, now=after(days=3))
    with pytest.raises(AlertError):
        services.record_feedback(scene.accepted(), found=Found.SAFE, by=scene.first, now=after(days=3))


def test_the_holder_is_reminded_on_the_day_and_the_desk_a_day_later_each_once(scene: Scene, waiting: Alert) -> None:
    def count() -> tuple[int, int]:
        return len(unread(scene.first, waiting)), len(unread(scene.officer, waiting))

    before = count()
    told = []
    for hours in (71, 73, 75, 97, 99):
        services.chase_feedback(now=after(hours=hours))
        holder, desk = count()
        told.append((holder - before[0], desk - before[1]))
    assert told == [(0, 0), (1, 0), (1, 0), (2, 1), (2, 1)]
    services.record_feedback(waiting, found=Found.SAFE, by=scene.first, now=after(hours=100))
    assert count() == before
    assert services.chase_feedback(now=after(hours=150)) == 0


def test_where_the_holder_has_left_the_desk_is_reminded(scene: Scene, waiting: Alert) -> None:
    scene.first.is_active = False
    scene.first.save()
    before = len(unread(scene.officer, waiting))
    services.chase_feedback(now=after(hours=73))
    assert len(unread(scene.officer, waiting)) == before + 1


def test_when_it_is_due_is_a_rule_of_the_office(scene: Scene, waiting: Alert) -> None:
    Rule.objects.create(name=RuleName.FEEDBACK_DAYS, number=1)
    assert services.chase_feedback(now=after(hours=25)) == 1


def test_a_drill_asks_for_nothing_afterwards(scene: Scene) -> None:
    closed(scene, is_drill=True, end={"needs_second_feedback": True, "outcome": Outcome.DEFRAUDED, "lost": 1})
    page = afterwards(scene.officer, now=after(days=5))
    assert (page.feedback, page.call_backs) == ([], [])


# ── call-back ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given(pk=st.integers(min_value=1, max_value=10**9), percent=st.integers(min_value=1, max_value=100))
def test_the_sample_is_the_same_for_everybody_and_grows_with_its_share(pk: int, percent: int) -> None:
    def drawn(level: Level, outcome: str, of: int = percent) -> bool:
        return is_to_be_called_back(pk, level=level, outcome=outcome, percent=of)

    assert drawn(Level.HIGH, Outcome.DISSUADED) == drawn(Level.MEDIUM, Outcome.FALSE_ALARM)
    assert drawn(Level.HIGH, Outcome.DISSUADED) <= drawn(Level.HIGH, Outcome.DISSUADED, min(100, percent + 1))
    assert drawn(Level.HIGH, Outcome.DISSUADED, 100)
    assert not drawn(Level.LOW, Outcome.DISSUADED, 100)
    assert all(drawn(level, Outcome.DEFRAUDED) for level in Level)


def test_the_sample_is_about_as_large_as_the_rule_says() -> None:
    drawn = sum(
        is_to_be_called_back(pk, level=Level.HIGH, outcome=Outcome.DISSUADED, percent=20) for pk in range(1, 10_001)
    )
    assert 1_850 <= drawn <= 2_150


def test_nobody_calls_back_about_what_they_closed(scene: Scene) -> None:
    alert = closed(scene, by=scene.officer)
    with pytest.raises(AlertError):
        services.record_call_back(alert, is_true=True, by=scene.officer, now=after(days=1))
    services.record_call_back(alert, is_true=True, by=scene.manager, now=after(days=1))
    assert CallBack.objects.get().by == scene.manager


def test_not_true_needs_a_word_why_and_a_verdict_stands(scene: Scene) -> None:
    alert = closed(scene)
    with pytest.raises(AlertError):
        services.record_call_back(alert, is_true=False, note="  ", by=scene.officer, now=after(days=1))
    services.record_call_back(alert, is_true=False, note="没人上门", by=scene.officer, now=after(days=1))
    with pytest.raises(AlertError):
        services.record_call_back(alert, is_true=True, by=scene.manager, now=after(days=1))
    services.record_call_back(alert, is_true=True, by=scene.officer, now=after(days=1))  # pressed twice
    assert [(one.is_true, one.note) for one in CallBack.objects.all()] == [(False, "没人上门")]


def test_the_desk_s_list_has_the_defrauded_and_the_drawn_without_its_own(scene: Scene) -> None:
    Rule.objects.create(name=RuleName.CALL_BACK_PERCENT, number=100)
    lost = closed(scene, level=Level.LOW, end={"outcome": Outcome.DEFRAUDED, "lost": 8000})
    high = closed(scene, at=after(hours=1))
    closed(scene, at=after(hours=2), level=Level.LOW)
    closed(scene, at=after(hours=3), by=scene.officer)
    page = afterwards(scene.officer, now=after(days=1))
    assert [row.pk for row in page.call_backs] == [lost.pk, high.pk]
    assert page.own_closed == 1
    assert afterwards(scene.officer, now=after(days=30)).call_backs == []


def test_found_true_is_counted_by_when_it_was_called_back(scene: Scene) -> None:
    for hours, is_true in enumerate((True, True, False)):
        alert = closed(scene, at=after(hours=hours))
        services.record_call_back(alert, is_true=is_true, note="x", by=scene.officer, now=after(days=2))
    seen = Alert.objects.all()
    assert found_true(seen, begin=after(days=2), end=after(days=3)) == FoundTrue(true=2, called=3)
    assert found_true(seen, begin=after(days=1), end=after(days=2)) == FoundTrue(true=0, called=0)


def test_the_list_costs_the_same_for_two_as_for_twelve(scene: Scene, django_assert_max_num_queries: Any) -> None:
    Rule.objects.create(name=RuleName.CALL_BACK_PERCENT, number=100)

    def some(first: int, number: int) -> None:
        for one in range(first, first + number):
            closed(scene, at=after(hours=one), end={"needs_second_feedback": True})

    some(0, 2)
    afterwards(scene.officer, now=after(days=2))
    some(3, 10)
    with django_assert_max_num_queries(8):
        page = afterwards(scene.officer, now=after(days=2))
    assert (len(page.feedback), len(page.call_backs)) == (12, 12)


# ── a story ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def told_about(scene: Scene) -> Alert:
    resident = ResidentFactory(
        name="王德福", grid=scene.grid, phone="19900004444", birth_on=date(1955, 1, 1), id_number=""
    )
    FamilyContactFactory(resident=resident, name="王小丫", phone="19900005555")
    return closed(
        scene,
        name="王德福",
        phone="19900004444",
        description="王德福接到冒充民警的电话19900007777，女儿王小丫不在家",
        end={"prevented": 36000, "needs_second_feedback": False},
    )


def test_the_first_draft_names_nobody_and_says_what_saved(scene: Scene) -> None:
    alert = told_about(scene)
    draft = first_draft(alert, on=local(NOON).date())
    words = draft["body_zh"]
    assert not any(name in words for name in ("王德福", "王小丫", "19900007777"))
    assert "60–79" in words
    assert "冒充民警" in words
    assert names_in(alert)


def test_a_story_becomes_a_draft_of_the_community_once(scene: Scene) -> None:
    alert = told_about(scene)
    draft = first_draft(alert, on=local(NOON).date())
    made = services.tell_story(alert, words=draft, names=names_in(alert), by=scene.officer, now=after(days=1))
    text = Text.objects.get(key=made.text_key)
    assert (text.community_code, text.is_draft) == (scene.place.community.code, True)
    with pytest.raises(AlertError):
        services.tell_story(alert, words=draft, names=[], by=scene.officer, now=after(days=1))


@pytest.mark.parametrize("word", ["王德福", "王 小 丫", "19900004444", "6222021234567"])
def test_a_story_with_a_name_or_a_number_in_it_is_refused_and_nothing_is_kept(scene: Scene, word: str) -> None:
    alert = told_about(scene)
    words = {"title_zh": "身边的事", "body_zh": f"那天{word}接了电话"}
    with pytest.raises(AlertError):
        services.tell_story(alert, words=words, names=names_in(alert), by=scene.officer, now=after(days=1))
    assert not Story.objects.exists()
    assert not Text.objects.filter(key__startswith="story.").exists()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_holder_records_a_second_feedback_with_one_press(scene: Scene, waiting: Alert, client: Client) -> None:
    client.force_login(scene.first)
    assert [row.pk for row in client.get(reverse("alerts:afterwards")).context["page"].feedback] == [waiting.pk]
    client.post(reverse("alerts:feedback", args=[waiting.pk]), {"found": "safe"})
    drawn_again = client.get(reverse("alerts:afterwards"), headers={"HX-Request": "true"})
    assert (b"<html" in drawn_again.content, "X-Server-Now" in drawn_again.headers) == (False, True)
    assert client.get(reverse("alerts:afterwards")).context["page"].feedback == []
    assert client.get(reverse("alerts:detail", args=[waiting.pk])).status_code == 200


def test_a_feedback_pressed_without_a_line_is_of_its_moment_and_recorded_once(
    scene: Scene, waiting: Alert, client: Client
) -> None:
    client.force_login(scene.first)
    assert client.get(reverse("alerts:afterwards")).headers["X-Phone-May-Keep"] == "1"
    at = after(hours=3)
    press = {"press": str(uuid4()), "pressed_at": milliseconds(at), "pressed_by": scene.first.pk}
    address = reverse("alerts:feedback", args=[waiting.pk])
    for _n in range(2):
        said = client.post(address, {"found": "safe", **press}, headers={"Accept": "application/json"})
        assert (said.status_code, said.json()["ok"]) == (200, True)
    assert SecondFeedback.objects.get().at == at
    (line,) = (line for line in lines(waiting, "action") if "feedback" in line.detail)
    assert line.detail["pressed_at"] == at.isoformat(timespec="seconds")


def test_no_call_back_is_of_a_moment_before_the_closing(scene: Scene) -> None:
    alert = closed(scene)
    made = services.record_call_back(
        alert, is_true=True, by=scene.officer, now=after(hours=1), pressed_at=after(minutes=1)
    )
    assert made.at == after(minutes=9)


def test_the_other_specialist_sees_no_feedback_that_is_not_theirs(scene: Scene, waiting: Alert, client: Client) -> None:
    client.force_login(scene.second)
    page = client.get(reverse("alerts:afterwards")).context["page"]
    assert (page.feedback, page.call_backs, page.is_desk) == ([], [], False)


def test_the_desk_calls_back_and_turns_an_alert_into_a_story(scene: Scene, client: Client) -> None:
    alert = told_about(scene)
    client.force_login(scene.officer)
    client.post(reverse("alerts:call_back", args=[alert.pk]), {"verdict": "true"})
    assert CallBack.objects.get().is_true
    address = reverse("alerts:story", args=[alert.pk])
    refused = client.post(address, {"title_zh": "王德福的故事", "body_zh": "一天"})
    assert refused.status_code == 200
    assert "王德福的故事" in refused.content.decode()  # nothing typed is lost
    assert client.post(address, {"title_zh": "身边的事", "body_zh": "一天"}).status_code == 302
    client.force_login(scene.manager)
    page = client.get(reverse("alerts:detail", args=[alert.pk])).context["page"]
    assert client.get(page.story.url).status_code == 200


@pytest.mark.parametrize("role", [Role.WARNING_SPECIALIST, Role.GRID_LEADER, Role.POLICE_LIAISON])
def test_the_grid_neither_calls_back_nor_writes_stories(scene: Scene, client: Client, role: Role) -> None:
    alert = closed(scene)
    client.force_login(make_staff(role, scene.grid))
    for name in ("call_back", "story"):
        assert client.post(reverse(f"alerts:{name}", args=[alert.pk]), {"verdict": "true"}).status_code == 403


def test_the_next_community_s_desk_sees_and_does_nothing_here(scene: Scene, waiting: Alert, client: Client) -> None:
    client.force_login(make_staff(Role.DUTY_OFFICER, make_community(4).community))
    assert client.get(reverse("alerts:afterwards")).context["page"].feedback == []
    for name in ("feedback", "call_back", "story"):
        assert client.post(reverse(f"alerts:{name}", args=[waiting.pk]), {"found": "safe"}).status_code == 404


def test_an_administrator_changes_the_numbers_and_nobody_else(scene: Scene, client: Client) -> None:
    client.force_login(scene.manager)
    assert client.get(reverse("alerts:rules")).status_code == 403
    client.force_login(AdministratorFactory())
    fields = {str(name): 7 for name in RuleName}
    assert client.post(reverse("alerts:rules"), fields).status_code == 302
    assert set(Rule.objects.numbers().values()) == {7}
