"""Logging outreach on a phone, in a real browser against the program as it runs: with a line and without one."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from antifraud.testing.program import Program
from antifraud.tests.browser import PHONE, Person, approach, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

WORKER = "outreach_worker.012003.1"
STALL, VISITS = "东门反诈宣传摊位", "独居老人入户走访"
COUNT = "#unsent [data-count]"
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"


def ask(program: Program, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database:
        return database.execute(sql, values).fetchall()


def event_called(program: Program, title: str) -> int:
    return ask(program, "SELECT id FROM campaigns_event WHERE title = ?", title)[0][0]


@pytest.fixture
def worker(browser: Browser, program: Program) -> Iterator[Person]:
    person = sit_down(browser, program, WORKER, PHONE)
    yield person
    assert [words for words in person.complaints if OFFLINE not in words] == []
    person.context.close()


def test_an_event_is_logged_in_five_presses_and_three_numbers(program: Program, worker: Person) -> None:
    page, pk = worker.page, event_called(program, STALL)
    worker.open(f"/outreach/events/{pk}/logged/")
    page.locator(".dock a").click()
    for field, number in (("heads", "46"), ("installs", "12"), ("pledges", "31")):
        page.locator(f"#id_{field}").fill(number)
    more = page.locator(".counter", has_text="到场人数").locator('[data-step="1"]')
    box = more.bounding_box() or {"width": 0, "height": 0}
    assert min(box["width"], box["height"]) >= 48
    more.click()
    expect(page.locator("#id_heads")).to_have_value("47")
    assert worker.has_no_horizontal_scroll()
    page.locator("#log .dock button").click()
    expect(page).to_have_url(re.compile(rf"/outreach/events/{pk}/logged/$"))
    sql = "SELECT heads, installs, pledges, state FROM campaigns_event WHERE id = ?"
    assert ask(program, sql, pk) == [(47, 12, 31, "held")]


def test_a_log_without_a_line_is_kept_says_so_and_is_sent_once(program: Program, worker: Person) -> None:
    page, pk = worker.page, event_called(program, STALL)
    worker.open(f"/outreach/events/{pk}/log/")
    page.locator("#id_heads").fill("52")
    worker.context.set_offline(True)
    page.locator("#log .dock button").click()
    expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    expect(page.locator("#log [data-press-mark=kept]")).to_be_visible()
    expect(page.locator("#id_heads")).to_have_value("52")
    worker.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden(timeout=40_000)
    assert ask(program, "SELECT heads FROM campaigns_event WHERE id = ?", pk) == [(52,)]


def test_names_are_ticked_as_fast_as_a_thumb_goes_and_kept_without_a_line(program: Program, worker: Person) -> None:
    page, pk = worker.page, event_called(program, STALL)
    touched = "SELECT count(*) FROM campaigns_touch WHERE event_id = ?"
    before = ask(program, touched, pk)[0][0]
    worker.open(f"/outreach/events/{pk}/came/")
    free = page.locator('.tick[aria-pressed="false"]')
    ticks = [page.locator(f"#{row.get_attribute('id')} .tick") for row in page.locator(".tick-row", has=free).all()[:3]]
    for tick in ticks:
        tick.click()
    for tick in ticks:
        expect(tick).to_have_attribute("aria-pressed", "true")
    worker.context.set_offline(True)
    free.first.click()
    expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    worker.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden(timeout=40_000)
    assert ask(program, touched, pk) == [(before + 4,)]


def test_doors_are_pressed_in_a_stairwell_without_reception(program: Program, worker: Person) -> None:
    page, pk = worker.page, event_called(program, VISITS)
    worker.open(f"/outreach/events/{pk}/doors/")
    expect(page.locator(".door-progress")).to_contain_text("户")
    doors = [
        f"#{door.get_attribute('id')}" for door in page.locator(".door").all() if door.locator(".knock:visible").count()
    ]
    page.locator(f"{doors[0]} button[value=talked]").click()
    expect(page.locator(doors[0])).to_have_class(re.compile("door-talked"))
    page.wait_for_timeout(1000)
    worker.context.set_offline(True)
    page.locator(f"{doors[1]} button[value=again]").click()
    expect(page.locator(f"{doors[1]} [data-press-mark=kept]")).to_be_visible()
    worker.context.set_offline(False)
    expect(page.locator(doors[1])).to_have_class(re.compile("door-again"), timeout=40_000)
    sql = "SELECT result FROM campaigns_door WHERE id IN (?, ?) ORDER BY id"
    keys = sorted(int(door.removeprefix("#door-")) for door in doors[:2])
    assert {row[0] for row in ask(program, sql, *keys)} == {"talked", "again"}


def test_a_pledge_is_signed_with_a_finger(program: Program, worker: Person) -> None:
    page, pk = worker.page, event_called(program, VISITS)
    worker.open(f"/outreach/events/{pk}/pledge/")
    page.locator("#id_name").fill("慕容居民")
    expect(page.locator("[data-signed]")).to_be_disabled()
    canvas = page.locator("canvas[data-signature]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box() or {"x": 0, "y": 0}
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 30 + 10 * step, box["y"] + 30 + 15 * (step % 3))
    page.mouse.up()
    page.locator("[data-signed]").click()
    expect(page).to_have_url(re.compile(r"/doors/$"))
    assert ask(program, "SELECT name FROM campaigns_pledge WHERE event_id = ?", pk) == [("慕容居民",)]


def test_a_visitor_signs_in_with_the_own_phone(browser: Browser, program: Program, worker: Person) -> None:
    page, pk = worker.page, event_called(program, STALL)
    worker.open(f"/outreach/events/{pk}/sign-in/")
    address = page.locator(".address").inner_text().strip()
    visitor = approach(browser, program, PHONE)
    visitor.page.goto(re.sub(r"^https?://[^/]+", program.address, address))
    visitor.page.get_by_label("您的姓名").fill("无名氏")
    visitor.page.get_by_label("手机号后四位").fill("0099")
    assert visitor.has_no_horizontal_scroll()
    visitor.page.locator("form .btn-go").click()
    expect(visitor.page.get_by_role("heading", name="谢谢您的参与。")).to_be_visible()
    assert visitor.complaints == []
    visitor.context.close()
    expect(page.locator("#signed strong")).to_have_text("1")
