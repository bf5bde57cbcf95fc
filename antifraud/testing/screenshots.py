"""Draw the pictures of the README and the guides from the demo: ``make screenshots``.

Every picture is taken of the program as it runs, in Chinese, by somebody whose page it is; look at all of them after.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from antifraud.testing.program import ROOT, Program, running_program

PICTURES = ROOT / "docs" / "images"
MONITOR = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=360, height=640)
LARGEST = 300_000  # bytes; more is too much for a page that shows four of them

OFFICER, SPECIALIST, MANAGER = "duty_officer.012003.1", "warning_specialist.003003.1", "manager.012003.1"
"""The specialist has a high alert that waits to be accepted for a minute and a half after the demo is loaded."""

Light = Literal["light", "dark"]


@dataclass(frozen=True)
class Artist:
    """What draws, and where."""

    browser: Browser
    program: Program

    @contextmanager
    def screen(self, *, username: str = "", size: ViewportSize = MONITOR, light: Light = "light") -> Iterator[Page]:
        """Open a screen, logged in where a username is given. A phone's is drawn at twice its points."""
        scale = 2 if size == PHONE else 1
        context = self.browser.new_context(
            viewport=size, device_scale_factor=scale, locale="zh-CN", color_scheme=light, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(f"{self.program.address}/accounts/login/")
        if username:
            page.fill("input[name=username]", username)
            page.fill("input[name=password]", self.program.password)
            page.click("button[type=submit]")
            page.wait_for_selector("header.topbar")
        yield page
        context.close()

    def draw(self, page: Page, name: str) -> None:
        """Write one picture. Raises ``SystemExit`` where it is larger than a page should carry."""
        page.wait_for_load_state("networkidle")
        page.evaluate("document.activeElement?.blur()")
        file = PICTURES / f"{name}.png"
        page.screenshot(path=file)
        # A screen of few colours: 256 of them look the same and weigh a third.
        with Image.open(file) as picture:
            picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
        size = file.stat().st_size
        print(f"{file.relative_to(ROOT)}  {size / 1000:.0f} kB")
        if size > LARGEST:
            raise SystemExit(f"{file.name} is larger than {LARGEST / 1000:.0f} kB: draw less of the page")


def draw_all(artist: Artist) -> None:
    """Draw every picture: the desk first, where nobody has accepted yet what the pocket accepts."""
    with artist.screen(username=OFFICER) as page:
        artist.draw(page, "desk")
        page.locator("[data-column]").nth(2).locator("[data-main]").first.click()
        page.wait_for_url(re.compile(r"/alerts/\d+/$"))
        artist.draw(page, "alert")
    with artist.screen(username=OFFICER, light="dark") as page:
        artist.draw(page, "desk-dark")
    with artist.screen(username=SPECIALIST, size=PHONE) as page:
        artist.draw(page, "pocket")
        page.click("form[action$='/accept/'] button")
        page.wait_for_url(re.compile(r"/alerts/\d+/$"))
        page.wait_for_selector("#step-phone")
        page.evaluate("document.querySelectorAll('.message').forEach((message) => message.remove())")
        artist.draw(page, "pocket-alert")
        page.evaluate("window.scrollBy(0, document.querySelector('#step-phone').getBoundingClientRect().top - 120)")
        artist.draw(page, "pocket-steps")
    with artist.screen(username=SPECIALIST, size=PHONE, light="dark") as page:
        artist.draw(page, "pocket-dark")
    with artist.screen(username=MANAGER) as page:
        page.goto(f"{artist.program.address}/reports/")
        page.wait_for_selector("canvas")
        artist.draw(page, "figures")
    with artist.screen(size=PHONE) as page:
        artist.draw(page, "login")


def main() -> None:
    """Draw all pictures anew."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("No browser: apt install chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="antifraud-pictures-") as folder,
        running_program(Path(folder)) as program,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        draw_all(Artist(browser, program))


if __name__ == "__main__":
    main()
