"""Every day of outreach, in a real browser against the program as it runs: a push at the desk, a site on the phone."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from antifraud.testing.program import Program
from antifraud.tests.browser import MONITOR, PHONE, Person, approach, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

WORKER, LEADER, MANAGER = "outreach_worker.012003.1", "grid_leader.003003.1", "manager.012003.1"
COMMUNITY = "370105012003"


def one(program: Program, query: str) -> tuple[object, ...]:
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database:
        return tuple(database.execute(query).fetchone())


@pytest.fixture
def worker(browser: Browser, program: Program) -> Iterator[Person]:
    person = sit_down(browser, program, WORKER, MONITOR)
    yield person
    assert person.complaints == []
    person.context.close()


@pytest.fixture
def leader(browser: Browser, program: Program) -> Iterator[Person]:
    person = sit_down(browser, program, LEADER, PHONE)
    yield person
    assert person.complaints == []
    person.context.close()


def test_twenty_five_posts_to_all_groups_are_logged_in_three_presses(program: Program, worker: Person) -> None:
    page = worker.page
    worker.open("/outreach/pushes/new/?text=five_rules")
    expect(page.locator("#id_text")).to_have_value(re.compile(r"/read/five_rules/"))
    page.locator("#id_posts").fill("25")
    page.locator('[data-tick=""]').click()
    page.locator("#push .dock button").click()
    expect(page).to_have_url(re.compile("/outreach/pushes/$"))
    expect(page.locator(".row-late")).to_have_count(0)
    posts, groups = one(
        program,
        """SELECT push.posts, COUNT(*) FROM campaigns_push push JOIN campaigns_pushedto sent ON sent.push_id = push.id
        WHERE push.id = (SELECT MAX(id) FROM campaigns_push) GROUP BY push.id""",
    )
    assert (posts, groups) == (25, 6)


def test_a_text_is_copied_also_where_the_browser_hands_out_no_clipboard(worker: Person) -> None:
    page = worker.page
    worker.open("/outreach/pushes/new/?text=five_rules")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator("[data-copy]").click()
    expect(page.locator("[data-copy-said]")).not_to_be_empty()


def test_an_overdue_site_is_refreshed_on_the_phone_in_two_presses(
    program: Program, leader: Person, tmp_path: Path
) -> None:
    page = leader.page
    Image.new("RGB", (400, 300), "red").save(tmp_path / "a.jpg")
    leader.open("/outreach/sites/")
    assert leader.has_no_horizontal_scroll()
    page.locator(".row-late .btn").first.click()
    page.locator("#id_photo").set_input_files(tmp_path / "a.jpg")
    assert leader.has_no_horizontal_scroll()
    button = page.locator(".dock button")
    assert (button.bounding_box() or {"height": 0})["height"] >= 48
    button.click()
    expect(page).to_have_url(re.compile("/outreach/sites/$"))
    expect(page.locator(".row-late")).to_have_count(0)
    assert one(program, "SELECT photo != '' FROM campaigns_siterefresh ORDER BY id DESC LIMIT 1") == (1,)


def test_a_problem_is_mended_on_the_phone_and_struck_off_at_the_desk(
    browser: Browser, program: Program, leader: Person
) -> None:
    page = leader.page
    leader.open("/outreach/problems/mine/")
    page.locator(".card-alert .btn").first.click()
    page.locator("#id_how").fill("换了新海报")
    page.locator(".btn-go").click()
    expect(page.locator("dl.facts")).to_contain_text("换了新海报")
    manager = sit_down(browser, program, MANAGER, MONITOR)
    manager.open(page.url.removeprefix(program.address))
    manager.page.locator(".btn-go").click()
    expect(manager.page).to_have_url(re.compile("/outreach/problems/$"))
    assert manager.complaints == []
    manager.context.close()


def test_a_passer_by_reads_what_the_code_on_the_leaflet_leads_to(browser: Browser, program: Program) -> None:
    person = approach(browser, program, PHONE)
    person.open(f"/read/leaflet.elder/{COMMUNITY}/")
    expect(person.page.locator("h1")).to_have_text("写给家中长辈的反诈提醒")
    assert person.has_no_horizontal_scroll()
    person.page.get_by_role("link", name="English").click()
    expect(person.page.locator("h1")).to_contain_text("For elders")
    assert person.complaints == []
    person.context.close()


@pytest.mark.parametrize(
    ("key", "sheet", "width"),
    [
        ("memory_card", "four", 594),
        ("dissuasion_card", "four", 594),
        ("dissuasion_card", "a6", 298),
        ("pledge", "a4", 594),
    ],
)
def test_what_is_printed_is_one_sheet_of_the_right_size(worker: Person, key: str, sheet: str, width: int) -> None:
    worker.open(f"/texts/{COMMUNITY}/{key}/paper/?as={sheet}")
    paper = worker.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b(?!s)", paper)) == 1
    assert [int(float(found)) for found in re.findall(rb"/MediaBox \[0 0 ([\d.]+)", paper)] == [width]
