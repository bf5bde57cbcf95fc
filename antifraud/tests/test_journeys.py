"""The whole way of a high alert, in real browsers, against the program as it runs: the desk on a monitor, the
pocket on a phone. The program runs in processes of its own, with the demo loaded."""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from antifraud.testing.program import Program, running_program, usernames
from antifraud.tests.browser import MONITOR, PHONE, Person, approach, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

# A grid where nobody has anything in hand.
SPECIALISTS = ("warning_specialist.005002.1", "warning_specialist.005002.2")
# Alerts that a test types in are told apart from those of its first try.
NUMBERS = itertools.count(101)
# Somebody else each time: an alert about the same person joins the one that is open, and a second try finds no card.
PEOPLE = itertools.cycle(zip("兰梅菊竹松", range(8765, 8770), strict=True))
# Policy is data: nothing but the minute at which a high alert goes to the second specialist is made a few seconds.
HAND_ON_AFTER_SECONDS = """
from dataclasses import replace
from datetime import timedelta
from alerts.policy import STEPS, Action
from alerts.tests.factories import publish_policy
publish_policy([replace(step, at=timedelta(seconds=8)) if step.do is Action.HAND_TO_SECOND else step for step in STEPS])
"""


@pytest.fixture(scope="module")
def quick_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program under a table by which an alert nobody accepts goes on after eight seconds."""
    with running_program(tmp_path_factory.mktemp("quick")) as running:
        running.manage("shell", "-c", HAND_ON_AFTER_SECONDS)
        yield running


@pytest.fixture
def officer(browser: Browser, program: Program) -> Iterator[Person]:
    person = sit_down(browser, program, "duty_officer.012003.1", MONITOR)
    yield person
    person.context.close()


def type_in(officer: Person, *, where: str, what: str) -> tuple[str, str]:
    """Type an alert in; return whom it is about, and their number."""
    letter, end = next(PEOPLE)
    name, phone = f"周秀{letter}", f"1990000{end}"
    officer.press("n")
    officer.page.get_by_label("谁，电话多少").fill(f"{name} {phone[:3]} {phone[3:7]} {phone[7:]}")
    officer.page.get_by_label("在哪里").fill(where)
    officer.page.get_by_role("radio", name="高").check()
    officer.page.get_by_label("发生了什么").fill(what)
    officer.page.get_by_role("button", name="录入，开始计时").click()
    return name, phone


def test_a_high_alert_goes_from_the_telephone_to_its_end(browser: Browser, program: Program, officer: Person) -> None:
    desk = officer.page
    expect(desk).to_have_url(re.compile("/desk/$"))
    what = f"对方让她转八千元，第{next(NUMBERS)}次"
    name, phone = type_in(officer, where="第一网格3号楼2单元401", what=what)
    card = desk.locator("article[data-card]", has_text=what)
    expect(card.locator("[data-due]")).to_have_text(re.compile(r"^04:5\d$|^05:00$"))
    card.locator("[data-main]").focus()
    officer.press("d")
    expect(card).to_contain_text("尚未接单", timeout=30_000)
    assert officer.has_no_horizontal_scroll()

    holder = card.locator(".holder-name").inner_text()
    worker = sit_down(browser, program, usernames()[holder], PHONE)
    pocket = worker.page
    expect(pocket).to_have_url(re.compile("/tasks/$"))
    task = pocket.locator("article[data-card]", has_text=what)
    expect(task.locator("[data-due]")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert worker.has_no_horizontal_scroll()
    task.get_by_role("button", name="接单").click()
    expect(pocket.get_by_role("heading", name=name)).to_be_visible()
    expect(pocket.locator(f'#step-phone a[href="tel:{phone}"]')).to_be_visible()
    expect(card).to_contain_text("已接单", timeout=30_000)

    pocket.locator("#step-phone").get_by_role("button", name="占线").click()
    expect(pocket.locator("#step-phone")).to_contain_text("占线非常可疑")
    pocket.locator("#step-phone").get_by_role("button", name="已接通").click()
    expect(pocket.locator("#step-phone")).to_have_class(re.compile("step-done"))
    pocket.locator("#step-door").get_by_role("button", name="已见面").click()
    expect(pocket.locator("#step-door")).to_have_class(re.compile("step-done"))
    pocket.locator("#step-family summary").click()
    pocket.locator("#step-family").get_by_text("没有家属信息").click()
    pocket.locator("#step-family").get_by_role("button", name="记录原因").click()
    expect(pocket.locator("#step-family")).to_have_class(re.compile("step-excused"))
    expect(pocket.locator("#timeline + * + .timeline")).to_contain_text("按时")

    pocket.get_by_role("link", name="办结").click()
    expect(pocket.get_by_role("radio", name="劝阻成功")).to_be_checked()
    pocket.get_by_label("挽损金额（元，估计）").fill("8,000")
    assert worker.has_no_horizontal_scroll()
    pocket.get_by_role("button", name="办结预警").click()
    expect(pocket.get_by_role("heading", name="处置结果")).to_be_visible()
    expect(desk.locator(".ended", has_text=what)).to_contain_text("劝阻成功", timeout=30_000)

    assert officer.complaints == []
    assert worker.complaints == []
    worker.context.close()


def test_the_desk_refreshes_without_taking_what_is_typed_or_where_one_stands(officer: Person) -> None:
    page = officer.page
    officer.press("n")
    page.get_by_label("发生了什么").fill("写到一半")
    grid = page.locator("select[name=grid]").first
    grid.select_option(index=1)
    page.get_by_label("在哪里").focus()
    with page.expect_response(
        lambda response: response.url.endswith("/desk/") and response.status == 304, timeout=70_000
    ):
        pass
    page.evaluate("document.querySelector('[data-live]').dataset.etag = ''")
    with page.expect_response(lambda response: response.url.endswith("/desk/") and response.status == 200):
        pass
    page.wait_for_timeout(300)
    assert page.get_by_label("发生了什么").input_value() == "写到一半"
    assert grid.evaluate("select => select.selectedIndex") == 1
    expect(page.get_by_label("在哪里")).to_be_focused()
    assert officer.complaints == []


def test_the_desk_says_that_the_line_is_cut_and_that_it_is_back(officer: Person) -> None:
    page = officer.page
    page.clock.install()  # ten seconds are ten seconds, however busy the machine
    page.reload()
    expect(page.locator("#lost")).to_be_hidden()
    officer.context.set_offline(True)
    page.clock.run_for(10_000)
    expect(page.locator("#lost")).to_be_visible()
    officer.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden(timeout=30_000)


def test_the_keyboard_alone_reaches_search_and_the_cards(officer: Person) -> None:
    page = officer.page
    officer.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").blur()
    officer.press("ArrowDown")
    expect(page.locator("[data-column] [data-main]").first).to_be_focused()
    officer.press("ArrowRight")
    expect(page.locator("[data-column]").nth(1).locator("[data-main]").first).to_be_focused()


def test_a_session_that_has_ended_is_said_and_leads_back(officer: Person) -> None:
    officer.context.clear_cookies()
    expect(officer.page.locator("#ended")).to_be_visible(timeout=30_000)
    expect(officer.page.locator(".board")).to_be_visible()
    officer.page.locator("#ended a").click()
    expect(officer.page).to_have_url(re.compile("/accounts/login/.*next=/desk/"))


def is_refresh(status: int, response: Response) -> bool:
    return response.url.endswith("/desk/") and response.status == status


def refresh(page: Page, *, drawn: bool) -> None:
    """Wait for a refresh of the desk that changes nothing: answered "not modified", or drawn again in full."""
    if drawn:
        page.evaluate("document.querySelector('[data-live]').dataset.etag = ''")
    status = 200 if drawn else 304
    with page.expect_response(lambda response: is_refresh(status, response), timeout=70_000):
        pass
    page.wait_for_timeout(300)


def test_a_high_alert_nobody_accepts_goes_to_the_second_and_the_desk_sees_every_step(
    browser: Browser, quick_program: Program
) -> None:
    desk = sit_down(browser, quick_program, "duty_officer.012005.1", MONITOR)
    pockets = {username: sit_down(browser, quick_program, username, PHONE) for username in SPECIALISTS}
    what = f"对方让他把存款转入安全账户，第{next(NUMBERS)}次"
    type_in(desk, where="第二网格3号楼2单元401", what=what)
    card = desk.page.locator("article[data-card]", has_text=what)
    card.locator("[data-main]").focus()
    desk.press("d")

    holder = card.locator(".holder-name")
    expect(holder).to_be_visible(timeout=30_000)
    first_name = holder.inner_text()
    first = pockets.pop(usernames()[first_name])
    (second,) = pockets.values()
    task = first.page.locator("article[data-card]", has_text=what)
    expect(task).to_be_visible(timeout=30_000)

    expect(holder).not_to_have_text(first_name, timeout=40_000)
    assert usernames()[holder.inner_text()] in SPECIALISTS
    expect(task).to_have_count(0, timeout=30_000)
    pocket = second.page
    mine = pocket.locator("article[data-card]", has_text=what)
    mine.get_by_role("button", name="接单").click()
    expect(card).to_contain_text("已接单", timeout=30_000)

    for step, press, mark in (
        ("phone", "已接通", "电话"),
        ("door", "已见面", "上门"),
        ("family", "已联系上", "家属"),
    ):
        part = pocket.locator(f"#step-{step}")
        part.get_by_role("button", name=press).click()
        expect(part).to_have_class(re.compile("step-done"))
        expect(card.locator(".marks .good", has_text=mark)).to_be_visible(timeout=30_000)

    pocket.get_by_role("link", name="办结").click()
    pocket.get_by_role("radio", name="劝阻成功").check()
    pocket.get_by_role("button", name="办结预警").click()
    expect(desk.page.locator(".ended", has_text="劝阻成功").filter(has_text=what)).to_be_visible(timeout=30_000)
    for person in (desk, first, second):
        assert person.complaints == []
        assert person.has_no_horizontal_scroll()
        person.context.close()


def test_the_desk_says_that_the_clock_stands_still_and_that_it_goes_again(
    browser: Browser, quick_program: Program
) -> None:
    desk = sit_down(browser, quick_program, "duty_officer.012003.1", MONITOR)
    expect(desk.page.locator("#standing")).to_have_count(0)
    quick_program.stop_clock()
    expect(desk.page.locator("#standing")).to_be_visible(timeout=30_000)
    quick_program.start_clock()
    expect(desk.page.locator("#standing")).to_have_count(0, timeout=30_000)
    desk.context.close()


def test_the_keyboard_alone_types_in_an_alert_and_dispatches_it(browser: Browser, quick_program: Program) -> None:
    desk = sit_down(browser, quick_program, "duty_officer.012003.1", MONITOR)
    keys = desk.page.keyboard
    desk.press("n")
    keys.type("赵春梅 199 0000 8766")
    keys.press("Tab")
    room = f"5号楼1单元{next(NUMBERS)}"
    keys.type(f"第二网格{room}")
    keys.press("Tab")
    keys.press("Space")
    expect(desk.page.get_by_role("radio", name="高")).to_be_checked()
    keys.press("Enter")
    card = desk.page.locator("article[data-card]", has_text=room)
    expect(card).to_be_visible()
    card.locator("[data-main]").focus()
    desk.press("d")
    expect(card.locator(".holder-name")).to_be_visible(timeout=30_000)
    assert desk.complaints == []
    desk.context.close()


def moved_by_refreshes(page: Page) -> list[str]:
    """Refresh the desk twice; return what moved on the screen meanwhile, as the page's observer heard it."""
    page.evaluate("window.moved = []")
    refresh(page, drawn=False)
    refresh(page, drawn=True)
    return page.evaluate("window.moved")


