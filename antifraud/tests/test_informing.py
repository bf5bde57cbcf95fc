"""An informant on a phone with bad reception, and a drill, in a real browser against the program as it runs."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from antifraud.testing.program import Program
from antifraud.tests.browser import MONITOR, PHONE, Person, approach, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEY = "key-of-the-journey"
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"


def ask(program: Program, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database:
        return database.execute(sql, values).fetchall()


@pytest.fixture
def informant(browser: Browser, program: Program) -> Iterator[Person]:
    """Somebody with an informant's card, whose key this test knows: of a link only the hash is kept."""
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database, database:
        database.execute(
            "UPDATE alerts_informantlink SET token_hash = ? WHERE id = (SELECT min(id) FROM alerts_informantlink)",
            [sha256(KEY.encode()).hexdigest()],
        )
    person = approach(browser, program, PHONE)
    yield person
    assert [words for words in person.complaints if OFFLINE not in words] == []
    person.context.close()


def photo() -> bytes:
    out = BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(out, "JPEG", quality=92)
    return out.getvalue()


def test_a_report_without_a_line_is_kept_photo_and_all_and_arrives_once(program: Program, informant: Person) -> None:
    page = informant.page
    informant.open(f"/inform/{KEY}/")
    page.locator("#id_where").fill("3号楼2单元401")
    page.locator("#id_what").fill("一直在打电话，边打边哭")
    page.locator("input[name=hurry][value=now]").check()
    page.locator("#id_photo").set_input_files({"name": "door.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    before = len(ask(program, "SELECT id FROM alerts_observation"))
    informant.context.set_offline(True)
    for _press in range(2):
        page.locator("form[data-inform] button[type=submit]").click()
    expect(page.locator("#kept")).to_have_text(page.locator("#kept").get_attribute("data-kept") or "")
    assert len(ask(program, "SELECT id FROM alerts_observation")) == before
    informant.context.set_offline(False)
    expect(page).to_have_url(re.compile(r"\?sent=1$"))
    assert informant.has_no_horizontal_scroll()
    made = ask(
        program,
        """SELECT alert.state, alert.level, report.photo <> '' FROM alerts_observation report
        JOIN alerts_alert alert ON alert.id = report.alert_id ORDER BY report.id DESC""",
    )
    assert len(made) == before + 1
    assert made[0] == ("dispatched", "high", 1)
    expect(page.locator(".inform-answers li")).to_have_count(before + 1)


def test_a_manager_starts_a_drill_the_desk_sees_what_it_is_and_it_ends_with_a_debrief(
    browser: Browser, program: Program
) -> None:
    manager = sit_down(browser, program, "manager.012003.1", MONITOR)
    page = manager.page
    manager.open("/drills/new/")
    page.locator("#id_scenario").fill("演练：模拟“冒充公检法”")
    page.locator("input[name=level][value=low]").check()
    page.locator("input[name=grids]").first.check()
    page.locator("main form.stack > button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/drills/\d+/$"))
    debrief = page.url
    officer = sit_down(browser, program, "duty_officer.012003.1", MONITOR)
    officer.open("/desk/")
    card = officer.page.locator("article.card-alert", has_text="模拟“冒充公检法”").first
    expect(card.locator(".tag-drill")).to_be_visible()
    page.locator("form[action$='/end/'] button").click()
    expect(page.locator("form[action$='/end/']")).to_have_count(0)
    page.goto(debrief)
    expect(page.locator(".drill-parts .sheet")).to_have_count(1)
    assert (manager.complaints, officer.complaints) == ([], [])
    for person in (manager, officer):
        person.context.close()
