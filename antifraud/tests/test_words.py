"""The check of the catalogues finds what it is there to find; and the catalogues are clean."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

from antifraud.glossary import AVOID, TERMS, breaches
from antifraud.management.commands.check_translations import problems_of


def catalogue(folder: Path, *entries: polib.POEntry) -> Path:
    book = polib.POFile()
    book.extend(entries)
    file = folder / "django.po"
    book.save(str(file))
    return file


@pytest.mark.parametrize("file", [f for path in settings.LOCALE_PATHS for f in Path(path).glob("*/LC_MESSAGES/*.po")])
def test_the_catalogues_are_whole_and_speak_the_fields_words(file: Path) -> None:
    assert problems_of(file) == []


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (polib.POEntry(msgid="Save"), "missing"),
        (polib.POEntry(msgid="Save", msgstr="保存", flags=["fuzzy"]), "unsure"),
        (polib.POEntry(msgid="Save {name}", msgstr="保存"), "placeholders"),
        (polib.POEntry(msgid="{n} day", msgid_plural="{n} days", msgstr_plural={0: "{count} 天"}), "placeholders"),
        (polib.POEntry(msgid="The grid leader comes", msgstr="组长来了"), "网格长"),
        (polib.POEntry(msgid="Open", msgstr="打开警报"), "警报"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_found(tmp_path: Path, entry: polib.POEntry, what: str) -> None:
    (problem,) = problems_of(catalogue(tmp_path, entry))
    assert what in problem


def test_a_catalogue_without_faults_has_no_problems(tmp_path: Path) -> None:
    good = polib.POEntry(msgid="{n} alert", msgid_plural="{n} alerts", msgstr_plural={0: "{n} 条预警"})
    assert problems_of(catalogue(tmp_path, good)) == []


def test_a_term_within_a_longer_one_is_not_asked_for_twice() -> None:
    assert breaches("The second specialist has it.", "已转交第二预警专员。") == []
    assert breaches("The community manager signs.", "社区书记签字。") == []


def test_the_fill_of_a_place_is_not_a_word_of_the_text() -> None:
    assert breaches("Dispatched to {grid}", "已下发到{grid}") == []


OWN_FORMAT = re.compile(
    r"\|(?:date|time|floatformat|intcomma)\b|:%(?!Y%m%d%H%M)[HMYmd]|strftime\((?!'%%)|date_format\(|,\.\df\}"
)
WRITES_FOR_PEOPLE = ("screens", "views", "services", "letters.py", "forms.py", "api.py")


def test_no_page_has_a_format_of_its_own() -> None:
    """Dates, numbers and money are written in one place: accounts/formats.py. Keys and SQL are for no reader."""
    python = [
        file
        for app in ("alerts", "residents", "notifications", "knowledge", "accounts", "campaigns", "cases", "reports")
        for part in WRITES_FOR_PEOPLE
        for file in [*(settings.BASE_DIR / app).glob(part), *(settings.BASE_DIR / app / part).rglob("*.py")]
        if file.is_file()
    ]
    files = [*python, *(settings.BASE_DIR / "templates").rglob("*.html")]
    assert len(files) > 60
    found = [
        f"{f.relative_to(settings.BASE_DIR)}: {m[0]}" for f in files for m in OWN_FORMAT.finditer(f.read_text("utf-8"))
    ]
    assert found == []


def test_no_word_is_both_asked_for_and_avoided() -> None:
    asked_for = {name for names in TERMS.values() for name in names}
    assert not [word for word in AVOID if any(word in name for name in asked_for)]
