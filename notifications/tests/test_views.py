"""The inbox, and how one wants to be told."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory
from notifications.models import Notice
from notifications.services import tell, withdraw
from notifications.tests.factories import NOON, letter_to

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
