"""The pocket where there is no reception: in a real browser, with the line cut and with the server really stopped."""

import itertools
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx
import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from antifraud.testing.prepared import put_demo
from antifraud.testing.program import Program, end, usernames, wait_for
from antifraud.tests.browser import MONITOR, PHONE, Person, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

WEB = ("-m", "gunicorn", "antifraud.wsgi", "--worker-class=gthread", "--threads=4", "--log-level=warning")


class StoppableProgram(Program):
    """The program with a web server that the tests stop and start again."""

    web = None

    def start_web(self) -> None:
        self.web = self.start(*WEB, "--no-control-socket", f"--bind=127.0.0.1:{self.port}")
        wait_for(f"{self.address}/accounts/login/")

    def stop_web(self) -> None:
        if self.web is not None:
            end(self.web)
            self.web = None

    def ask(self, sql: str, *values: object) -> list[tuple]:
        with closing(sqlite3.connect(self.folder / "antifraud.sqlite3", timeout=20)) as database:
            return database.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoppableProgram]:
    program = StoppableProgram(tmp_path_factory.mktemp("pocket"))
    call_command("compile_translations", verbosity=0)
    put_demo(program.folder)
    program.manage("shell", "--verbosity=0", "-c", "from antifraud.collected import *; collect_where_changed()")
    program.start_web()
    program.start_clock()
    yield program
    program.stop_clock()
    program.stop_web()


@pytest.fixture
def officer(browser: Browser, program: StoppableProgram) -> Iterator[Person]:
    person = sit_down(browser, program, "duty_officer.012003.1", MONITOR)
    person.context.set_default_timeout(30_000)
    yield person
    person.context.close()


@dataclass
class Worker(Person):
    """A specialist before a phone, with a new high alert."""

    name: str = ""
    what: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        """Listen to nothing twice."""

    @classmethod
    def at(cls, person: Person, *words: str) -> "Worker":
        person.context.set_default_timeout(30_000)
        return cls(person.program, person.context, person.page, person.complaints, *words)


STORY = "对方让她转八千元"
NUMBERS, PHONES = itertools.count(), itertools.count(4001)
NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def fresh_alert(officer: Person, what: str, *, about: str = "周秀兰") -> str:
    """Type in a high alert about somebody new and dispatch it; return who has it now."""
    desk = officer.page
    officer.open("/desk/")
    officer.press("n")
    desk.get_by_label("谁，电话多少").fill(f"{about} 199 0000 {next(PHONES)}")
    desk.get_by_label("在哪里").fill("第一网格3号楼2单元401")
    desk.get_by_role("radio", name="高").check()
    desk.get_by_label("发生了什么").fill(what)
    desk.get_by_role("button", name="录入，开始计时").click()
    card = desk.locator("article[data-card]", has_text=what)
    card.locator("[data-main]").focus()
    officer.press("d")
    expect(card).to_contain_text("尚未接单", timeout=30_000)
    return card.locator(".holder-name").inner_text()


@pytest.fixture
def worker(browser: Browser, program: StoppableProgram, officer: Person) -> Iterator["Worker"]:
    """A specialist with a new high alert on the phone, its worker in charge."""
    number = next(NUMBERS)
    what, about = f"{STORY}第{number}次", f"周秀{NAMES[number % len(NAMES)]}"
    name = fresh_alert(officer, what, about=about)
    person = Worker.at(sit_down(browser, program, usernames()[name], PHONE), name, what, about)
    person.open("/tasks/")
    wait_for_the_worker(person.page)
    yield person
    person.context.close()
    # Who has a high alert in hand is given no other: the next test needs somebody free.
    program.manage("shell", "--verbosity=0", "-c", CLOSE_ALL.format(story=STORY))


def wait_for_the_worker(page: Page) -> None:
    """Wait until the worker is in charge. A page that opened in the moment it started is not its own: the next is."""
    for tenth in range(120):
        if page.evaluate("Boolean(navigator.serviceWorker.controller)"):
            return
        page.wait_for_timeout(100)
        if tenth % 40 == 39:
            page.reload()
    raise AssertionError("no worker")


