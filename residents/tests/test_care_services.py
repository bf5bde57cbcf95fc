"""Pairing, visits and chasing: what is written, what is refused, who is told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import InMemoryStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.clock import local, midnight
from accounts.models import AuditEntry, User
from accounts.roles import Role
from antifraud.testing.at_once import at_once
from notifications.models import Notice
from residents import services
from residents.models import Pairing, Resident, Rule, Visit
from residents.policy import RuleName, VisitResult, WarningSign
from residents.services import Found, ResidentsError
from residents.tests.factories import (
    PairingFactory,
    ResidentFactory,
    VisitFactory,
    make_community,
    make_elder,
    make_staff,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)  # a Thursday, noon where the office stands
TODAY = date(2026, 4, 2)
MET = Found(result=VisitResult.MET)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Refusals are read in the words of the source."""
    with translation.override("en"):
        yield


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def elder(place) -> Resident:
    return make_elder(place.grid)


@pytest.fixture
def leader(place) -> User:
    return make_staff(Role.GRID_LEADER, place.grid)


@pytest.fixture
def carer(place) -> User:
    return make_staff(Role.CARER, place.grid)


def pair(resident: Resident, carer: User, by: User, *, starts_on: date = TODAY) -> Pairing:
    return services.pair(resident, carer=carer, starts_on=starts_on, by=by, now=NOON, on=TODAY)


# ── pairing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_carer_is_paired_told_without_a_name_and_it_is_written_down(elder, carer, leader) -> None:
    pairing = pair(elder, carer, leader)
    assert (pairing.carer, pairing.starts_on, pairing.ends_on) == (carer, TODAY, None)
    notice = Notice.objects.get(recipient=carer)
    assert elder.name not in notice.title + notice.body + notice.public_text
    entry = AuditEntry.objects.get(verb="residents.paired")
    assert (entry.actor, entry.area_code, entry.object_id) == (leader, elder.grid.code, str(elder.pk))


def test_a_new_carer_ends_the_one_before_on_the_day_before(elder, carer, leader, place) -> None:
    first = pair(elder, carer, leader, starts_on=day(-10))
    second = pair(elder, make_staff(Role.CARER, place.grid), leader)
    first.refresh_from_db()
    assert first.ends_on == day(-1)
    assert second.ends_on is None
    assert list(Pairing.objects.current(TODAY)) == [second]


def test_a_carer_chosen_wrongly_is_corrected_on_the_same_day(elder, carer, leader, place) -> None:
    pair(elder, make_staff(Role.CARER, place.grid), leader)
    pair(elder, carer, leader)
    assert Pairing.objects.get().carer == carer
    assert Notice.objects.filter(withdrawn_at__isnull=True).get().recipient == carer


def test_a_pairing_cannot_begin_before_the_one_that_runs(elder, carer, leader, place) -> None:
    pair(elder, carer, leader)
    with pytest.raises(ResidentsError, match="choose that day or a later one"):
        pair(elder, make_staff(Role.CARER, place.grid), leader, starts_on=day(-3))


def test_a_pairing_that_ends_later_is_cut_short_by_the_next(elder, carer, leader, place) -> None:
    first = PairingFactory(resident=elder, starts_on=day(-20), ends_on=day(20))
    pair(elder, carer, leader)
    first.refresh_from_db()
    assert first.ends_on == day(-1)


@pytest.mark.parametrize("role", [Role.OUTREACH_WORKER, Role.DUTY_OFFICER, Role.POLICE_LIAISON])
def test_who_does_not_visit_cannot_be_paired(elder, leader, place, role) -> None:
    with pytest.raises(ResidentsError, match="no post here that visits"):
        pair(elder, make_staff(role, place.community), leader)


def test_a_carer_of_another_grid_cannot_be_paired(elder, leader, place) -> None:
    with pytest.raises(ResidentsError, match="no post here that visits"):
        pair(elder, make_staff(Role.CARER, place.grids[1]), leader)


def test_who_may_no_longer_log_in_cannot_be_paired(elder, carer, leader) -> None:
    User.objects.filter(pk=carer.pk).update(is_active=False)
    carer.refresh_from_db()
    with pytest.raises(ResidentsError):
        pair(elder, carer, leader)


def test_a_child_is_paired_with_somebody_who_may_see_the_record(place, carer, leader) -> None:
    child = ResidentFactory(grid=place.grid, birth_on=date(2015, 1, 1))
    with pytest.raises(ResidentsError, match="under fourteen"):
        pair(child, carer, leader)
    assert pair(child, leader, leader).carer == leader


def test_who_has_gone_is_paired_with_nobody(elder, carer, leader) -> None:
    Resident.objects.filter(pk=elder.pk).update(ended_on=day(-1))
    with pytest.raises(ResidentsError, match="no longer here"):
        pair(elder, carer, leader)


def test_a_slip_in_the_year_is_refused(elder, carer, leader) -> None:
    with pytest.raises(ResidentsError, match="look at the year"):
        pair(elder, carer, leader, starts_on=date(2062, 4, 2))


