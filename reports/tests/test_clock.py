"""The statistics of the clock: tables that add up, numbers that are the rows they lead to, and whose they are."""

import html
import io
import random
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import services
from alerts.models import Alert, CallBack, ObjectiveClock
from alerts.policy import Deed, Level, Outcome
from alerts.tests.factories import EXCUSED, NOON, Scene, ending, make_alert, make_scene, receive, sweep
from campaigns.policy import Span
from reports.figures import figures_of
from reports.figures.clock import Whose, clock_figures
from residents.tests.factories import make_community, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

DAYS = 6
FIRST = local(NOON).date()
SPAN = Span(FIRST, FIRST + timedelta(days=DAYS))
LINK = re.compile(r'<a href="(/alerts/\?[^"]+)">([\d,]+)')


def some_days(scene: Scene, seed: int) -> None:
    """Let alerts of every level come in at any hour, and be handled in any way, or not at all."""
    dice = random.Random(seed)
    for number in range(16):
        at = NOON + timedelta(minutes=dice.randrange((DAYS * 24 - 12) * 60))
        level, phone = dice.choice(list(Level)), f"199000066{number:02d}"
        alert = make_alert(at=at, grid=scene.grid, level=level, phone=phone, is_drill=not number)
        dispatched = at + timedelta(seconds=dice.randrange(30, 290))
        services.dispatch_alert(alert, by=scene.officer, now=dispatched)
        worker = dice.choice((scene.first, scene.second))
        accepted = dispatched + timedelta(seconds=dice.randrange(20, 900))
        services.accept_alert(alert, by=worker, now=accepted)
        if number % 5 == 4:
            continue
        if number % 4 == 1:
            receive(at=accepted + timedelta(seconds=5), level=Level.HIGH, phone=phone, area_code=scene.grid.code)
        done = accepted + timedelta(seconds=dice.randrange(60, 2500))
        for deed in (Deed.PHONE_CONFIRMED, Deed.REMINDED):
            services.record_deed(alert, deed=deed, by=worker, now=done)
        outcome = dice.choice(list(Outcome))
        told = ending(
            outcome=outcome,
            lost=500 if outcome == Outcome.DEFRAUDED else None,
            level=dice.choice([*Level, ""]),
            needs_second_feedback=dice.random() < 0.4,
            excuses=EXCUSED,
        )
        services.close_alert(alert, ending=told, by=worker, now=done + timedelta(minutes=5))
        if dice.random() < 0.5:
            CallBack.objects.create(
                alert=alert, is_true=dice.random() < 0.7, at=done + timedelta(hours=1), by=scene.officer
            )
    sweep(NOON + timedelta(days=DAYS + 2))


def asked(scene: Scene, **more: str) -> dict[str, str]:
    days = {"since": SPAN.first.isoformat(), "until": SPAN.last.isoformat()}
    return {"area": scene.grid.code, "period": "days", **days, **more}


@pytest.mark.parametrize("seed", range(4))
def test_every_table_adds_up(seed: int):
    scene = make_scene()
    some_days(scene, seed)

    found = clock_figures(Whose(scene.grid.code), SPAN)

    sums = found.sums
    assert found.came.total() == sums.received == sums.of_high + sums.of_medium + sums.of_low == 15
    assert all(found.late[when] <= found.came[when] for when in found.late)
    assert found.corrected.total() == sums.level_corrected.whole
    assert sum(number for (pushed, real), number in found.corrected.items() if pushed != real) == (
        sums.level_corrected.part
    )
    for key, minutes in found.minutes.items():
        of = {"objective": "dispatch"} if key == "dispatch" else {"objective": "respond", "level": key}
        ended = ObjectiveClock.objects.filter(alert__is_drill=False, state__in=("met", "breached"), **of)
        assert sum(count for _up_to, count in minutes.bands) == ended.filter(met_at__isnull=False).count()


@pytest.mark.parametrize("seed", range(2))
def test_they_are_the_reports_own_numbers_and_those_of_persons_add_up_to_them(seed: int):
    scene = make_scene()
    some_days(scene, seed)

    found = clock_figures(Whose(scene.grid.code), SPAN)
    report = figures_of(scene.grid, SPAN, on=SPAN.after)
    parts = [clock_figures(Whose(scene.grid.code, user.pk), SPAN) for user in User.objects.all()]
    nobody = Alert.objects.real().filter(holder=None).count()

    assert found.sums == report.alerts.now
    assert found.minutes == report.minutes
    assert sum(part.sums.received for part in parts) + nobody == found.sums.received


@pytest.mark.parametrize("whose", ["all", "first"])
def test_every_number_is_the_rows_it_leads_to(client: Client, whose: str):
    scene = make_scene()
    some_days(scene, seed=7)
    client.force_login(scene.manager)
    person = {"person": str(scene.first.pk)} if whose == "first" else {}

    page = client.get(reverse("reports:clock"), asked(scene, **person)).content.decode()

    links = {(html.unescape(url), int(said.replace(",", ""))) for url, said in LINK.findall(page)}
    assert len(links) > 30
    wrong = [(url, said) for url, said in links if client.get(url).context["page"].count != said]
    assert not wrong


def test_a_persons_numbers_are_for_them_and_their_manager_alone(client: Client):
    scene = make_scene()
    some_days(scene, seed=1)
    stranger = make_staff(Role.MANAGER, make_community(7).community)
    for user, status in (
        (scene.first, 200),
        (scene.manager, 200),
        (scene.second, 404),
        (scene.supervisor, 404),
        (scene.police, 404),
        (stranger, 404),
        (AdministratorFactory(), 404),
    ):
        client.force_login(user)
        asks = {"person": str(scene.first.pk)}
        assert client.get(reverse("reports:clock"), asks).status_code == status, user
        assert client.get(reverse("reports:clock_export"), asks).status_code == status, user


def test_who_sees_no_reports_sees_their_own_numbers_and_no_others(client: Client):
    scene = make_scene()
    some_days(scene, seed=2)
    client.force_login(scene.first)

    page = client.get(reverse("reports:clock"), asked(scene)).context["page"]

    assert page.person == str(scene.first)
    assert client.get(reverse("reports:clock"), {"area": scene.place.community.code[:9]}).status_code == 404


def test_a_foreign_area_is_not_found_and_a_carer_has_no_statistics(client: Client):
    scene = make_scene()
    client.force_login(make_staff(Role.MANAGER, make_community(7).community))
    assert client.get(reverse("reports:clock"), {"area": scene.grid.code}).status_code == 404

    client.force_login(make_staff(Role.CARER, scene.grid))
    assert client.get(reverse("reports:clock")).status_code == 403


def test_the_workbook_has_every_table(client: Client):
    scene = make_scene()
    some_days(scene, seed=3)
    client.force_login(scene.manager)

    answer = client.get(reverse("reports:clock_export"), asked(scene))

    book = load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == 10
    rows = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert any(row[-1] == 15 for row in rows)
