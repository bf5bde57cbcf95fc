"""The inbox, and how one wants to be told."""

from datetime import time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.tests.factories import UserFactory
from notifications.models import Notice, Preference
from notifications.services import tell, withdraw
from notifications.tests.factories import NOON, ChannelFactory, letter_to
from notifications.tests.outside import BROKEN, HANG, REFUSED, RESET

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client: Client) -> User:
    made: User = UserFactory()
    client.force_login(made)
    return made


def notice_to(user: User, **fields: object) -> Notice:
    letter = letter_to(user, **fields)
    with transaction.atomic():
        tell([letter], now=NOON)
    return Notice.objects.get(key=letter.key)


def test_an_empty_inbox_says_what_would_be_in_it(client: Client, user: User) -> None:
    assert "Nothing here yet" in client.get(reverse("notifications:inbox")).content.decode()


def test_the_inbox_shows_ones_own_notices_alone_and_counts_the_unread(client: Client, user: User) -> None:
    notice_to(user, title="你的预警")
    notice_to(UserFactory(), title="别人的预警")
    page = client.get(reverse("notifications:inbox")).content.decode()
    assert "你的预警" in page
    assert "别人的预警" not in page
    assert 'class="count count-hot">1' in page


def test_opening_a_notice_marks_it_read_and_leads_to_what_it_is_about(client: Client, user: User) -> None:
    notice = notice_to(user)
    response = client.post(reverse("notifications:read", args=[notice.pk]))
    assert response["Location"] == notice.url
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_another_persons_notice_cannot_be_opened(client: Client, user: User) -> None:
    notice = notice_to(UserFactory())
    assert client.post(reverse("notifications:read", args=[notice.pk])).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_are_marked_read_with_one_press_and_nobody_elses(client: Client, user: User) -> None:
    notice_to(user), notice_to(user)
    other = notice_to(UserFactory())
    client.post(reverse("notifications:read_all"))
    assert list(Notice.objects.unread()) == [other]


def test_what_was_withdrawn_unread_is_not_shown(client: Client, user: User) -> None:
    notice = notice_to(user, title="不再需要")
    with transaction.atomic():
        withdraw([notice.subject], now=NOON)
    assert "不再需要" not in client.get(reverse("notifications:inbox")).content.decode()


def test_the_first_way_of_being_told_is_chosen_and_kept(client: Client, user: User) -> None:
    path = reverse("notifications:channels")
    client.post(path, {"first": "wecom"})
    user.refresh_from_db()
    assert user.channel_order == ["wecom"]
    assert '<option value="wecom" selected>' in client.get(path).content.decode()
    client.post(path, {"first": ""})
    user.refresh_from_db()
    assert user.channel_order == []


def test_a_way_that_does_not_exist_is_refused(client: Client, user: User) -> None:
    response = client.post(reverse("notifications:channels"), {"first": "pigeon"})
    assert response.status_code == 200
    assert "Select a valid choice" in response.content.decode()


@pytest.mark.parametrize("name", ["inbox", "channels"])
def test_nobody_reads_an_inbox_before_logging_in(client: Client, name: str) -> None:
    assert client.get(reverse(f"notifications:{name}"))["Location"].startswith(reverse("accounts:login"))


# How somebody wants to be told

CHANNELS = "notifications:channels"


def wish(topic: str, **fields: str) -> dict[str, str]:
    return {"topic": topic, **{f"{topic}-{name}": value for name, value in fields.items()}}


def test_the_usual_order_is_up_to_three_ways_each_once(client: Client, user: User) -> None:
    client.post(reverse(CHANNELS), {"first": "wecom", "second": "wecom", "third": "email"})
    user.refresh_from_db()
    assert user.channel_order == ["wecom", "email"]


def test_a_wish_about_one_topic_is_kept_shown_and_taken_back(client: Client, user: User) -> None:
    fields = {"first": "email", "second": "sms", "begins_at": "08:00", "ends_at": "21:30"}
    client.post(reverse(CHANNELS), wish("outreach", **fields))
    kept = Preference.objects.get()
    assert (kept.user, kept.topic, kept.kinds) == (user, "outreach", ["email", "sms"])
    assert (kept.begins_at, kept.ends_at) == (time(8), time(21, 30))
    page = client.get(reverse(CHANNELS)).content.decode()
    assert "E-mail → Text message; 08:00–21:30" in page
    assert 'value="21:30"' in page
    entry = AuditEntry.objects.get(verb="notifications.preference_set")
    assert entry.detail["hours"] == ["08:00", "21:30"]
    client.post(reverse(CHANNELS), wish("outreach", first="", begins_at="", ends_at=""))
    assert not Preference.objects.exists()


def test_the_same_wish_again_changes_nothing_and_leaves_no_trace(client: Client, user: User) -> None:
    for _twice in range(2):
        client.post(reverse(CHANNELS), wish("care", first="sms"))
    assert AuditEntry.objects.filter(verb="notifications.preference_set").count() == 1


