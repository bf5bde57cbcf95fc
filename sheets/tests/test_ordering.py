"""Files that are ordered: made once, handed to who ordered them alone, let go of when their days are over."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEntry
from accounts.services import RefusedError
from accounts.tests.factories import UserFactory
from notifications.models import Notice
from sheets.models import FileJob, FileState
from sheets.services import ordering
from sheets.services.ordering import MAKING_LEFT_AFTER, Made, make_file, order_again, order_file

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 2, 1, 0, tzinfo=UTC)


class Paper:
    """Makes a file of three lines, or refuses, or dies over it."""

    key, verb = "paper", "reports.exported"

    def __init__(self):
        self.fails_with = None
        self.made = 0
        self.is_in_sight = True

    def make(self, job, *, now, progress):
        progress(1, 3)
        self.made += 1
        if self.fails_with is not None:
            raise self.fails_with
        return Made("三行.xlsx", b"one\ntwo\nthree", 3)

    def may_have(self, job, *, on):
        return self.is_in_sight


@pytest.fixture
def paper(monkeypatch):
    maker = Paper()
    monkeypatch.setitem(ordering._makers, "paper", maker)
    return maker


def ordered(by=None, **more):
    options = {"title": "三行", "area_code": "370105012003", "options": {}, "keep_days": 7} | more
    return order_file("paper", by=by or UserFactory(), now=NOW, **options)


def test_an_ordered_file_is_made_sealed_and_told_of_in_the_inbox(paper):
    job = ordered()
    assert make_file(job.pk, now=NOW)
    job.refresh_from_db()
    assert job.state == FileState.READY
    assert job.expires_at == NOW + timedelta(days=7)
    assert b"two" not in bytes(job.content)
    assert ordering.fetch_file(job, by=job.by, now=NOW) == b"one\ntwo\nthree"
    assert Notice.objects.get(recipient=job.by).url == reverse("sheets:file", args=[job.pk])
    entry = AuditEntry.objects.get(verb="reports.exported")
    assert (entry.actor, entry.area_code, entry.detail["rows"]) == (job.by, "370105012003", 3)


def test_a_file_is_made_once_however_often_its_message_comes(paper):
    job = ordered()
    assert [make_file(job.pk, now=NOW) for _time in range(3)] == [True, False, False]
    assert paper.made == 1


def test_what_cannot_be_made_says_why_and_can_be_ordered_again(paper):
    job = ordered()
    paper.fails_with = RefusedError("这里没有数据")
    assert make_file(job.pk, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.message) == (FileState.FAILED, "这里没有数据")
    paper.fails_with = None
    order_again(job, by=job.by, now=NOW + timedelta(minutes=1))
    assert make_file(job.pk, now=NOW + timedelta(minutes=1))
    job.refresh_from_db()
    assert job.state == FileState.READY
    assert Notice.objects.filter(recipient=job.by).count() == 2


def test_a_file_over_which_a_worker_died_is_taken_up_and_after_three_tries_given_up(paper):
    job = ordered()
    paper.fails_with = MemoryError()
    at = NOW
    for _try in range(3):
        with pytest.raises(MemoryError):
            make_file(job.pk, now=at)
        assert ordering.files_left_lying(now=at + MAKING_LEFT_AFTER - timedelta(seconds=1)) == []
        # The sign of life is the database's own clock: long before, in this test.
        FileJob.objects.filter(pk=job.pk).update(touched_at=at)
        at += MAKING_LEFT_AFTER + timedelta(seconds=1)
        assert ordering.files_left_lying(now=at) == [job.pk]
    assert not make_file(job.pk, now=at)
    job.refresh_from_db()
    assert job.state == FileState.FAILED
    assert job.message
    assert paper.made == 3
    assert Notice.objects.filter(recipient=job.by).count() == 1


def test_a_file_is_let_go_of_when_its_days_are_over_and_not_before(paper):
    job = ordered()
    make_file(job.pk, now=NOW)
    assert ordering.let_go_of_files(now=NOW + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert ordering.let_go_of_files(now=NOW + timedelta(days=7)) == 1
    job.refresh_from_db()
    assert (job.state, job.content) == (FileState.EXPIRED, None)


def test_nobody_but_who_ordered_a_file_finds_or_fetches_it(paper, client: Client):
    job = ordered()
    make_file(job.pk, now=NOW)
    addresses = [reverse("sheets:file", args=[job.pk]), reverse("sheets:file_download", args=[job.pk])]
    client.force_login(UserFactory())
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert client.post(reverse("sheets:file_again", args=[job.pk])).status_code == 404
    assert "三行" not in client.get(reverse("sheets:files")).content.decode()
    client.force_login(job.by)
    assert client.get(addresses[1]).content == b"one\ntwo\nthree"
    assert "三行" in client.get(reverse("sheets:files")).content.decode()


def test_the_page_of_a_file_says_how_far_it_is_and_asks_again_until_it_is_ready(paper, client: Client):
    job = ordered()
    client.force_login(job.by)
    address = reverse("sheets:file", args=[job.pk])
    assert "data-hx-get" in client.get(address).content.decode()
    assert client.get(reverse("sheets:file_download", args=[job.pk])).status_code == 302
    make_file(job.pk, now=NOW)
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "data-hx-get" not in page
    assert reverse("sheets:file_download", args=[job.pk]) in page


def test_that_a_file_was_ordered_made_and_fetched_stands_in_the_trail(paper, client):
    job = ordered()
    make_file(job.pk, now=NOW)
    client.force_login(job.by)
    client.get(reverse("sheets:file_download", args=[job.pk]))
    order_again(job, by=job.by, now=NOW)
    lines = AuditEntry.objects.about(job).order_by("pk")
    assert [line.verb for line in lines] == [
        "sheets.file_ordered",
        "reports.exported",
        "sheets.file_fetched",
        "sheets.file_ordered",
    ]
    assert {line.actor for line in lines} == {job.by}
    assert set(lines) == set(AuditEntry.objects.of_access())


def test_a_file_is_out_of_reach_once_who_ordered_it_may_not_see_what_is_in_it(paper, client):
    job = ordered()
    make_file(job.pk, now=NOW)
    paper.is_in_sight = False
    client.force_login(job.by)
    page = client.get(reverse("sheets:file", args=[job.pk])).content.decode()
    assert reverse("sheets:file_download", args=[job.pk]) not in page
    with translation.override(job.by.language):
        assert ordering.out_of_sight()[:20] in page
    answer = client.get(reverse("sheets:file_download", args=[job.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("sheets:file", args=[job.pk]), 302)]
    assert not AuditEntry.objects.filter(verb="sheets.file_fetched").exists()
    with pytest.raises(RefusedError):
        order_again(job, by=job.by, now=NOW)