def accept(worker: Worker) -> int:
    """Accept the new alert; return its number."""
    page = worker.page
    task = page.locator("article[data-card]", has_text=worker.what)
    task.get_by_role("button", name="接单").click()
    page.wait_for_url(re.compile(r"/alerts/\d+/$"))
    expect(page.locator('#step-phone a[href^="tel:"]')).to_be_visible()
    return int(re.search(r"/alerts/(\d+)/", page.url)[1])


def is_kept(page: Page, path: str) -> None:
    """Wait until the phone has a copy of a page. Asked again and again: our policy lets no text become code."""
    for _tenth in range(80):
        if page.evaluate("path => caches.match(path).then(Boolean)", path):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{path} is not kept")


def press(page: Page, deed: str) -> None:
    page.wait_for_timeout(1050)  # a second tap within a second is taken for the first one's
    page.locator(f'.step button[value="{deed}"]').click()


def deeds(program: StoppableProgram, pk: int) -> list[str]:
    rows = program.ask("SELECT detail FROM alerts_timelineentry WHERE alert_id = ? AND kind = 'action' ORDER BY id", pk)
    return [detail.get("deed") or detail.get("excused") for detail in (json.loads(row[0]) for row in rows)]


GIVE_FAMILY = """
from alerts.models import Alert
from residents.models import FamilyContact, Resident
alert = Alert.objects.filter(state="dispatched").latest("pk")
person = Resident.objects.create(grid=alert.grid, name=alert.subject_name, phone=alert.subject_phone)
FamilyContact.objects.create(resident=person, name="周明", relation="儿子", phone="19900008765")
alert.resident = person
alert.save(update_fields=["resident"])
"""
GIVE_TO = """
from accounts.clock import database_now
from accounts.models import User
from alerts.models import Alert
from alerts.services import hand_over_alert
to = User.objects.get(username="{username}")
alert = Alert.objects.get(description="{what}")
hand_over_alert(alert, by=alert.holder, to=to, now=database_now())
"""
COUNT = "#unsent [data-count]"
CLOSE = """
from accounts.clock import database_now
from alerts.models import Alert
from alerts.services import Ending, close_alert
from residents.models import Post
excuses = dict.fromkeys(("phone", "door", "family"), "x")
for alert in Alert.objects.open().exclude(state="received").filter({which}):
    leader = Post.objects.get(area=alert.grid, role="grid_leader").user
    close_alert(alert, ending=Ending(outcome="dissuaded", excuses=excuses), by=leader, now=database_now())
"""
CLOSE_IT, CLOSE_ALL = CLOSE.format(which="pk={pk}"), CLOSE.format(which='description__startswith="{story}"')


def unsent(page: Page) -> list[str]:
    return page.locator("#unsent li").all_text_contents()


# ── without a line ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_presses_without_a_line_are_kept_survive_a_reload_and_are_sent_in_order_once(
    worker: Worker, program: StoppableProgram
) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/")
    worker.context.set_offline(True)
    press(page, "phone_busy_line")
    page.wait_for_timeout(2500)
    press(page, "phone_confirmed")
    expect(page.locator(COUNT)).to_have_text(re.compile("^2"))
    expect(page.locator("#step-phone [data-press-mark=kept]")).to_have_count(2)
    kept = unsent(page)
    page.reload()
    expect(page.locator("#as-of")).to_be_visible()
    expect(page.locator(COUNT)).to_have_text(re.compile("^2"))
    assert unsent(page) == kept
    press(page, "door_confirmed")
    expect(page.locator(COUNT)).to_have_text(re.compile("^3"))
    worker.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden(timeout=40_000)
    expect(page.locator("#as-of")).to_be_hidden()
    expect(page.locator("#step-door")).to_have_class(re.compile("step-done"))
    assert deeds(program, pk) == ["phone_busy_line", "phone_confirmed", "door_confirmed"]
    late = [
        seconds
        for (seconds,) in program.ask(
            "SELECT (julianday(recorded_at) - julianday(at)) * 86400 FROM accounts_press WHERE address = ? ORDER BY at",
            f"/alerts/{pk}/deed/",
        )
    ]
    assert len(late) == 3
    assert late[0] - late[1] > 2
    assert late[1] > 2


