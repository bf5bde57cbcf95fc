"""Hold the plan of the house: which files an app may have, and what Django each may know.

Who imports whom among our own is held by import-linter (pyproject.toml); this is what it cannot see.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("reports", "cases", "alerts", "campaigns", "knowledge", "residents", "sheets", "notifications", "accounts")

# A new name is a decision about the house: made here, with what the room holds, or not at all.
ROOMS = {
    "__init__": "",
    "access": "who may see and do what where (residents)",
    "admin": "reference data edited in the administration",
    "api": "what other programs ask",
    "apps": "the app's name",
    "backends": "how somebody proves who they are",
    "calendars": "days that repeat, hours that are covered: pure (accounts)",
    "channels": "the outside world (notifications)",
    "clock": "the database server's time",
    "composed": "questions that the ORM composes once (accounts)",
    "columns": "what the columns of an office's file are, in and out (residents, cases)",
    "demo": "invented people and places",
    "drafting": "figures, words and files put together into a report (reports)",
    "docket": "alerts in hand for one transaction (alerts)",
    "engine": "the sweep: claim, ask the policy, carry out (alerts)",
    "exports": "what rows look like in files that leave",
    "figures": "numbers with a definition and a unit",
    "formats": "moments, numbers and money in words (accounts); periods and changes in words (reports)",
    "forms": "text to domain type",
    "importers": "what rows look like in files that come in",
    "letters": "the words in which people are told",
    "middleware": "what happens to every request",
    "models": "fields, constraints, questions",
    "paging": "long lists in pages (accounts)",
    "personal_data": "encryption, search keys, masking",
    "pictures": "photos made smaller, freed of where they were taken (accounts)",
    "policy": "tables and pure functions",
    "reading": "office files to rows of cells (sheets), received messages to fields (alerts)",
    "replay": "a recorded incident through the real engine (alerts)",
    "roles": "roles and duties",
    "rows": "rows by their key, many in one statement (accounts)",
    "screens": "what a screen shows of rows",
    "services": "verbs",
    "sessions": "who is logged in where, and since when nothing was pressed (accounts)",
    "tasks": "doors for Celery",
    "teams": "who stands behind an alert (alerts)",
    "timeline": "an alert's lines, read aloud (alerts)",
    "urls": "addresses",
    "writing": "rows of cells to office files (sheets)",
    "views": "doors for people",
}
FOLDERS = {"migrations", "management", "tests", "demo", "templates", "static", "templatetags", "__pycache__"}

# What each room must not know of Django, for it then could do what is another room's work.
NO_SCREEN = ("django.http", "django.shortcuts", "django.template", "django.forms", "django.views")
NEVER = {
    "policy": (*NO_SCREEN, "django.db.transaction", "django.conf", "django.utils.timezone", "django.core.mail"),
    "roles": (*NO_SCREEN, "django.db.transaction", "django.conf", "django.utils.timezone"),
    "models": (*NO_SCREEN, "django.core.mail", "django.utils.timezone"),
    "services": (*NO_SCREEN, "django.utils.timezone"),
    "engine": (*NO_SCREEN, "django.utils.timezone"),
    "docket": (*NO_SCREEN, "django.utils.timezone"),
    "figures": (*NO_SCREEN, "django.db.transaction", "django.utils.timezone"),
    "tasks": NO_SCREEN,
    "forms": ("django.shortcuts", "django.db.transaction"),
}
PURE = ("policy", "roles")


def files_of(app: str) -> Iterator[Path]:
    yield from sorted((settings.BASE_DIR / app).glob("*.py"))


def files_of_room(room: str) -> Iterator[Path]:
    for app in APPS:
        yield from (settings.BASE_DIR / app).glob(f"{room}.py")
        yield from (settings.BASE_DIR / app / room).glob("*.py")


def imported_names(file: Path) -> set[str]:
    """Every dotted name that a file imports: ``from a.b import c`` gives ``a.b`` and ``a.b.c``."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("app", APPS)
def test_every_file_of_an_app_is_a_room_on_the_plan(app):
    assert [file.name for file in files_of(app) if file.stem not in ROOMS] == []


@pytest.mark.parametrize("app", APPS)
def test_every_folder_of_an_app_is_a_room_on_the_plan(app):
    folders = [folder.name for folder in (settings.BASE_DIR / app).iterdir() if folder.is_dir()]
    assert [name for name in folders if name not in FOLDERS | set(ROOMS)] == []


@pytest.mark.parametrize("room", sorted(NEVER))
def test_a_room_does_not_know_what_is_another_rooms_work(room):
    wrong = {
        str(file.relative_to(settings.BASE_DIR)): sorted(
            name for name in imported_names(file) if name.startswith(NEVER[room])
        )
        for file in files_of_room(room)
    }
    assert {file: names for file, names in wrong.items() if names} == {}


@pytest.mark.parametrize("room", PURE)
def test_rules_know_no_rows(room):
    """Of the ORM they may know the enumerations alone."""
    for file in files_of_room(room):
        names = {name.removeprefix("django.db.") for name in imported_names(file) if name.startswith("django.db.")}
        names |= set(re.findall(r"\bmodels\.\w+", file.read_text(encoding="utf-8")))
        assert names <= {"models", "models.TextChoices", "models.IntegerChoices"}, file


def test_the_roof_is_imported_by_nobody_below():
    for app in APPS:
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            if "tests" in file.parts:
                continue
            assert not [name for name in imported_names(file) if name.split(".")[0] == "antifraud"], file
