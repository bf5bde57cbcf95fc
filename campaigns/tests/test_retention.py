"""What outreach keeps of people is let go of by its own rules, and at once where a resident is anonymised."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns.models import EventPhoto, Pledge, Rule, SignIn
from campaigns.policy import PhotoKind, RuleName
from campaigns.services.retention import KEPT_RULES, OutreachKeeper
from campaigns.tests.factories import EventFactory
from residents.models import Resident
from residents.policy import Departure
from residents.screens.retention import retention_page
from residents.services import Report, apply_retention, what_is_due
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)  # where the office stands


@pytest.fixture
def place():
    return make_community()


def pledged(grid, *, resident: Resident | None = None, days: int = 0) -> Pledge:
    pledge = Pledge.objects.create(
        event=EventFactory(area=grid),
        area=grid,
        resident=resident,
        name="慕容居民",
        text="反诈承诺书\n不轻信。",
        at=NOW - timedelta(days=days),
        by=make_staff(Role.OUTREACH_WORKER, grid),
    )
    pledge.signature.save("1.jpg", ContentFile(b"ink"))
    return pledge


def photographed(grid, kind: PhotoKind, *, days: int) -> EventPhoto:
    by = make_staff(Role.OUTREACH_WORKER, grid)
    photo = EventPhoto.objects.create(event=EventFactory(area=grid), kind=kind, by=by, at=NOW - timedelta(days=days))
    photo.file.save("1.jpg", ContentFile(b"names"))
    return photo


def signed_in(grid, *, resident: Resident | None = None, days: int = 0) -> SignIn:
    at = NOW - timedelta(days=days)
    return SignIn.objects.create(event=EventFactory(area=grid), name="无名氏", phone="0017", resident=resident, at=at)


def of_outreach(report: Report) -> dict[str, int]:
    """What a report counts of outreach: other apps have keepers too."""
    return {name: report.beside[name] for name in OutreachKeeper.labels}


def is_there(file) -> bool:
    return file.storage.exists(file.name)


def test_who_is_anonymised_loses_name_and_signature_of_what_they_signed_at_once(
    place, django_capture_on_commit_callbacks
):
    gone = ResidentFactory(grid=place.grid, ended_on=date(2024, 1, 1), departure=Departure.MOVED)
    stays = ResidentFactory(grid=place.grid)
    of_gone, of_stays = pledged(place.grid, resident=gone), pledged(place.grid, resident=stays)
    here, there = signed_in(place.grid, resident=gone), signed_in(place.grid, resident=stays)
    with django_capture_on_commit_callbacks(execute=True):
        done = apply_retention(now=NOW)
    assert of_outreach(done) == {"sign_ins": 1, "paper_photos": 0, "pledges": 1}
    emptied = Pledge.objects.get(pk=of_gone.pk)
    assert (emptied.name, emptied.signature.name, emptied.title) == ("", "", "反诈承诺书")
    assert not is_there(of_gone.signature)
    assert Pledge.objects.get(pk=of_stays.pk).name == "慕容居民"
    assert is_there(of_stays.signature)
    assert [SignIn.objects.get(pk=one.pk).name for one in (here, there)] == ["", "无名氏"]


@pytest.mark.parametrize(("days", "is_kept"), [(730, True), (731, False)])
def test_a_pledge_keeps_its_name_as_long_as_the_rule_says(place, days, is_kept, django_capture_on_commit_callbacks):
    pledge = pledged(place.grid, days=days, resident=ResidentFactory(grid=place.grid))
    with django_capture_on_commit_callbacks(execute=True):
        apply_retention(now=NOW)
    assert bool(Pledge.objects.get().name) is is_there(pledge.signature) is is_kept


def test_photos_of_paper_go_with_their_files_and_those_of_the_event_stay(place, django_capture_on_commit_callbacks):
    kept = [
        photographed(place.grid, PhotoKind.EVENT, days=4000),
        photographed(place.grid, PhotoKind.PAPER, days=180),
        photographed(place.grid, PhotoKind.PLEDGE, days=730),
    ]
    old = [photographed(place.grid, PhotoKind.PAPER, days=181), photographed(place.grid, PhotoKind.PLEDGE, days=731)]
    with django_capture_on_commit_callbacks(execute=True):
        assert apply_retention(now=NOW).beside["paper_photos"] == 2
    assert list(EventPhoto.objects.order_by("pk")) == kept
    assert all(is_there(photo.file) for photo in kept)
    assert not any(is_there(photo.file) for photo in old)


def test_no_file_is_deleted_where_the_transaction_is_not_committed(place, django_capture_on_commit_callbacks):
    pledge = pledged(place.grid, days=800)
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        apply_retention(now=NOW)
        assert is_there(pledge.signature)
    assert callbacks


def test_a_dry_run_counts_what_the_run_does_in_one_s_areas_and_the_run_is_one_line_of_the_trail(place):
    neighbour = make_community(4)
    for grid in (place.grid, neighbour.grid):
        gone = ResidentFactory(grid=grid, ended_on=date(2024, 1, 1), departure=Departure.DIED)
        pledged(grid, resident=gone, days=900)  # due for both reasons, and counted once
        pledged(grid, days=900)
        signed_in(grid, days=40)
        photographed(grid, PhotoKind.PAPER, days=200)
    here = {"sign_ins": 1, "paper_photos": 1, "pledges": 2}
    assert of_outreach(what_is_due(now=NOW, codes=(place.community.code,))) == here
    due = what_is_due(now=NOW)
    done = apply_retention(now=NOW)
    assert done == due
    assert of_outreach(done) == {name: 2 * number for name, number in here.items()}
    assert AuditEntry.objects.get(verb="residents.retention_applied").detail == done.counts
    assert not any(apply_retention(now=NOW).beside.values())


def test_the_page_shows_the_rules_of_outreach_and_what_they_count(place):
    Rule.objects.create(name=RuleName.KEEP_PLEDGES_DAYS, number=10)
    pledged(place.grid, days=12)
    page = retention_page(make_staff(Role.MANAGER, place.community), now=NOW, on=TODAY)
    rules = {rule.label: (rule.number, rule.before) for rule in page.rules}
    assert rules[str(RuleName.KEEP_PLEDGES_DAYS.label)] == (10, date(2026, 11, 11))
    assert {str(rule.label) for rule in KEPT_RULES} <= set(rules)
    assert 1 in dict(page.due).values()
    assert not page.is_nothing_due


def test_a_pledge_without_its_name_can_still_be_opened(place):
    pledge = pledged(place.grid, days=800)
    Pledge.objects.filter(pk=pledge.pk).update(at=database_now() - timedelta(days=800))
    apply_retention(now=database_now())
    client = Client()
    client.force_login(make_staff(Role.OUTREACH_WORKER, place.community, language="en"))
    page = client.get(reverse("campaigns:pledge", args=[pledge.pk])).content.decode()
    assert "Name no longer kept" in page
    assert reverse("campaigns:signature", args=[pledge.pk]) not in page
    assert client.get(reverse("campaigns:signature", args=[pledge.pk])).status_code == 404
    listed = client.get(reverse("campaigns:logged", args=[pledge.event_id])).content.decode()
    assert "Name no longer kept" in listed