def test_a_refresh_moves_nothing(officer: Person) -> None:
    page = officer.page
    page.evaluate("""() => {
        window.moved = [];
        // The pill in the header tells how the clock goes, second by second; it is no part of what is refreshed.
        const isPill = ({ node }) => Boolean(node?.parentElement?.closest?.("#pulse") ?? node?.closest?.("#pulse"));
        new PerformanceObserver((list) => window.moved.push(...list.getEntries()
            .filter((one) => !one.sources.length || !one.sources.every(isPill))
            .map((one) => `${one.value} ${one.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node)}`)))
            .observe({ type: "layout-shift" });
    }""")
    # The demo's alerts go their way meanwhile, and a card that went overdue is another card: what moves whenever it
    # is refreshed moves each time.
    moved = [moved_by_refreshes(page) for _time in range(3)]
    assert [] in moved, moved


def test_a_refresh_leaves_the_page_where_it_was_scrolled_and_what_was_selected(officer: Person) -> None:
    page = officer.page
    page.set_viewport_size({"width": 1440, "height": 400})
    officer.press("n")
    field = page.get_by_label("发生了什么")
    field.fill("对方自称检察院")
    field.evaluate("field => field.setSelectionRange(2, 4)")
    page.evaluate("window.scrollTo(0, 250)")
    refresh(page, drawn=True)
    assert page.evaluate("window.scrollY") == 250
    assert field.evaluate("field => [field.selectionStart, field.selectionEnd]") == [2, 4]
    expect(field).to_be_focused()


