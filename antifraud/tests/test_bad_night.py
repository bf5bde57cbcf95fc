"""A bad night on real processes, as docs/operations.md says it goes: each test is named there.

Two machines on one PostgreSQL and one broker: of each a web server, a worker and the stand-by, on ports of their own.
Alerts come in over HTTP, from a sender that repeats what was not taken, and nobody but the clock touches them. The
database's own clock can be moved: what the program asks it by stands before what PostgreSQL brings along.
"""

import contextlib
import resource
import time
from collections.abc import Iterator
from io import BytesIO

import httpx
import psycopg2
import pytest
from python_calamine import CalamineWorkbook

from antifraud.tests.chaos import CASES, LOUD_GRID, House, until

pytestmark = [pytest.mark.postgres, pytest.mark.alone, pytest.mark.timeout(300)]

MACHINES = ("web1", "web2", "hands1", "hands2", "watch2", "beat1")


@pytest.fixture(scope="module")
def machines(installation: House) -> Iterator[House]:
    (installation.folder / "tmp").mkdir()
    installation.environ["TMPDIR"] = str(installation.folder / "tmp")
    try:
        yield installation
    finally:
        installation.stop()
        del installation.environ["TMPDIR"]


@pytest.fixture(scope="module")
def person(machines: House) -> Iterator[httpx.Client]:
    """Somebody who keeps the ledger, logged in at the first machine."""
    machines.start("web1")
    with httpx.Client(base_url=machines.address("web1"), cookies=machines.cookies, timeout=30) as client:
        yield client


@pytest.fixture
def night(machines: House) -> House:
    """Both machines up and sweeping, whatever the night before has left."""
    if machines.server.process is None:
        machines.server.start()
    if machines.broker.process is None:
        machines.broker.start()
    machines.start(*MACHINES)
    until(lambda: -2 < machines.pulse("celery") < 2, within=60, what="Celery sweeps")
    for web in ("web1", "web2"):
        until(lambda: answers(machines.address(web)), within=40, what=f"{web} answers")  # noqa: B023
    return machines


def answers(address: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    return False


def limit(pid: int, what: int, most: int) -> None:
    """Hold a running process to a limit, or let it go again."""
    _soft, hard = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (most, hard))


# ── a disk that is full ─────────────────────────────────────────────────────────────────────────────────────────────


def press(person: httpx.Client, address: str, **fields: str) -> str:
    """Press a button of a page; return where that leads."""
    person.get("/files/")
    fields["csrfmiddlewaretoken"] = person.cookies["csrftoken"]
    answer = person.post(address, data=fields)
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["location"]


def order_ledger(person: httpx.Client) -> str:
    return press(person, "/reports/monthly/ledger/", area=LOUD_GRID[:12], year=str(time.localtime().tm_year))


