"""The words of a report follow its numbers, name nobody, and say what to do."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from campaigns.figures.coverage import Cover
from reports.drafting.words import Material, drafted_words, duration
from reports.figures.ledgers import Ledgers
from reports.figures.shapes import AlertSums, Compared, Figures, Lookbacks, OutreachSums, Rate
from reports.policy import Section
from reports.tests.factories import make_figures, sums
from reports.tests.ledgers import make_ledgers
from residents.figures import Kept


def words_of(figures: Figures | None = None, ledgers: Ledgers | None = None, **more) -> dict[str, str]:
    with translation.override("en"):
        return drafted_words(Material(figures or make_figures(), ledgers or make_ledgers(), 2, **more))


def test_both_counts_stand_beside_every_percentage() -> None:
    said = words_of()[Section.SITUATION]
    assert "6 cases were reported" in said
    assert "−33.3\u00a0% on the period before (9)" in said
    assert "−14.3\u00a0% on the same period last year (7)" in said


def test_a_base_of_zero_is_said_in_words() -> None:
    figures = make_figures(cases=Compared(sums(3, 900), sums(), sums()))
    said = words_of(figures)[Section.SITUATION]
    assert "none in the period before, 3 cases more now" in said
    assert "none in the same period last year, 900 yuan more now" in said
    nothing = words_of(make_figures(cases=Compared(sums(), sums(), sums())))
    assert "as in the period before (0)" in nothing[Section.SITUATION]
    assert "nothing to say of types" in nothing[Section.FEATURES]


def test_what_was_prevented_is_called_an_estimate_and_stands_apart_from_the_losses() -> None:
    [line] = [line for line in words_of()[Section.SITUATION].splitlines() if "75,000 yuan was prevented" in line]
    assert "estimate" in line
    assert "lost" not in line


def test_types_are_held_against_what_was_taught() -> None:
    words = words_of()
    assert "刷单返利: 4 of 6 (67\u00a0%) of the cases (2 in the period before)" in words[Section.FEATURES]
    assert "0 of 5 events taught it" in words[Section.FEATURES]
    assert "no event taught: 刷单返利." in words[Section.SHORTCOMINGS]
    assert "Rose on the period before: 刷单返利 2→4." in words[Section.FEATURES]


def test_a_lesson_on_the_second_level_counts_for_the_first() -> None:
    words = words_of(make_figures(taught={"brushing_app": 3, "fake_service": 1}))
    assert "3 of 5 events taught it" in words[Section.FEATURES]
    assert "no event taught" not in words[Section.SHORTCOMINGS]


def test_what_was_not_done_is_named_with_its_place_and_its_number() -> None:
    said = words_of()[Section.SHORTCOMINGS]
    assert "第1网格: 1 alert was over its time, by 2 min 05 s (见到居民)." in said
    assert "in 第1网格 48 of 104 (46\u00a0%)" in said
    assert "40 of 42" in said
    assert "1 of 2 (50\u00a0%) (1号楼业主群)" in said
    assert "5 of 8" in said
    assert "not looked back on yet 1" in said


def test_advice_says_what_to_teach_to_whom_and_where() -> None:
    said = words_of()[Section.STEPS]
    assert "Teach 刷单返利 to residents of 60 and over in 第1网格: 0 of 5 events taught it." in said
    assert "Visit the 56 of those over 60 in 第1网格" in said
    assert "Speak to the 3 tenants and newcomers in 第1网格" in said


def test_who_had_no_case_and_kept_every_clock_is_commended_and_nobody_else() -> None:
    said = words_of()[Section.COMMENDED]
    assert said == "第3网格: no case, every alert in time; 63 days without a case."
    rows = make_figures().areas
    late = replace(rows[2], alerts=replace(rows[2].alerts, high=Rate(1, 2)))
    assert "Nobody this time" in words_of(make_figures(areas=(*rows[:2], late)))[Section.COMMENDED]


def test_a_month_without_a_blemish_says_so() -> None:
    quiet = make_figures(
        cases=Compared(sums(), sums(), sums()),
        types=(),
        areas=(),
        visits=Kept(4, 4),
        newcomers=Rate(2, 2),
        lookbacks=Lookbacks(),
        elders=Cover(10, 10, 0),
        alerts=Compared(AlertSums(), AlertSums(), AlertSums()),
    )
    words = words_of(quiet, Ledgers())
    assert words[Section.SHORTCOMINGS] == "The figures of this period show no shortcoming."
    assert words[Section.STEPS] == "Go on as before; the figures call for nothing more."
    assert "No alert was received" in words[Section.SITUATION]


def test_a_summary_says_whose_reports_it_adds_up_and_which_are_missing() -> None:
    said = words_of(is_summary=True, missing=("桥东社区", "桥西社区"))[Section.SITUATION]
    assert said.startswith("Added up from the signed reports of 3 communities. Missing: 桥东社区, 桥西社区.")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nobody_who_was_defrauded_or_is_on_a_list_is_named(language: str) -> None:
    with translation.override(language):
        said = "\n".join(drafted_words(Material(make_figures(), make_ledgers(), 2)).values())
    for name in ("王", "李**", "孙", "赵", "HYPERLINK", "周丽"):
        assert name not in said


def test_lateness_is_said_in_minutes_and_seconds_and_from_an_hour_on_in_hours() -> None:
    with translation.override("en"):
        assert duration(timedelta(seconds=125)) == "2 min 05 s"
        assert duration(timedelta(hours=26, minutes=4)) == "26 h 4 min"


def test_the_standard_sentence_has_its_seven_numbers() -> None:
    figures = make_figures(
        outreach=Compared(OutreachSums(5, 2, 120, 300, 210, 600, 86, 14, 9), OutreachSums(), OutreachSums())
    )
    said = words_of(figures)[Section.SITUATION].splitlines()[-1]
    for number in ("120", "600", "lectures 2", "86", "dissuaded 5", "75,000", "installed 14"):
        assert number in said
    assert figures.alerts.now.prevented == Decimal(75_000)