@pytest.mark.parametrize("pasted", ["199 0000 9002", "+86 199-0000-9002", " １９９００００９００２ "])
def test_a_phone_number_pasted_as_people_write_it_opens_the_door(
    browser: Browser, program: Program, pasted: str
) -> None:
    person = approach(browser, program, PHONE)
    person.open("/accounts/login/")
    person.page.get_by_label("用户名或手机号").fill(pasted)
    person.page.get_by_label("密码").fill(program.password)
    person.press("Enter")
    expect(person.page).to_have_url(re.compile("/desk/$"))
    person.context.close()


def test_a_wrong_password_is_said_in_words_and_the_number_stays(browser: Browser, program: Program) -> None:
    person = approach(browser, program, PHONE)
    person.open("/accounts/login/")
    person.page.get_by_label("用户名或手机号").fill("199 0000 9003")
    person.page.get_by_label("密码").fill("不是这个")
    person.press("Enter")
    expect(person.page.get_by_role("alert")).to_be_visible()
    expect(person.page.get_by_label("用户名或手机号")).to_have_value("199 0000 9003")
    person.context.close()


def test_the_language_is_switched_from_any_page_and_stays(browser: Browser, program: Program) -> None:
    person = sit_down(browser, program, "duty_officer.012003.2", MONITOR)
    page = person.page
    page.locator("details.menu:not(.menu-more) > summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("My tasks")
    person.open("/inbox/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("details.menu:not(.menu-more) > summary").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    person.context.close()