def test_a_disk_that_is_full_is_said_in_words_and_the_file_is_made_once_there_is_room(night, person):
    workers = [night.kept[name].process.pid for name in ("hands1", "hands2")]
    for pid in workers:
        limit(pid, resource.RLIMIT_FSIZE, 20_000)
    sent = night.send("disk", 40)
    file = order_ledger(person)
    until(lambda: "disk is full" in person.get(file).text, within=20, what="it says why")
    assert person.get(f"{file}download/").status_code == 302, "nothing is offered"
    assert night.ask("SELECT state, content, size, attempts FROM sheets_filejob") == [("failed", None, 0, 1)]
    assert not list((night.folder / "tmp").glob("antifraud-table-*")), "nothing half-written is left"
    batch = sent.end()
    batch.settle()
    batch.hold()  # the clock writes no files
    for pid in workers:
        limit(pid, resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
    press(person, f"{file}again/")
    until(lambda: person.get(f"{file}download/").status_code == 200, within=20, what="it is made")
    rows = CalamineWorkbook.from_filelike(BytesIO(person.get(f"{file}download/").content)).get_sheet_by_index(0)
    assert rows.total_height > CASES


# ── a worker without memory ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_worker_had_in_hand_when_the_system_killed_it_is_made_by_another(night, person):
    ordered = "SELECT state, attempts FROM sheets_filejob ORDER BY id DESC LIMIT 1"
    with contextlib.closing(psycopg2.connect(night.database_url)) as held, held.cursor() as cursor:
        cursor.execute("LOCK TABLE cases_case IN ACCESS EXCLUSIVE MODE")  # nobody comes further than the first row
        file = order_ledger(person)
        until(lambda: night.ask(ordered) == [("making", 1)], within=20, what="a worker has it in hand")
        for name in ("hands1", "hands2"):
            night.kept[name].kill()
        held.rollback()
    assert night.ask(ordered) == [("making", 1)]
    # A minute and a half without a sign of whoever had it.
    night.ask("UPDATE sheets_filejob SET touched_at = touched_at - interval '2 minutes' WHERE state = 'making'")
    until(lambda: night.pulse("celery") < 2, within=60, what="they are started anew")
    night.enqueue("sheets.tasks.make_left_files")
    until(lambda: night.ask(ordered) == [("ready", 2)], within=30, what="another makes it")
    assert person.get(f"{file}download/").status_code == 200


def test_a_worker_without_memory_ends_and_its_steps_are_nobodys_fault_and_carried_out_by_others(night):
    victim = night.kept["hands1"]
    ends = len(victim.ends)
    limit(victim.process.pid, resource.RLIMIT_AS, 1)
    batch = night.send("memory", 60).end()
    until(lambda: len(victim.ends) > ends, within=30, what="it has ended")
    batch.settle()
    batch.hold()
    assert batch.how_many("timer", "attempts > 0") == 0, "no alert was taken for poison"


# ── the database ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_database_restarted_under_load_loses_no_step_and_the_intake_asks_its_senders_to_come_again(night):
    sent = night.send("restart", 120)
    until(lambda: sent.taken > 20, within=30, what="the load is on")
    night.server.stop(immediately=True)
    until(lambda: sent.answers[503] > 10, within=20, what="senders are asked to come again")
    assert httpx.get(f"{night.address('web1')}/healthz").status_code == 503
    night.server.start()
    batch = sent.end()
    assert set(sent.answers) == {201, 503} or set(sent.answers) == {200, 201, 503}, sent.answers
    batch.settle()
    batch.hold()


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_clock_put_back_vouches_for_nobody_and_put_right_again_fires_what_is_due_once(night):
    batch = night.send("back", 40).end()
    night.stop("beat1", "hands1", "hands2")  # in the very moment: their last word is of a time that has not come
    night.move_clock(minutes=-5)
    until(lambda: -1 < night.pulse("watch") < 2, within=15, what="the stand-by sweeps, and by the new clock")
    assert httpx.get(f"{night.address('web1')}/healthz").json()["sweep"]["guard"] == "watch"
    night.start("beat1", "hands1", "hands2")
    until(lambda: -1 < night.pulse("celery") < 2, within=40, what="Celery sweeps by the new clock")
    assert batch.how_many("timer", "state = 'pending' AND due_at < clock_timestamp() - interval '5 seconds'") == 0
    night.move_clock(minutes=5)  # it is put right, which is a jump forwards over everything due meanwhile
    batch.settle()
    batch.hold()
    until(lambda: answers(night.address("web1")), within=20, what="all is well by the new clock")


# ── Redis ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ten_minutes_without_redis_cost_nothing_but_hurry(night):
    """The stand-by fires, sends and does errands; the intake does not notice; nothing is done again afterwards."""
    before = len(night.gateway.asked)
    night.broker.stop()
    batch = night.send("broker", 20, grid=LOUD_GRID).end()
    batch.settle()
    about = (
        "SELECT count(*) FROM notifications_delivery d JOIN notifications_notice n ON n.id = d.notice_id"
        " JOIN alerts_alert a ON n.subject = 'alert:' || a.id JOIN alerts_source s ON s.id = a.source_id"
        " WHERE s.code = 'broker' AND d.state = %s"
    )
    until(lambda: night.number(about, "sent") > 0, within=20, what="messages go out meanwhile")
    until(lambda: night.number(about, "waiting") + night.number(about, "leased") == 0, within=30, what="all of them")
    night.move_clock(minutes=10)
    sealed = (
        "SELECT count(*) FROM antifraud_errand WHERE name = 'seal-trail'"
        " AND begun_at > clock_timestamp() - interval '1 minute'"
    )
    until(lambda: night.number(sealed) == 1, within=40, what="the stand-by's errands")
    night.broker.start()
    until(lambda: night.pulse("celery") < 2, within=45, what="Celery sweeps again")
    batch.hold()
    assert len(night.gateway.asked) - before == night.number(about, "sent")


# ── a new version ───────────────────────────────────────────────────────────────────────────────────────────────────

LATER = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("alerts", "{last}")]
    operations = [
        migrations.AddField("alert", "weather", models.CharField(max_length=20, blank=True, db_default="")),
        migrations.AddField("timer", "tide", models.DateTimeField(null=True)),
        migrations.AddIndex("timer", models.Index(fields=["tide"], name="timer_by_tide")),
        migrations.CreateModel("Gull", [
            ("id", models.BigAutoField(primary_key=True)),
            ("alert", models.ForeignKey("alerts.Alert", models.CASCADE)),
        ]),
    ]
