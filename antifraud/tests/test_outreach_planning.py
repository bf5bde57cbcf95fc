"""Planning outreach, in a real browser against the program as it runs."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from antifraud.testing.program import Program
from antifraud.tests.browser import MONITOR, PHONE, sit_down

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

PLANNER = "outreach_worker.012003.1"


def count_of(program: Program, title: str) -> int:
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3", timeout=20)) as database:
        return database.execute("SELECT count(*) FROM campaigns_event WHERE title = ?", [title]).fetchone()[0]


def test_an_event_is_planned_and_what_is_missing_is_said_while_typing(browser: Browser, program: Program) -> None:
    worker = sit_down(browser, program, PLANNER, MONITOR)
    page = worker.page
    worker.open("/outreach/events/new/")
    advice = page.locator("#advice .lessons li")
    expect(advice).to_have_count(1)
    page.get_by_label("活动名称").fill("小区广场宣讲")
    page.get_by_label("预计到场人数").fill("60")
    page.get_by_label("计划志愿者人数").fill("1")
    page.get_by_label("地点").focus()
    expect(advice).to_have_count(2)
    page.locator("#id_partners label", has_text="警务室").click()
    page.get_by_label("计划志愿者人数").fill("3")
    page.get_by_label("地点").focus()
    expect(advice).to_have_count(0)
    page.locator(".plan-save .btn-main").click()
    expect(page).to_have_url(re.compile(r"/outreach/events/\d+/$"))
    expect(page.locator("h1")).to_contain_text("小区广场宣讲")
    assert count_of(program, "小区广场宣讲") == 1
    assert worker.complaints == []
    worker.context.close()


def test_a_weekly_event_is_planned_on_a_phone_and_stopped(browser: Browser, program: Program) -> None:
    worker = sit_down(browser, program, PLANNER, PHONE)
    page = worker.page
    worker.open("/outreach/events/new/")
    assert worker.has_no_horizontal_scroll()
    page.get_by_label("活动名称").fill("每周楼道课")
    page.locator("#id_repeat label").nth(1).click()
    expect(page.locator("#id_weekdays")).to_be_visible()
    page.locator(".plan-save .btn-main").click()
    expect(page).to_have_url(re.compile(r"/outreach/events/\d+/$"))
    assert count_of(program, "每周楼道课") == 13
    page.get_by_role("link", name="停止重复").click()
    page.locator("form .btn-urgent").click()
    expect(page).to_have_url(re.compile("/outreach/calendar/$"))
    assert count_of(program, "每周楼道课") == 1
    assert worker.has_no_horizontal_scroll()
    assert worker.complaints == []
    worker.context.close()


def test_the_calendar_is_a_month_at_the_desk_and_a_list_in_the_hand(browser: Browser, program: Program) -> None:
    for screen, is_month in ((MONITOR, True), (PHONE, False)):
        worker = sit_down(browser, program, PLANNER, screen)
        worker.open("/outreach/calendar/")
        expect(worker.page.locator("table.month")).to_be_visible(visible=is_month)
        expect(worker.page.locator(".agenda")).to_be_visible(visible=not is_month)
        assert worker.has_no_horizontal_scroll()
        assert worker.complaints == []
        worker.context.close()
