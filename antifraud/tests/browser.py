"""Somebody before a screen, for tests that drive a real browser against the program as it runs."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, expect

from antifraud.testing.program import Program

# What is waited for comes at once; how long is waited for it says only how busy the machine may be.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

MONITOR = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=360, height=640)

IS_WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Person:
    """Somebody before a screen; what their browser complained of is kept."""

    program: Program
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._watch)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.program.address, "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, path: str) -> str:
        """Go there; return the page as the server sent it."""
        answer = self.page.goto(f"{self.program.address}{path}")
        assert answer is not None
        return answer.text()

    def press(self, key: str) -> None:
        """Press a key once the page's scripts, which hear it, are there."""
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)

    def has_no_horizontal_scroll(self) -> bool:
        return not self.page.evaluate(IS_WIDER_THAN_THE_SCREEN)


def approach(browser: Browser, program: Program, screen: ViewportSize) -> Person:
    """Somebody at the door, not logged in, before a screen of that size."""
    # Without motion no colour is measured half-way between two.
    context = browser.new_context(viewport=screen, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    return Person(program, context, context.new_page())


def sit_down(browser: Browser, program: Program, username: str, screen: ViewportSize) -> Person:
    """Log somebody in, before a screen of that size."""
    person = approach(browser, program, screen)
    person.open("/accounts/login/")
    person.page.get_by_label("用户名或手机号").fill(username)
    person.page.get_by_label("密码").fill(program.password)
    person.page.get_by_role("button", name="登录").click()
    expect(person.page.locator("header.topbar")).to_be_visible()
    return person
