"""What is done on a schedule besides the clock: by Celery or, where it is silent, by the stand-by; by each once."""

import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from celery.schedules import crontab
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import database_now
from accounts.models import AuditSeal
from accounts.services import record
from alerts.management.commands import keep_watch
from antifraud import errands
from antifraud.management.commands import do_errands
from antifraud.models import Errand

NIGHT = crontab(hour=3, minute=30)
HALF_PAST_THREE = datetime(2026, 4, 1, 19, 30, tzinfo=UTC)  # where the office stands
DAY, MINUTE, NOTHING = timedelta(days=1), timedelta(minutes=1), timedelta(0)
YESTERDAY_NOON = HALF_PAST_THREE - timedelta(hours=15)


@pytest.fixture(autouse=True)
def _tasks():
    current_app.loader.import_default_modules()


def test_every_errand_of_the_beat_is_the_stand_by_s_too_and_each_task_has_one_name():
    tasks = [errands.task_of(name) for name in errands.names()]
    assert set(settings.CELERY_BEAT_SCHEDULE) == set(errands.names()) | errands.THE_CLOCKS
    assert len(tasks) == len(set(tasks))
    assert set(tasks) <= set(current_app.tasks)
    assert errands.name_of("accounts.tasks.seal_trail") == "seal-trail"
    assert errands.name_of("alerts.tasks.sweep") is None


@pytest.mark.django_db
def test_a_night_s_errand_is_done_once_in_its_night_by_whoever_comes_first():
    name = "apply-retention"
    assert not errands.claim(name, now=YESTERDAY_NOON), "what was never done is counted from now on"
    assert not errands.claim(name, now=HALF_PAST_THREE - MINUTE)
    assert errands.claim(name, now=HALF_PAST_THREE + MINUTE)
    assert not errands.claim(name, now=HALF_PAST_THREE + 2 * MINUTE)
    assert not errands.begin(name, now=HALF_PAST_THREE + 8 * timedelta(hours=1)), "a beat that comes back catches up"
    assert errands.begin(name, now=HALF_PAST_THREE + DAY)
    assert not errands.claim(name, now=HALF_PAST_THREE + DAY + MINUTE)


@pytest.mark.django_db
def test_a_beat_that_is_ahead_of_the_database_s_clock_is_not_refused_nor_its_errand_done_again():
    name = "apply-retention"
    Errand.objects.create(name=name, begun_at=YESTERDAY_NOON)
    assert errands.begin(name, now=HALF_PAST_THREE - 2 * MINUTE)
    assert not errands.claim(name, now=HALF_PAST_THREE + MINUTE)


@pytest.mark.django_db
def test_what_fell_due_several_times_with_nobody_there_is_made_up_for_once():
    Errand.objects.create(name="apply-retention", begun_at=YESTERDAY_NOON)
    assert errands.claim("apply-retention", now=YESTERDAY_NOON + 9 * DAY)
    assert not errands.claim("apply-retention", now=YESTERDAY_NOON + 9 * DAY + MINUTE)


@pytest.mark.django_db
def test_a_clock_put_back_by_days_does_not_keep_an_errand_waiting_for_days():
    Errand.objects.create(name="apply-retention", begun_at=HALF_PAST_THREE + 30 * DAY)
    assert errands.claim("apply-retention", now=HALF_PAST_THREE + MINUTE)
    assert Errand.objects.get(name="apply-retention").begun_at == HALF_PAST_THREE + MINUTE


@given(st.lists(st.integers(1, 60 * 24), min_size=1, max_size=30), st.sampled_from([NIGHT, 60.0, 1800.0]))
def test_however_often_somebody_looks_nothing_is_done_twice_in_its_time_nor_left_for_longer_than_that(steps, schedule):
    last = now = YESTERDAY_NOON
    period = DAY if schedule is NIGHT else timedelta(seconds=schedule)
    for minutes in steps:
        now += minutes * MINUTE
        if errands.until_due(schedule, last=last, now=now) <= NOTHING:
            if schedule is NIGHT:
                assert any(last < HALF_PAST_THREE + day * DAY <= now for day in range(40))
            else:
                assert now - last >= period
            last = now
        else:
            assert now - last < period


@pytest.mark.django_db(transaction=True)
def test_where_no_celery_is_the_command_seals_the_trail_and_one_that_raises_holds_up_no_other(monkeypatch):
    def refuse() -> None:
        raise ValueError

    record("tests.something", by=None, at=HALF_PAST_THREE)
    monkeypatch.setattr("antifraud.management.commands.do_errands.os.nice", lambda _steps: 0)
    monkeypatch.setattr(current_app.tasks["alerts.tasks.read_messages"], "run", refuse)
    now = database_now()
    for minutes in (0, 1):  # what is marked is sealed the next time
        monkeypatch.setattr(do_errands, "database_now", lambda: now + minutes * MINUTE)  # noqa: B023
        call_command("do_errands")
    assert AuditSeal.objects.count() == 1
    assert set(Errand.objects.values_list("name", flat=True)) == set(errands.names())
    record("tests.something", by=None, at=HALF_PAST_THREE)
    call_command("do_errands")  # at the same moment again: nothing is due
    assert AuditSeal.objects.count() == 1


@pytest.mark.django_db
def test_celery_leaves_what_the_stand_by_has_done_this_night_and_writes_down_what_it_does_itself(monkeypatch):
    done: list[int] = []
    task = current_app.tasks["residents.tasks.apply_retention"]
    monkeypatch.setattr(task, "run", lambda: done.append(1))
    monkeypatch.setattr(task, "__trace__", None)
    for _time in range(2):
        task.apply()
    assert done == [1]
    Errand.objects.update(begun_at=YESTERDAY_NOON)
    task.apply()
    assert done == [1, 1]


def test_the_stand_by_sends_for_errands_while_it_is_on_guard_for_longer_and_one_at_a_time(monkeypatch, tmp_path):
    file = tmp_path / "went"
    going = f"open({str(file)!r}, 'a').write('x'); import time; time.sleep({{}})"
    at = iter(range(0, 10_000, 5))
    errands_of_it = keep_watch.Errands()

    def look(times: int, *, on_guard: bool) -> None:
        for _time in range(times):
            errands_of_it.look(on_guard=on_guard, at=float(next(at)))

    def said() -> str:
        return file.read_text() if file.exists() else ""  # made first, written a moment later

    def went() -> str:
        give_up_at = time.monotonic() + 10
        while errands_of_it._process is not None and not said() and time.monotonic() < give_up_at:
            time.sleep(0.01)
        return said()

    monkeypatch.setattr(keep_watch, "ERRANDS", (sys.executable, "-c", going.format(30)))
    look(10, on_guard=False)
    look(2, on_guard=True)  # five seconds: something is started anew
    look(1, on_guard=False)
    assert went() == ""
    look(30, on_guard=True)  # two and a half minutes, in which the first is still at work
    assert went() == "x"
    errands_of_it.end()
    look(13, on_guard=True)
    assert errands_of_it._process is not None
    errands_of_it.end()
    assert errands_of_it._process.returncode