"""


def test_a_migration_that_adds_goes_in_while_old_processes_work_and_they_do_not_notice(night, tmp_path):
    last = night.ask("SELECT max(name) FROM django_migrations WHERE app = 'alerts'")[0][0]
    package = tmp_path / "version_after" / "migrations"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    there = f"import alerts.migrations\n__path__ = [*alerts.migrations.__path__, {str(package)!r}]\n"
    (package / "__init__.py").write_text(there)
    (package / "9000_the_version_after.py").write_text(LATER.format(last=last))
    (package.parent / "settings.py").write_text(
        "from antifraud.settings import *\nMIGRATION_MODULES = {'alerts': 'version_after.migrations'}\n"
    )
    said = {name: len(night.log(name)) for name in night.kept}
    sent = night.send("deploy", 80)
    until(lambda: sent.taken > 20, within=30, what="the load is on")
    night.environ |= {"PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "version_after.settings"}
    try:
        night.manage("migrate", "alerts", "--verbosity", "0")
    finally:
        del night.environ["PYTHONPATH"], night.environ["DJANGO_SETTINGS_MODULE"]
    assert night.number("SELECT count(*) FROM alerts_alert WHERE weather = ''") > 0
    batch = sent.end()
    assert set(sent.answers) == {201}, sent.answers
    batch.settle()
    batch.hold()
    for name, before in said.items():
        assert "Traceback" not in night.log(name)[before:], night.log(name)[before:][-3000:]


# ── machines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_machines_one_dies_and_the_other_serves_and_everything_fires_once(night):
    sent = night.send("machines", 80)
    until(lambda: sent.taken > 20, within=30, what="both serve")
    night.stop("web1", "hands1", "beat1")  # the machine with the only beat
    batch = sent.end()
    assert set(sent.answers) <= {0, 200, 201}, sent.answers
    batch.settle()
    batch.hold()
    assert answers(night.address("web2"))


def test_after_such_a_night_the_reconciler_has_nothing_to_mend(machines):
    said = {name: len(machines.log(name)) for name in machines.kept}
    rounds = "SELECT count(*) FROM alerts_heartbeat WHERE guard = 'reconciler' AND at > %s"
    (begun_at,) = machines.ask("SELECT clock_timestamp()")[0]
    machines.enqueue("alerts.tasks.reconcile")
    until(lambda: machines.number(rounds, begun_at) == 1, within=20, what="the reconciler has looked")
    assert [name for name, before in said.items() if "found a defect" in machines.log(name)[before:]] == []
