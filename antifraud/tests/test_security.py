"""Somebody guards their log-in, in a real browser: the telephone's code, one on paper, the password once more."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.tests.test_factors import code_at
from antifraud.testing.program import Program
from antifraud.tests.browser import MONITOR, PHONE, Person, approach, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

WHO = "outreach_worker.012003.1"
# What lies two hours back for the server, whose clock no test can turn.
AWAY = f"""
from django.contrib.sessions.models import Session
from accounts.models import User
from accounts.sessions import SessionStore
user = User.objects.get(username="{WHO}")
for session in Session.objects.all():
    data = session.get_decoded()
    if data.get("_auth_user_id") == str(user.pk):
        data["active_at"] -= 7200
        session.session_data = SessionStore().encode(data)
        session.save()
"""


def type_name_and_password(person: Person) -> Page:
    person.open("/accounts/login/")
    person.page.get_by_label("用户名或手机号").fill(WHO)
    person.page.get_by_label("密码").fill(person.program.password)
    person.page.get_by_role("button", name="登录").click()
    return person.page


@pytest.fixture
def without_factor(program: Program) -> Iterator[None]:
    """Leave the person as the other journeys find them, however often this one is tried."""
    forget = f"from accounts.models import *; SecondFactor.objects.filter(user__username='{WHO}').delete()"
    program.manage("shell", "--verbosity=0", "-c", forget)
    yield
    program.manage("shell", "--verbosity=0", "-c", forget)


def test_a_second_factor_is_set_up_asked_for_and_recovered(
    browser: Browser, program: Program, without_factor: None
) -> None:
    at_home = sit_down(browser, program, WHO, MONITOR)
    at_home.open("/accounts/security/")
    at_home.page.locator("a[href$='/security/factor/']").click()
    at_home.page.locator("form[action$='/begin/'] button").click()
    secret = re.sub(r"\s", "", at_home.page.locator(".factor-key").inner_text())
    expect(at_home.page.locator(".factor-code svg")).to_be_visible()
    now = datetime.now(UTC)
    at_home.page.locator("[name=code]").fill(code_at(secret, now))
    at_home.page.locator("[name=code]").press("Enter")
    expect(at_home.page.locator(".recovery-codes li")).to_have_count(10)
    on_paper = at_home.page.locator(".recovery-codes li").first.inner_text()

    on_the_way = approach(browser, program, PHONE)
    page = type_name_and_password(on_the_way)
    # The code of the next half minute, which the telephone's clock may be ahead by: the one of now was used above.
    page.locator("[name=code]").fill(code_at(secret, datetime.fromtimestamp(now.timestamp() + 30, UTC)))
    page.locator("[name=trust]").check()
    page.get_by_role("button", name="登录").click()
    expect(page.locator("header.topbar")).to_be_visible()
    on_the_way.open("/accounts/security/")
    assert on_the_way.has_no_horizontal_scroll()

    on_the_way.context.clear_cookies(name="sessionid")
    page = type_name_and_password(on_the_way)  # this device was remembered
    expect(page.locator("header.topbar")).to_be_visible()

    elsewhere = approach(browser, program, PHONE)
    page = type_name_and_password(elsewhere)
    page.locator("[name=code]").fill(on_paper.lower())
    page.get_by_role("button", name="登录").click()
    expect(page.locator("header.topbar")).to_be_visible()
    elsewhere.context.clear_cookies()
    page = type_name_and_password(elsewhere)
    page.locator("[name=code]").fill(on_paper)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("[name=code].is-invalid")).to_be_visible()

    at_home.open("/accounts/security/")
    at_home.page.locator("form[action$='/sessions/end/'] button").click()
    on_the_way.open("/accounts/security/")
    expect(on_the_way.page.get_by_role("heading", name="登录")).to_be_visible()
    assert not [one for person in (at_home, on_the_way, elsewhere) for one in person.complaints]


def test_who_was_away_gives_the_password_over_the_page_and_finds_what_was_typed(
    browser: Browser, program: Program
) -> None:
    person = approach(browser, program, PHONE)
    person.page.clock.install()
    page = type_name_and_password(person)
    expect(page.locator("header.topbar")).to_be_visible()
    person.open("/accounts/profile/")
    page.locator("[name=theme]").select_option("dark")
    program.manage("shell", "--verbosity=0", "-c", AWAY)
    page.clock.fast_forward("02:00:00")
    page.clock.run_for(5000)
    dialog = page.locator("dialog#still-you")
    expect(dialog).to_be_visible()
    dialog.get_by_label("密码").fill(program.password)
    dialog.get_by_role("button").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("[name=theme]")).to_have_value("dark")
    assert not person.complaints