def test_with_the_server_really_stopped_the_work_goes_on_and_is_sent_when_it_is_back(
    worker: Worker, program: StoppableProgram
) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/")
    worker.open("/tasks/")
    is_kept(page, "/tasks/")
    program.stop_web()
    try:
        page.reload()
        expect(page.locator("#as-of")).to_be_visible()
        page.locator("article[data-card]", has_text=worker.what).locator("[data-main]").click()
        expect(page.get_by_role("heading", name=worker.about)).to_be_visible()
        page.locator("#fold-card summary").click()
        expect(page.locator("#fold-card li").first).to_be_visible()
        press(page, "phone_no_answer")
        expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
        page.goto(f"{program.address}/accounts/profile/")
        expect(page.get_by_role("heading", name="没有网络")).to_be_visible()
        page.close()
        worker.page = page = worker.context.new_page()
        worker.open(f"/alerts/{pk}/")
        expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    finally:
        program.start_web()
    expect(page.locator("#unsent")).to_be_hidden(timeout=25_000)
    expect(page.locator("#step-phone .amber")).to_be_visible()
    assert deeds(program, pk) == ["phone_no_answer"]


def test_the_whole_way_without_a_line_after_accepting_is_sent_with_its_closing(
    worker: Worker, program: StoppableProgram
) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/close/")
    worker.context.set_offline(True)
    press(page, "phone_confirmed")
    press(page, "door_confirmed")
    page.locator("#step-family summary").click()
    page.locator("#step-family").get_by_text("没有家属信息").click()
    page.locator("#step-family").get_by_role("button", name="记录原因").click()
    page.locator(".dock").get_by_role("link", name="办结").click()
    expect(page.locator('input[name="phone_how"][value="done"]')).to_be_checked()
    page.locator('input[name="family_how"]').nth(1).check()
    page.get_by_role("radio", name="劝阻成功").check()
    page.get_by_role("button", name="办结预警").click()
    page.wait_for_url(re.compile(rf"/alerts/{pk}/$"))
    expect(page.locator(COUNT)).to_have_text(re.compile("^4"))
    worker.context.set_offline(False)
    expect(page.get_by_role("heading", name="处置结果")).to_be_visible(timeout=40_000)
    assert deeds(program, pk) == ["phone_confirmed", "door_confirmed", "family"]
    expect(page.locator("#unsent")).to_be_hidden()


def test_a_press_that_the_server_refuses_is_taken_back_with_its_words(
    worker: Worker, program: StoppableProgram
) -> None:
    page, pk = worker.page, accept(worker)
    worker.context.set_offline(True)
    press(page, "phone_confirmed")
    expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    page.wait_for_timeout(10_500)  # from now on nobody stands there and waits for the answer
    program.manage("shell", "--verbosity=0", "-c", CLOSE_IT.format(pk=pk))
    worker.context.set_offline(False)
    expect(page.locator("#unsent li.refused")).to_contain_text("办结", timeout=40_000)
    expect(page.get_by_role("heading", name="处置结果")).to_be_visible()
    page.locator("[data-drop]").click()
    expect(page.locator("#unsent")).to_be_hidden()
    assert deeds(program, pk) == ["phone", "door", "family"]


def test_a_closing_that_came_too_late_keeps_what_was_filled_in(worker: Worker, program: StoppableProgram) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/close/")
    worker.context.set_offline(True)
    worker.open(f"/alerts/{pk}/close/")
    for how in page.locator("input[value=done]").all():
        how.check()
    page.get_by_role("radio", name="劝阻成功").check()
    page.get_by_label("挽损金额（元，估计）").fill("8,000")
    page.get_by_label("备注").fill("儿子已赶到，陪她去了派出所")
    page.get_by_role("button", name="办结预警").click()
    expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    page.wait_for_timeout(10_500)  # from now on nobody stands there and waits for the answer
    program.manage("shell", "--verbosity=0", "-c", CLOSE_IT.format(pk=pk))
    worker.context.set_offline(False)
    refused = page.locator("#unsent li.refused")
    expect(refused).to_contain_text("儿子已赶到，陪她去了派出所", timeout=40_000)
    expect(refused).to_contain_text("8,000")
    refused.get_by_role("link").click()
    expect(page.get_by_label("备注")).to_have_value("儿子已赶到，陪她去了派出所")
    expect(page.get_by_role("radio", name="劝阻成功")).to_be_checked()