def test_a_pairing_ends_after_a_day_and_not_before_it_began(elder, carer, leader) -> None:
    pairing = pair(elder, carer, leader, starts_on=day(-10))
    with pytest.raises(ResidentsError, match="cannot end before"):
        services.end_pairing(pairing, ends_on=day(-11), by=leader, now=NOON, on=TODAY)
    services.end_pairing(pairing, ends_on=TODAY, by=leader, now=NOON, on=TODAY)
    assert list(Pairing.objects.current(TODAY)) == [pairing]
    assert not Pairing.objects.current(day(1)).exists()
    assert AuditEntry.objects.filter(verb="residents.unpaired").count() == 1


def test_an_ended_pairing_is_not_stretched_over_the_next(elder, carer, leader, place) -> None:
    first = pair(elder, carer, leader, starts_on=day(-10))
    pair(elder, make_staff(Role.CARER, place.grid), leader)
    with pytest.raises(ResidentsError, match="Somebody else"):
        services.end_pairing(first, ends_on=day(3), by=leader, now=NOON, on=TODAY)


# ── visits ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def log(resident: Resident, by: User, found: Found = MET, **fields) -> Visit:
    return services.log_visit(resident, found=found, by=by, now=fields.pop("now", NOON), **fields)


def test_a_visit_is_written_down_once_however_often_it_is_sent(elder, carer) -> None:
    press = uuid4()
    first = log(elder, carer, press=press)
    again = log(elder, carer, Found(result=VisitResult.NOT_HOME), press=press)
    assert first == again
    assert Visit.objects.get().result == VisitResult.MET
    assert AuditEntry.objects.filter(verb="residents.visited").count() == 1


def test_a_press_made_for_somebody_else_is_refused(elder, carer, place) -> None:
    press = uuid4()
    log(elder, carer, press=press)
    with pytest.raises(ResidentsError, match="open it anew"):
        log(make_elder(place.grid), carer, press=press)


