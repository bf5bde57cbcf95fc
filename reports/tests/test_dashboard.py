"""The dashboard: who sees which figures, what leads where, what the public version hides."""

import json
import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import today
from accounts.roles import Role
from alerts.models import Alert
from alerts.policy import Level, Objective, ObjectiveState, Outcome, State
from reports.figures import figures_of
from reports.figures.slipping import Slip, slipping
from reports.formats import BESIDE, FEW, numbers
from reports.tests.test_figures import APRIL, LATER, make_alert, make_case, make_clock, noon
from residents.tests.factories import PairingFactory, ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

PAGE = reverse("reports:dashboard")
IN_APRIL = {"period": "month", "at": "2026-04-15"}


@pytest.fixture
def place():
    make_community(4)
    return make_community(3)


@pytest.fixture
def read(place):
    """Open the page as somebody of a role at an area."""

    def open_page(role: Role = Role.MANAGER, at_area=None, **asked):
        client = Client()
        client.force_login(make_staff(role, at_area or place.community))
        return client.get(PAGE, {**IN_APRIL, **asked})

    return open_page


def text(answer) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def links(answer, begin: str) -> list[str]:
    return [unescape(one) for one in re.findall(rf'href="({re.escape(begin)}\?[^"]*)"', answer.content.decode())]


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [Role.MANAGER, Role.POLICE_LIAISON, Role.SUPERVISOR])
def test_managers_police_and_supervisors_see_their_area(read, place, role):
    answer = read(role)
    assert answer.status_code == 200
    assert place.community.name in text(answer)


@pytest.mark.parametrize(
    "role", [Role.DUTY_OFFICER, Role.GRID_LEADER, Role.WARNING_SPECIALIST, Role.CARER, Role.OUTREACH_WORKER]
)
def test_nobody_else_does(read, role):
    assert read(role).status_code == 403


def test_a_manager_of_one_community_can_neither_read_nor_guess_another(place):
    client = Client()
    client.force_login(make_staff(Role.MANAGER, place.community))
    for code in ("370105012004", "370105012004001", "370105012", "370105", "999999999999"):
        answer = client.get(PAGE, {"area": code})
        assert answer.status_code == 404
        assert "第4社区" not in text(answer)


def test_a_supervisor_sees_the_street_and_each_community_beside_the_others(read, place):
    make_case(place, date(2026, 4, 3))
    answer = read(Role.SUPERVISOR, place.street)
    said = text(answer)
    assert place.street.name in said
    assert {"第3社区", "第4社区"} <= set(re.findall(r"第\d社区", said))
    client = Client()
    client.force_login(make_staff(Role.SUPERVISOR, place.street))
    assert "第4社区" in text(client.get(PAGE, {"area": "370105012004"}))


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "nonsense"},
        {"at": "2026-99-99"},
        {"at": "0001-01-01"},
        {"at": "9999-12-31", "period": "year"},
        {"period": "days", "since": "2026-05-01", "until": "2026-04-01"},
        {"period": "days", "since": "1900-01-01", "until": "2199-01-01"},
        {"period": "days", "until": "2026-04-01"},
        {"dated_by": "x", "area": "abc", "sort": "'; drop", "public": "9"},
        {"area": "³"},
    ],
)
def test_an_address_that_means_nothing_shows_a_page_all_the_same(read, asked):
    assert read(**asked).status_code == 200


# ── what it shows ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_month_so_far_is_what_one_sees_first(place):
    client = Client()
    client.force_login(make_staff(Role.MANAGER, place.community))
    make_case(place, today())
    page = client.get(PAGE).context["page"]
    assert page.is_running
    assert page.later is None
    assert page.boxes[0].value == "1"


def test_both_counts_stand_beside_each_percentage(read, place):
    for _number in range(3):
        make_case(place, date(2026, 4, 3))
    for _number in range(2):
        make_case(place, date(2026, 3, 3))
    box = read().context["page"].boxes[0]
    before, last_year = box.changes
    assert (box.value, before.said, before.base, before.tone) == ("3", "+50.0\u00a0%", "2", "bad")
    assert (last_year.base, last_year.tone) == ("0", "bad")
    assert "%" not in last_year.said


def test_fewer_cases_are_good(read, place):
    make_case(place, date(2026, 3, 3))
    assert {one.tone for one in read().context["page"].boxes[0].changes} == {"good", ""}


def test_each_number_leads_to_its_rows(read, place):
    make_case(place, date(2026, 4, 3), victim_age=66, victim_sex="female", victim_occupation="退休")
    found = links(read(), "/cases/")
    base = "since=2026-04-01&until=2026-04-30&dated_by=reported"
    for narrowed in (
        f"area=370105012003&{base}",
        f"area=370105012003001&{base}",
        f"area=370105012003&{base}&type=brushing_rebate",
        f"area=370105012003&{base}&age=60-79&sex=female",
        f"area=370105012003&{base}&hour=12",
        f"area=370105012003&{base}&amount=0-10000",
        f"area=370105012003&{base}&residence=unknown",
    ):
        assert f"/cases/?{narrowed}" in found