def test_two_windows_send_each_press_once(worker: Worker, program: StoppableProgram) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/")
    other = worker.context.new_page()
    other.goto(page.url)
    worker.context.set_offline(True)
    press(page, "phone_no_answer")
    press(other, "phone_busy_line")
    expect(other.locator(COUNT)).to_have_text(re.compile("^2"))
    worker.context.set_offline(False)
    for window in (page, other):
        expect(window.locator("#unsent")).to_be_hidden(timeout=25_000)
    assert deeds(program, pk) == ["phone_no_answer", "phone_busy_line"]


# ── whose phone it is ─────────────────────────────────────────────────────────────────────────────────────────────────

KEPT = """async () => ({
    pages: await caches.has("shouwang-pages") ? (await (await caches.open("shouwang-pages")).keys()).length : 0,
    presses: await new Promise(resolve => {
        const request = indexedDB.open("shouwang", 1);
        request.onsuccess = () => {
            const rows = request.result.transaction("presses").objectStore("presses").getAll();
            rows.onsuccess = () => { request.result.close(); resolve(rows.result.length); };
        };
    }),
})"""


def test_logging_out_leaves_nothing_on_the_phone(worker: Worker, program: StoppableProgram) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/")
    worker.context.set_offline(True)
    press(page, "phone_confirmed")
    expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    questions: list[str] = []
    page.on("dialog", lambda dialog: questions.append(dialog.message) or dialog.accept())
    page.locator("details.menu:not(.menu-more) > summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_timeout(6000)
    assert len(questions) == 1
    # The server has not heard of it: the session is ended for it, to see what a stranger finds.
    worker.context.clear_cookies()
    worker.context.set_offline(False)
    worker.open("/accounts/login/")
    assert page.evaluate(KEPT) == {"pages": 0, "presses": 0}


def test_a_session_that_ended_keeps_the_presses_until_one_logs_in_again(
    worker: Worker, program: StoppableProgram
) -> None:
    page, pk = worker.page, accept(worker)
    username = program.ask(
        "SELECT u.username FROM accounts_user u JOIN alerts_alert a ON a.holder_id = u.id WHERE a.id = ?", pk
    )[0][0]
    worker.context.clear_cookies(name="sessionid")
    press(page, "phone_confirmed")
    expect(page.locator("#unsent [data-why]")).to_contain_text("登录")
    page.locator("#unsent summary").click()
    page.get_by_role("link", name="登录后发送").click()
    assert page.evaluate(KEPT)["presses"] == 1
    page.get_by_label("用户名或手机号").fill(username)
    page.get_by_label("密码").fill(program.password)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("#step-phone")).to_have_class(re.compile("step-done"), timeout=40_000)
    assert deeds(program, pk) == ["phone_confirmed"]


