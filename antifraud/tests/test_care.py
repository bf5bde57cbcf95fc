"""A carer's day, in a real browser against the program as it runs: the phone first."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from antifraud.testing.program import Program
from antifraud.tests.browser import MONITOR, PHONE, Person, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

CARER = "carer.003001.1"
VISITS_OF = """SELECT visit.result, visit.signs FROM residents_visit visit
    JOIN accounts_user carer ON carer.id = visit.by_id WHERE carer.username = ? ORDER BY visit.id"""


def visits_of(program: Program, username: str) -> list[tuple[str, list[str]]]:
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database:
        return [(result, json.loads(signs)) for result, signs in database.execute(VISITS_OF, [username])]


@pytest.fixture
def carer(browser: Browser, program: Program) -> Iterator[Person]:
    person = sit_down(browser, program, CARER, PHONE)
    yield person
    assert person.complaints == []
    person.context.close()


def test_a_visit_is_logged_on_a_phone_in_three_presses(program: Program, carer: Person) -> None:
    page = carer.page
    expect(page).to_have_url(re.compile("/visits/$"))
    before = len(visits_of(program, CARER))
    assert carer.has_no_horizontal_scroll()
    for press in page.locator(".visit-card .btn").all():
        assert (press.bounding_box() or {"height": 0})["height"] >= 48

    late = page.locator(".visit-late .visit-presses a").first
    whose = late.get_attribute("href")
    late.click()
    expect(page).to_have_url(re.compile(r"/visits/\d+/$"))
    result, save = page.locator("#id_result label").first, page.locator("#log .dock button")
    expect(result).to_be_in_viewport()
    expect(save).to_be_in_viewport(ratio=1)
    assert carer.has_no_horizontal_scroll()
    result.click()
    save.click()

    expect(page).to_have_url(re.compile("/visits/$"))
    made = visits_of(program, CARER)
    assert len(made) == before + 1
    assert made[-1] == ("met", [])
    expect(page.locator(f'.visit-late a[href="{whose}"]')).to_have_count(0)


def test_a_button_pressed_twice_gives_one_visit(program: Program, carer: Person) -> None:
    page = carer.page
    page.locator(".visit-card .visit-presses a").first.click()
    page.locator("#id_result label").first.click()
    before = len(visits_of(program, CARER))
    page.locator("#log .dock button").dblclick()
    expect(page).to_have_url(re.compile("/visits/$"))
    assert len(visits_of(program, CARER)) == before + 1


def test_warning_signs_become_an_alert_at_the_desk(browser: Browser, program: Program, carer: Person) -> None:
    page = carer.page
    page.locator(".visit-card .visit-presses a").first.click()
    page.locator("#id_result label").first.click()
    page.locator("#id_signs label").nth(2).click()
    page.locator("#log .dock button").click()
    expect(page).to_have_url(re.compile(r"/visits/done/\d+/$"))
    assert visits_of(program, CARER)[-1] == ("met", ["transfers"])
    page.locator(".visit-presses .btn-main").click()
    expect(page).to_have_url(re.compile(r"/alerts/raise/\d+/$"))
    what = page.locator("#id_description")
    assert what.input_value()
    what.fill("对方自称客服，她正要转账")
    page.locator("#id_level label").first.click()
    page.locator("form .btn-main.btn-big").click()
    expect(page).to_have_url(re.compile(r"/residents/\d+/$"))

    officer = sit_down(browser, program, "duty_officer.012003.1", MONITOR)
    expect(officer.page.locator("article[data-card]", has_text="对方自称客服，她正要转账").first).to_be_visible()
    officer.context.close()


def test_the_dossier_opens_its_numbers_with_one_press_and_prints(browser: Browser, program: Program) -> None:
    leader = sit_down(browser, program, "grid_leader.003001.1", MONITOR)
    page = leader.page
    page.add_init_script("window.print = () => { window.hasPrinted = true }")
    leader.open("/care/")
    page.locator(".rows tbody th a").first.click()
    expect(page).to_have_url(re.compile(r"/residents/\d+/$"))
    expect(page.locator("a[href^='tel:1']")).to_have_count(0)
    page.locator(".reveal button").first.click()
    expect(page.locator(".reveal")).to_have_count(0)
    page.locator("form[action$='/printed/'] button").click()
    expect(page).to_have_url(re.compile(r"print=1$"))
    page.wait_for_function("window.hasPrinted")
    page.emulate_media(media="print")
    expect(page.locator("header.topbar")).to_be_hidden()
    expect(page.locator(".only-print").first).to_be_visible()
    assert leader.complaints == []
    leader.context.close()


def test_a_carer_is_paired_from_the_page_of_key_groups(browser: Browser, program: Program) -> None:
    manager = sit_down(browser, program, "manager.012003.1", MONITOR)
    page = manager.page
    manager.open("/care/?due=carer")
    rows = page.locator(".rows tbody tr")
    expect(rows.first).to_be_visible()
    before, row = rows.count(), rows.first
    row.locator("summary").click()
    row.locator("select[name=carer]").select_option(index=1)
    row.locator("button").click()
    expect(page).to_have_url(re.compile(r"/care/\?due=carer$"))
    expect(rows).to_have_count(before - 1)
    assert manager.complaints == []
    manager.context.close()