def test_the_numbers_of_alerts_lead_to_as_many_rows(read, place):
    at = noon(date(2026, 4, 3))
    for minutes, state in ((4, ObjectiveState.MET), (12, ObjectiveState.BREACHED), (8, ObjectiveState.MET)):
        alert = make_alert(
            place.grid, at, dispatched_at=at, phone_at=at, state=State.CLOSED, outcome=Outcome.SAW_THROUGH
        )
        make_clock(alert, 2, ObjectiveState.MET, Objective.DISPATCH)
        make_clock(alert, minutes, state)
    make_alert(place.grid, at, is_drill=True, dispatched_at=at, phone_at=at)
    client = Client()
    client.force_login(make_staff(Role.MANAGER, place.community))
    page = client.get(PAGE, IN_APRIL)
    asked = {one: len(client.get(one).context["page"].rows) for one in links(page, "/alerts/")}
    assert asked
    rows = {row.head.said: row for row in page.context["page"].panels[1].table.rows}
    high = next(
        row for row in rows.values() if "fact=reached&" in row.cells[0].url + "&" and "high" in row.cells[0].url
    )
    assert asked[high.cells[0].url] == 2
    assert asked[high.cells[1].url] == 1
    phone = next(row for row in rows.values() if "fact=phone" in row.cells[0].url)
    assert asked[phone.cells[0].url] == 3
    assert asked[next(one for one in asked if "outcome=saw_through" in one)] == 3
    assert Alert.objects.count() == 4


def test_charts_are_drawn_from_the_numbers_of_the_tables(read, place):
    make_case(place, date(2026, 4, 3))
    answer = read()
    data = json.loads(
        re.search(r'<script id="charts" type="application/json">(.*?)</script>', answer.content.decode())[1]
    )
    drawn = set(re.findall(r'data-chart="(\w+)"', answer.content.decode()))
    assert drawn == set(data)
    assert data["trend"]["series"][1]["data"][-1] == 1
    assert data["areas"]["series"][1]["data"][0] == 1


def test_parts_are_sorted_by_a_link(read, place):
    make_case(place, date(2026, 4, 3), grid=1)

    def order(**asked):
        panel = next(panel for panel in read(**asked).context["page"].panels if panel.key == "areas")
        return [row.head.said for row in panel.table.rows]

    assert order()[:2] == ["第1网格", "第2网格"]
    assert order(sort="cases")[:2] == ["第2网格", "第1网格"]


def test_the_period_before_is_one_press_away(read):
    page = read().context["page"]
    assert "at=2026-03-01" in page.earlier.url
    assert "at=2026-05-01" in page.later.url
    days = read(period="days", since="2026-04-10", until="2026-04-12").context["page"]
    assert "since=2026-04-07&until=2026-04-09" in days.earlier.url


def test_a_page_costs_the_same_for_many_cases(place, django_assert_max_num_queries):
    client = Client()
    client.force_login(make_staff(Role.SUPERVISOR, place.street))
    for number in range(60):
        make_case(place, date(2026, 4, 1) + timedelta(days=number % 30), grid=number % 2)
    client.get(PAGE, IN_APRIL)
    with django_assert_max_num_queries(58):
        client.get(PAGE, IN_APRIL)


# ── who is slipping ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_slips_is_named_with_both_counts(place):
    make_case(place, date(2026, 4, 3), grid=0)
    alert = make_alert(place.grids[1], noon(date(2026, 4, 3)), level=Level.HIGH)
    make_clock(alert, 15, ObjectiveState.BREACHED)
    PairingFactory(resident=ResidentFactory(grid=place.grids[1]), starts_on=date(2026, 4, 13))
    found = {one.code: one.slips for one in slipping(figures_of(place.community, APRIL, on=LATER))}
    assert found[place.grids[0].code] == ((Slip.CASES, 1, 0),)
    assert found[place.grids[1].code] == ((Slip.HIGH, 0, 1), (Slip.VISITS, 0, 3))


def test_where_nothing_slips_nobody_is_named(place):
    assert not slipping(figures_of(place.community, APRIL, on=LATER))


# ── in public ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_public_small_numbers_are_hidden_and_nobody_is_led_to_rows(read, place):
    for _number in range(7):
        make_case(place, date(2026, 4, 3), grid=0, victim_age=66)
    make_case(place, date(2026, 4, 4), grid=1, victim_age=20, amount_lost=77_777)
    answer = read(public="1")
    said = text(answer)
    assert "77,777" not in said
    assert not links(answer, "/cases/") + links(answer, "/alerts/")
    areas = next(panel for panel in answer.context["page"].panels if panel.key == "areas")
    assert [row.cells[0].said for row in areas.table.rows] == [BESIDE, FEW, "8"]
    assert "areas" not in answer.context["page"].charts


def test_in_public_the_order_tells_nothing(read, place):
    for _number in range(4):
        make_case(place, date(2026, 4, 3), grid=1)
    areas = next(panel for panel in read(public="1", sort="cases").context["page"].panels if panel.key == "areas")
    assert [row.head.said for row in areas.table.rows][:2] == ["第1网格", "第2网格"]


def test_a_table_that_would_tell_all_tells_nothing():
    assert numbers([1], is_public=True) == [BESIDE]
    assert numbers([1], is_public=False) == ["1"]