def test_nobody_sends_or_reads_what_another_left_on_the_phone(worker: Worker, program: StoppableProgram) -> None:
    page, pk = worker.page, accept(worker)
    is_kept(page, f"/alerts/{pk}/")
    worker.context.set_offline(True)
    press(page, "phone_confirmed")
    expect(page.locator(COUNT)).to_have_text(re.compile("^1"))
    worker.context.clear_cookies(name="sessionid")
    worker.context.set_offline(False)
    worker.open("/accounts/login/")
    page.get_by_label("用户名或手机号").fill("grid_leader.003002.1")
    page.get_by_label("密码").fill(program.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/tasks/$"))
    page.wait_for_timeout(3000)
    expect(page.locator("#unsent")).to_be_hidden()
    assert deeds(program, pk) == []
    assert page.evaluate("path => caches.match(path).then(Boolean)", f"/alerts/{pk}/") is False


# ── how it feels ──────────────────────────────────────────────────────────────────────────────────────────────────────

MEASURE = """selector => new Promise(resolve => {
    const start = performance.now();
    const step = document.querySelector(selector).closest("li");
    document.querySelector(selector).click();
    (function look() {
        if (step.querySelector("[data-press-mark]")) {
            requestAnimationFrame(() => resolve(performance.now() - start));
        } else requestAnimationFrame(look);
    })();
})"""


def test_a_second_tap_on_the_same_spot_presses_nothing_else(worker: Worker, program: StoppableProgram) -> None:
    page, pk = worker.page, accept(worker)
    page.wait_for_timeout(1050)
    page.locator('#step-phone [value="phone_confirmed"]').evaluate("one => one.scrollIntoView({ block: 'center' })")
    box = page.locator('#step-phone [value="phone_confirmed"]').bounding_box()
    spot = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(*spot)
    for _tenth in range(6):
        page.wait_for_timeout(100)
        page.mouse.click(*spot)
    expect(page.locator("#step-phone")).to_have_class(re.compile("step-done"))
    assert deeds(program, pk) == ["phone_confirmed"]


def test_a_press_is_answered_on_the_screen_before_the_server_could_answer_however_slow_the_line(worker: Worker) -> None:
    page = worker.page
    accept(worker)
    page.route("**/deed/", lambda route: (page.wait_for_timeout(1500), route.continue_()))
    # The screen answers in some ten milliseconds where the machine is free; here it answers before the server could.
    assert page.evaluate(MEASURE, '#step-phone [value="phone_confirmed"]') < 1000
    expect(page.locator("#step-phone")).to_have_attribute("data-confirms", "")
    expect(page.locator("#step-phone")).to_have_class(re.compile("step-done"), timeout=10_000)


COUNT_PRESSES = """() => {
    const count = () => sessionStorage.setItem("presses", Number(sessionStorage.getItem("presses") ?? 0) + 1);
    document.addEventListener("click", event => event.isTrusted && count(), true);
    document.addEventListener("click", event => event.target.closest('a[href^="tel:"]') && event.preventDefault());
}"""


def test_from_accepting_to_closing_takes_at_most_eight_presses_and_no_typing(
    worker: Worker, program: StoppableProgram
) -> None:
    page = worker.page
    worker.context.add_init_script(f"({COUNT_PRESSES})()")
    program.manage("shell", "--verbosity=0", "-c", GIVE_FAMILY)
    page.reload()
    pk = accept(worker)
    page.locator("#step-phone .btn-call").click()
    press(page, "phone_confirmed")
    press(page, "door_confirmed")
    page.locator("#step-family .btn-call").click()
    press(page, "family_contacted")
    expect(page.locator("#step-family")).to_have_class(re.compile("step-done"))
    page.locator(".dock").get_by_role("link", name="办结").click()
    page.get_by_role("button", name="办结预警").click()
    expect(page.get_by_role("heading", name="处置结果")).to_be_visible()
    assert int(page.evaluate("sessionStorage.getItem('presses')")) <= 8
    assert program.ask("SELECT state FROM alerts_alert WHERE id = ?", pk) == [("closed",)]


TARGETS = "main .btn, main .pill, .menu-row, .menu > summary, .unsent summary"
TOO_SMALL = f"""() => [...document.querySelectorAll("{TARGETS}")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 59.5)
    .map(one => one.outerHTML.slice(0, 90))"""


def test_in_the_large_type_view_everything_fits_and_is_large_enough_for_a_thumb(worker: Worker) -> None:
    page = worker.page
    page.locator("details.menu:not(.menu-more) > summary").click()
    page.get_by_role("button", name="长辈版").click()
    expect(page.locator("html")).to_have_attribute("data-text", "large")
    assert worker.has_no_horizontal_scroll()
    pk = accept(worker)
    for path in ["/tasks/", "/accounts/profile/", f"/alerts/{pk}/", f"/alerts/{pk}/close/"]:
        worker.open(path)
        page.locator("details.menu:not(.menu-more) > summary").click()
        assert worker.has_no_horizontal_scroll(), path
        assert page.evaluate(TOO_SMALL) == [], path
    page.get_by_role("button", name="标准字号").click()
    expect(page.locator("html")).to_have_attribute("data-text", "normal")


def test_a_new_high_alert_shakes_the_phone_and_sounds_while_the_page_is_open(
    browser: Browser, program: StoppableProgram, officer: Person, worker: Worker
) -> None:
    page = worker.page
    accept(worker)
    worker.open("/tasks/")
    shaken = page.evaluate_handle(
        "(() => { const all = []; navigator.vibrate = what => all.push(what); return all })()"
    )
    page.locator("#sound").click()
    what = f"{STORY}再来{next(NUMBERS)}"
    name = fresh_alert(officer, what, about="周秀风")
    mine = page.locator("article[data-card]", has_text=what)
    if name != worker.name:
        # It went to whoever is free: let them hand it to the one who listens.
        program.manage("shell", "--verbosity=0", "-c", GIVE_TO.format(what=what, username=usernames()[worker.name]))
    expect(mine).to_be_visible(timeout=10_000)
    assert page.evaluate("all => all.length", shaken) >= 1


SHOWN = """() => navigator.serviceWorker.ready
    .then(worker => worker.getNotifications())
    .then(notes => notes.map(({title, body, tag, requireInteraction}) => ({title, body, tag, requireInteraction})))"""
ASKS_NOBODY_YET = """
    window.asked = 0;
    Object.defineProperty(Notification, "permission", { get: () => (window.asked ? "granted" : "default") });
    Notification.requestPermission = async () => { window.asked += 1; return "granted"; };
"""


def test_a_device_shows_a_new_high_alert_without_a_name_while_its_owner_looks_elsewhere(
    program: StoppableProgram, officer: Person, worker: Worker
) -> None:
    page = worker.page
    accept(worker)
    worker.context.grant_permissions(["notifications"])
    worker.open("/tasks/")
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    what, about = f"{STORY}又来{next(NUMBERS)}", "周秀雷"
    name = fresh_alert(officer, what, about=about)
    if name != worker.name:
        program.manage("shell", "--verbosity=0", "-c", GIVE_TO.format(what=what, username=usernames()[worker.name]))
    expect(page.locator("article[data-card]", has_text=what)).to_be_visible(timeout=10_000)
    page.wait_for_function(f"({SHOWN})().then(notes => notes.length > 0)")
    (note,) = page.evaluate(SHOWN)
    pk = program.ask("SELECT max(id) FROM alerts_alert WHERE description = ?", what)[0][0]
    assert note["tag"] == f"/alerts/{pk}/"
    assert note["requireInteraction"]
    assert note["title"].startswith("【高】第一网格")
    assert not [secret for secret in (about, "周", "199", "3号楼", what) if secret in note["title"] + note["body"]]


def test_a_device_is_asked_for_its_leave_by_a_press_alone_and_shows_at_once_how_it_looks(worker: Worker) -> None:
    page = worker.page
    worker.context.grant_permissions(["notifications"])
    page.add_init_script(ASKS_NOBODY_YET)
    worker.open("/inbox/channels/")
    assert page.evaluate("window.asked") == 0
    page.locator("#notify").click()
    expect(page.locator("#notify-try")).to_be_visible()
    assert page.evaluate("window.asked") == 1
    page.locator("#notify-try").click()
    page.wait_for_function(f"({SHOWN})().then(notes => notes.length > 0)")


# ── on the home screen ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_phone_finds_all_it_needs_to_install_it(worker: Worker, program: StoppableProgram) -> None:
    page = worker.page
    href = page.locator('link[rel="manifest"]').get_attribute("href")
    manifest = page.evaluate("href => fetch(href).then(answer => answer.json())", href)
    assert (manifest["short_name"], manifest["display"], manifest["scope"]) == ("守望", "standalone", "/")
    assert httpx.get(f"{program.address}{manifest['start_url']}", trust_env=False).status_code in {200, 302}
    sizes = """icons => Promise.all(icons.map(({src, sizes}) => new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = () => resolve([sizes, `${image.naturalWidth}x${image.naturalHeight}`]);
        image.onerror = reject;
        image.src = src;
    })))"""
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in drawn} == {"192x192", "512x512"}
    assert all(said == real for said, real in page.evaluate(sizes, drawn))
    assert any("maskable" in icon.get("purpose", "") for icon in drawn)
    session = worker.context.new_cdp_session(page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A test's browser window is a private one; that is the only thing in the way.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}
