"""The two import commands, as they are typed."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from residents.demo import FILES
from residents.models import Post

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[str, str]:
    printed, failed = StringIO(), ""
    with translation.override("en"):
        try:
            call_command(*words, stdout=printed)
        except CommandError as error:
            failed = f"{error} (exit {error.returncode})"
    return printed.getvalue(), failed


def test_areas_and_staff_come_in_and_counts_are_printed() -> None:
    assert run("import_areas", str(FILES / "areas.csv")) == ("15 rows, 15 new, 0 changed, 0 same, 0 errors\n", "")
    printed, failed = run("import_staff", str(FILES / "staff.csv"), "--on", "2026-01-01", "--json")
    assert json.loads(printed) == {"rows": 64, "new": 64, "changed": 0, "same": 0, "errors": []}
    assert failed == ""
    assert {post.starts_on for post in Post.objects.all()} == {date(2026, 1, 1)}


def test_posts_begin_today_where_no_day_is_given() -> None:
    run("import_areas", str(FILES / "areas.csv"))
    run("import_staff", str(FILES / "staff.csv"))
    assert len({post.starts_on for post in Post.objects.all()}) == 1


def test_a_wrong_row_fails_the_command_and_is_printed_with_its_place(tmp_path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("code,name,level\n370105,天桥区,district\n370105012,,street\n", encoding="utf-8")
    printed, failed = run("import_areas", str(file))
    assert printed == "2 rows, 1 new, 0 changed, 0 same, 1 errors\nRow 3, name: The name is missing.\n"
    assert "(exit 1)" in failed
    printed, failed = run("import_areas", str(file), "--json")
    assert json.loads(printed) == {
        "rows": 2,
        "new": 0,
        "changed": 0,
        "same": 1,
        "errors": [{"row": 3, "field": "name", "code": "missing", "message": "The name is missing."}],
    }
    assert "(exit 1)" in failed


@pytest.mark.parametrize("command", ["import_areas", "import_staff"])
def test_a_file_that_is_not_there_is_named(command: str, tmp_path) -> None:
    for name in (tmp_path / "missing.csv", tmp_path):
        printed, failed = run(command, str(name))
        assert printed == ""
        assert str(name) in failed


def test_a_workbook_is_refused_whole_and_nothing_changes(tmp_path) -> None:
    file = tmp_path / "areas.csv"
    file.write_bytes(b"PK\x03\x04 a workbook")
    printed, failed = run("import_areas", str(file))
    assert "Row 1: This is not a CSV file" in printed
    assert failed == "The file was refused; nothing was changed. (exit 1)"
