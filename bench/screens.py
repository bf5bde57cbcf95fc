"""Measures in a browser: how soon a phone's screen answers a press, and how heavy the pocket's first page is."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from antifraud.testing.program import Program, running_program
from bench.figures import Figure, at_most, percentile

PHONE = {"width": 360, "height": 640}
WORKER = "warning_specialist.003001.1"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")

GIVE_AN_ALERT = """
from accounts.clock import database_now
from accounts.models import User
from alerts import services
from alerts.models import Alert, Source
from residents.models import Post
worker = User.objects.get(username="{worker}")
grid = worker.posts.first().area
now = database_now()
about = dict(external_id="bench", level="high", area_code=grid.code, phone="19900009999")
message = services.Incoming(**about)
alert = services.receive_one(Source.objects.first(), message, now=now).alert
officer = User.objects.filter(posts__role="duty_officer").first()
services.dispatch_alert(alert, by=officer, now=now)
services.accept_alert(Alert.objects.get(pk=alert.pk), by=worker, now=now)
print(alert.pk)
"""

# From the press itself to the frame in which its mark is painted.
ONE_PRESS = """selector => new Promise(resolve => {
    const before = document.querySelectorAll("[data-press-mark]").length;
    const start = performance.now();
    const look = () => document.querySelectorAll("[data-press-mark]").length > before
        ? requestAnimationFrame(() => resolve(performance.now() - start)) : requestAnimationFrame(look);
    document.querySelector(selector).click();
    requestAnimationFrame(look);
})"""

WEIGHT = "() => performance.getEntries().reduce((sum, one) => sum + (one.transferSize || 0), 0)"


def presses(rounds: int = 30) -> list[Figure]:
    """Press "no answer" on a phone again and again while the server holds back each answer for two seconds."""
    with tempfile.TemporaryDirectory(prefix="antifraud-bench-") as folder, running_program(Path(folder)) as program:
        pk = program.manage("shell", "--verbosity=0", "-c", GIVE_AN_ALERT.format(worker=WORKER)).split()[-1]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
            page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
            weight = _log_in(page, program)
            page.goto(f"{program.address}/alerts/{pk}/", wait_until="load")
            page.route("**/deed/", lambda route: (page.wait_for_timeout(2000), route.continue_()))
            times = [page.evaluate(ONE_PRESS, '.step button[value="phone_no_answer"]') for _round in range(rounds)]
            browser.close()
    return [
        at_most(f"a press answered on the phone's screen, median of {rounds}", percentile(times, 50), "ms", 100),
        at_most("a press answered on the phone's screen, worst", max(times), "ms", 100),
        at_most("first load of the pocket, compressed", weight / 1000, "kB", 150),
    ]


def _log_in(page: Page, program: Program) -> float:
    page.goto(f"{program.address}/accounts/login/")
    page.locator("[name=username]").fill(WORKER)
    page.locator("[name=password]").fill(program.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/tasks/")
    # As a phone that has never been here: nothing of the look is kept yet.
    fresh = page.context.browser.new_context(viewport=PHONE, storage_state=page.context.storage_state()).new_page()
    fresh.goto(f"{program.address}/tasks/", wait_until="load")
    weight = float(fresh.evaluate(WEIGHT))
    fresh.context.close()
    return weight