def test_a_topic_may_be_left_to_the_inbox_alone_but_alerts_may_not(client: Client, user: User) -> None:
    client.post(reverse(CHANNELS), wish("reports", first="inbox"))
    assert Preference.objects.get().is_inbox_alone
    assert "in the inbox alone" in client.get(reverse(CHANNELS)).content.decode()
    refused = client.post(reverse(CHANNELS), wish("alerts", first="inbox"))
    assert "Select a valid choice" in refused.content.decode()
    assert Preference.objects.count() == 1


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"begins_at": "08:00"}, "Enter both times, or neither."),
        ({"ends_at": "08:00"}, "Enter both times, or neither."),
        ({"begins_at": "08:00", "ends_at": "08:00"}, "Both times are the same"),
        ({"begins_at": "25:00", "ends_at": "26:00"}, "Enter a time of day like 08:00."),
    ],
)
def test_hours_that_are_none_are_refused_beside_their_field_and_nothing_typed_is_lost(
    client: Client, user: User, hours: dict[str, str], said: str
) -> None:
    page = client.post(reverse(CHANNELS), wish("care", first="email", **hours)).content.decode()
    assert said in page
    assert '<option value="email" selected>' in page
    assert all(f'value="{at}"' in page for at in hours.values())
    assert not Preference.objects.exists()


def test_a_topic_that_does_not_exist_saves_nothing(client: Client, user: User) -> None:
    assert client.post(reverse(CHANNELS), wish("pigeons", first="sms")).status_code == 302
    assert not Preference.objects.exists()


def test_a_person_tries_their_own_way_and_reads_what_the_gateway_said(client: Client, user: User, web: Any) -> None:
    channel = ChannelFactory(address=f"{web.url}/sms")
    page = client.post(reverse("notifications:test"), {"kind": "sms"}, follow=True).content.decode()
    assert "took the test message" in page
    assert web.at("sms")[0].json["phone"] == user.phone
    entry = AuditEntry.objects.get(verb="notifications.channel_tested")
    assert (entry.actor, entry.object_id, entry.detail["taken"]) == (user, str(channel.pk), True)


def test_a_second_test_at_once_is_refused_and_costs_nothing(client: Client, user: User, web: Any) -> None:
    ChannelFactory(address=f"{web.url}/sms")
    for _twice in range(2):
        page = client.post(reverse("notifications:test"), {"kind": "sms"}, follow=True).content.decode()
    assert "Try again in" in page
    assert len(web.at("sms")) == 1


@pytest.mark.parametrize("behaviour", [REFUSED, BROKEN, HANG, RESET])
def test_a_test_that_fails_says_why_in_words_and_is_logged(
    client: Client, user: User, web: Any, behaviour: Any
) -> None:
    channel = ChannelFactory(address=f"{web.url}/sms")
    web.behaviour["sms"] = behaviour
    page = client.post(reverse("notifications:test"), {"kind": "sms"}, follow=True).content.decode()
    assert "failed:" in page
    assert AuditEntry.objects.get(verb="notifications.channel_tested").detail["answer"]
    channel.refresh_from_db()
    assert channel.failing_since is not None
    assert "Failing since" in page


def test_nobody_sends_tests_to_a_group_or_over_what_cannot_reach_them(client: Client, user: User, web: Any) -> None:
    ChannelFactory(kind="wecom", address="k")
    ChannelFactory(kind="email")
    assert client.post(reverse("notifications:test"), {"kind": "wecom"}).status_code == 404
    assert client.post(reverse("notifications:test"), {"kind": "pigeon"}).status_code == 404
    user.email = ""
    user.save()
    page = client.post(reverse("notifications:test"), {"kind": "email"}, follow=True).content.decode()
    assert "You have no e-mail address" in page
    assert not web.asked


def test_the_page_names_the_ways_that_reach_the_person_for_the_place_they_were_told_about(
    client: Client, user: User
) -> None:
    ChannelFactory(kind="wecom", name="西苑值班群", area_code="999900000000003", address="k")
    ChannelFactory(kind="wecom", name="别处的群", area_code="888", address="k")
    notice_to(user)
    page = client.get(reverse(CHANNELS)).content.decode()
    assert "西苑值班群" in page
    assert "别处的群" not in page
    assert user.masked_phone in page
    assert "Not set up: the administrator does that." in page


def test_what_a_page_shows_is_marked_as_seen_for_its_reader_alone(client: Client, user: User) -> None:
    notice, other = notice_to(user, subject="alert:7"), notice_to(UserFactory(), subject="alert:7")
    for subject in ("alert:7", "alert:8", "\x00", ""):
        assert client.post(reverse("notifications:seen"), {"subject": subject}).status_code == 204
    notice.refresh_from_db()
    other.refresh_from_db()
    assert notice.read_at is not None
    assert other.read_at is None