def test_a_visit_keeps_when_it_was_and_when_it_was_written_down(elder, carer) -> None:
    visit = log(elder, carer, at=NOON - timedelta(hours=3))
    visit.refresh_from_db()
    assert visit.at == NOON - timedelta(hours=3)
    assert visit.recorded_at > visit.at


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"at": NOON + timedelta(minutes=1)}, "future"),
        ({"at": NOON - timedelta(days=32)}, "more than a month"),
        ({"found": Found(result=VisitResult.MET, next_on=TODAY)}, "from tomorrow on"),
        ({"found": Found(result=VisitResult.MET, next_on=day(200))}, "from tomorrow on"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(elder, carer, fields, words) -> None:
    with pytest.raises(ResidentsError, match=words):
        log(elder, carer, **fields)
    assert not Visit.objects.exists()


def test_a_photo_lies_in_the_private_storage_under_a_name_of_ours(elder, carer, monkeypatch) -> None:
    storage = InMemoryStorage()
    monkeypatch.setattr(Visit._meta.get_field("photo"), "storage", storage)
    visit = log(elder, carer, photo=b"jpeg")
    assert visit.photo.name.endswith(".jpg")
    assert storage.open(visit.photo.name).read() == b"jpeg"


def test_the_day_agreed_on_goes_before_the_rule_until_somebody_is_met(elder, carer, leader) -> None:
    pair(elder, carer, leader, starts_on=day(-10))
    log(elder, carer, Found(result=VisitResult.MET, next_on=day(2)))

    def due() -> date:
        return Pairing.objects.with_last_visits().get().due_on(every_days=7)

    assert due() == day(2)
    log(elder, carer, Found(result=VisitResult.NOT_HOME), now=NOON + timedelta(days=2))
    assert due() == day(2)
    log(elder, carer, now=NOON + timedelta(days=3))
    assert due() == day(10)


# ── chasing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def chase(offset: int = 0, hour: int = 9) -> int:
    return services.chase_overdue(now=midnight(day(offset)) + timedelta(hours=hour))


def told(user: User) -> int:
    return Notice.objects.filter(recipient=user, kind="visits.overdue", withdrawn_at__isnull=True).count()


@pytest.fixture
def due_today(elder, carer, leader) -> Pairing:
    """A pairing whose first visit is due today."""
    return PairingFactory(resident=elder, carer=carer, starts_on=day(-7))


def test_the_carer_is_told_on_the_first_day_and_the_leader_on_the_second(due_today, carer, leader) -> None:
    chase()
    assert (told(carer), told(leader)) == (0, 0)
    chase(1)
    assert (told(carer), told(leader)) == (1, 0)
    chase(2)
    assert (told(carer), told(leader)) == (1, 1)
    for later in (2, 3, 4):
        assert chase(later) == 0
    assert (told(carer), told(leader)) == (1, 1)


def test_the_office_says_when_a_visit_is_due_and_when_the_leader_is_told(due_today, carer, leader) -> None:
    Rule.objects.create(name=RuleName.VISIT_EVERY_DAYS, number=14)
    Rule.objects.create(name=RuleName.CHASE_LEADER_DAYS, number=5)
    chase(7)
    assert told(carer) == 0
    chase(8)
    chase(11)
    assert (told(carer), told(leader)) == (1, 0)
    chase(12)
    assert told(leader) == 1


@pytest.mark.parametrize("hour", [0, 7, 20, 23])
def test_nobody_is_woken(due_today, carer, hour) -> None:
    assert chase(1, hour=hour) == 0
    assert told(carer) == 0


def test_a_letter_says_how_many_and_no_name_and_no_number(place, carer, leader) -> None:
    elders = [make_elder(place.grid, name=f"赵秀英{one}") for one in range(3)]
    for one in elders:
        PairingFactory(resident=one, carer=carer, starts_on=day(-9))
    assert chase() == 2
    for notice in Notice.objects.filter(kind="visits.overdue"):
        words = notice.title + notice.body + notice.public_text + notice.url
        assert "3 visits" in notice.title
        assert not any(one.name in words or one.phone in words for one in elders)


def test_a_visit_takes_the_reminders_back(due_today, carer, leader, elder) -> None:
    chase(2)
    assert (told(carer), told(leader)) == (1, 1)
    log(elder, carer, now=NOON + timedelta(days=2))
    assert (told(carer), told(leader)) == (0, 0)


def test_a_reminder_stays_while_another_visit_is_overdue(due_today, carer, elder, place) -> None:
    PairingFactory(resident=make_elder(place.grid), carer=carer, starts_on=day(-7))
    chase(1)
    log(elder, carer, now=NOON + timedelta(days=1))
    assert told(carer) == 1


def test_the_next_due_day_is_chased_anew(due_today, carer, elder) -> None:
    chase(1)
    log(elder, carer, now=NOON + timedelta(days=1))
    assert chase(8) == 0
    chase(9)
    assert Notice.objects.filter(recipient=carer, kind="visits.overdue").count() == 2


def test_nobody_who_has_gone_is_chased(due_today, carer, elder) -> None:
    Resident.objects.filter(pk=elder.pk).update(ended_on=TODAY)
    assert chase(5) == 0


def test_where_a_grid_has_no_leader_the_manager_is_told(place, elder, carer) -> None:
    manager = make_staff(Role.MANAGER, place.community)
    PairingFactory(resident=elder, carer=carer, starts_on=day(-9))
    chase()
    assert told(manager) == 1


def test_where_nobody_answers_for_a_grid_it_is_kept_until_somebody_does(place, elder, carer) -> None:
    PairingFactory(resident=elder, carer=carer, starts_on=day(-9))
    chase()
    leader = make_staff(Role.GRID_LEADER, place.grid)
    chase()
    assert told(leader) == 1


def test_chasing_costs_the_same_for_two_as_for_twelve(place) -> None:
    leader = make_staff(Role.GRID_LEADER, place.grid)

    def run(number: int) -> int:
        for _one in range(number):
            PairingFactory(resident=make_elder(place.grid), starts_on=day(-9), carer=leader)
        with CaptureQueriesContext(connection) as queries:
            chase()
        return len(queries)

    assert run(2) == run(12)


def test_signs_are_kept_in_words_we_know(elder, carer) -> None:
    visit = log(elder, carer, Found(result=VisitResult.MET, signs=[WarningSign.TRANSFERS, "unheard-of"]))
    assert visit.sign_labels == [WarningSign.TRANSFERS.label]


# ── at the same moment ──────────────────────────────────────────────────────────────────────────────────────────────

ROUNDS = 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_who_chase_at_the_same_moment_tell_once() -> None:
    place = make_community()
    carer, leader = make_staff(Role.CARER, place.grid), make_staff(Role.GRID_LEADER, place.grid)
    for number in range(ROUNDS):
        Notice.objects.filter(kind="visits.overdue").delete()
        for _one in range(3):
            PairingFactory(resident=make_elder(place.grid), carer=carer, starts_on=day(-9 - number))
        at_once(chase, chase, chase)
        assert (told(carer), told(leader)) == (1, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_press_that_arrives_twice_at_the_same_moment_gives_one_visit() -> None:
    place = make_community()
    elder, carer = make_elder(place.grid), make_staff(Role.CARER, place.grid)
    for number in range(ROUNDS):
        press = uuid4()
        results = at_once(*[lambda press=press: log(elder, carer, press=press) for _time in range(3)])
        assert {type(result) for result in results} == {Visit}, results
        assert Visit.objects.count() == number + 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_pair_the_same_resident_at_the_same_moment_leave_one_carer() -> None:
    place = make_community()
    leader = make_staff(Role.GRID_LEADER, place.grid)
    for _round in range(ROUNDS):
        elder = make_elder(place.grid)
        carers = [make_staff(Role.CARER, place.grid) for _one in range(2)]
        results = at_once(*[lambda who=who, elder=elder: pair(elder, who, leader) for who in carers])
        assert all(isinstance(result, Pairing) for result in results), results
        assert Pairing.objects.of_residents([elder]).current(local(NOON).date()).count() == 1


def test_a_visit_of_somebody_else_counts_for_the_carer(due_today, elder, leader, carer) -> None:
    VisitFactory(resident=elder, by=leader, at=NOON)
    assert chase(5) == 0
