"""The figures from the command line, as other programs read them."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from reports.tests.test_figures import make_case, noon
from residents.tests.factories import make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A spring with twenty-three cases after one with twenty."""
    place = make_community(3)
    for number in range(20):
        make_case(place, date(2025, 2, 1) + timedelta(days=4 * number), amount_lost=25_600)
    for number in range(23):
        make_case(
            place,
            date(2026, 2, 1) + timedelta(days=3 * number),
            amount_lost=24_000 if number else 59_000,
            amount_prevented=9_000 if number else 15_000,
            victim_age=None if number == 3 else 66,
        )
    return place


def said(*arguments: str) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("report_figures", *arguments, stdout=out)
    return out.getvalue()


def figures(*arguments: str) -> dict:
    return json.loads(said("--area", "370105012003", *arguments, "--json"))


def test_a_spring_says_what_the_two_ledgers_hold(place):
    found = figures("--from", "2026-02-01", "--to", "2026-04-30")
    assert found["cases"] == {
        "now": 23,
        "before": 0,
        "last_year": 20,
        "percent_before": None,
        "percent_last_year": 15.0,
        "change_before": "up by 23 cases from 0",
        "change_last_year": "+15.0 %",
    }
    assert (found["lost"]["now"], found["prevented"]["now"]) == (587_000, 213_000)
    assert (found["from"], found["to"], found["by"]) == ("2026-02-01", "2026-04-30", "reported")
    assert {row["band"]: row["cases"] for row in found["ages"]}["unknown"] == 1
    assert sum(row["now"] for row in found["types"] if not row["parent"]) == 23
    assert sum(row["cases"] for row in found["amounts"]) == 23
    assert sum(row["now"] for row in found["areas"]) == 23
    assert found["alerts"]["high"] == {"part": 0, "whole": 0}


def test_a_month_is_the_same_as_its_days(place):
    month = figures("--month", "2026-04")
    assert month == figures("--from", "2026-04-01", "--to", "2026-04-30")
    assert month["filed"]["change_before"] == "unchanged at 0"


def test_what_is_no_whole_yuan_keeps_its_cents(place):
    make_case(place, date(2026, 4, 30), amount_lost="0.35")
    assert str(figures("--month", "2026-04")["lost"]["now"]).endswith(".35")


def test_cases_count_by_the_date_that_is_asked_for(place):
    make_case(place, date(2026, 5, 2), occurred_at=noon(date(2026, 4, 30)))
    by_report, by_fraud = figures("--month", "2026-04"), figures("--month", "2026-04", "--by", "occurred")
    assert by_fraud["cases"]["now"] == by_report["cases"]["now"] + 1


def test_in_words_both_counts_stand_beside_the_percentage(place):
    words = said("--area", "370105012003", "--from", "2026-02-01", "--to", "2026-04-30")
    assert "cases 23: " in words
    assert "+15.0\u00a0% on 20 last year" in words
    assert "prevented 213,000 yuan" in words


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--area", "9"], "No area"),
        (["--area", "370105012003"], "--month"),
        (["--area", "370105012003", "--month", "2026-13"], "2026-13"),
        (["--area", "370105012003", "--month", "1026-01"], "2000-01-01"),
        (["--area", "370105012003", "--month", "April"], "2026-04"),
        (["--area", "370105012003", "--month", "2026-04", "--from", "2026-04-01"], "not both"),
        (["--area", "370105012003", "--from", "2026-04-02", "--to", "2026-04-01"], "before the first"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_how_to_write_it(place, arguments, complaint):
    month = [] if len(arguments) > 2 or arguments[1] != "9" else ["--month", "2026-04"]
    with pytest.raises(CommandError, match=complaint):
        said(*arguments, *month)
