"""The rules of the year's score: points never leave their bounds, better never costs points, a veto beats them all."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from reports.policy.scores import (
    CHANGES,
    SHEET,
    Bounds,
    Colour,
    Counts,
    Line,
    Measure,
    faults,
    given_points,
    is_left_out,
    is_no_fraud,
    percent_of,
    points_of,
    ranks,
    total_of,
)

numbers = st.integers(min_value=0, max_value=100_000).map(Decimal)
ends = st.integers(min_value=-200, max_value=200).map(Decimal)
most = st.integers(min_value=1, max_value=100).map(Decimal)
LINES = tuple(one.line for one in SHEET)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    full, none = draw(st.lists(ends, min_size=2, max_size=2, unique=True))
    measure = draw(st.sampled_from([one for one in Measure if one != Measure.HAND]))
    return Line("line", measure, draw(most), full, none, draw(st.booleans()))


@given(lines(), numbers, numbers)
def test_points_are_never_below_none_nor_above_a_lines_most(line, part, whole):
    assert 0 <= points_of(line, Counts(part, whole)) <= line.most


@given(lines(), numbers, numbers, st.integers(min_value=1, max_value=100_000).map(Decimal))
def test_points_never_fall_where_a_share_comes_nearer_to_all_points(line, one, other, whole):
    worse, better = sorted((one, other)) if line.full_at > line.none_at else sorted((one, other), reverse=True)
    assert points_of(line, Counts(worse, whole)) <= points_of(line, Counts(better, whole))


@given(st.lists(st.tuples(numbers, numbers), min_size=len(LINES), max_size=len(LINES)), st.data())
def test_a_sheet_adds_up_to_a_hundred_at_most(found, data):
    by_hand = data.draw(ends)
    points = [
        given_points(line, by_hand) if line.is_by_hand else points_of(line, Counts(*counts))
        for line, counts in zip(LINES, found, strict=True)
    ]
    assert 0 <= sum(points) <= 100


@given(
    st.lists(st.tuples(numbers, numbers), min_size=len(LINES), max_size=len(LINES)),
    st.booleans(),
)
def test_whatever_is_left_out_a_total_lies_between_none_and_a_hundred(found, leaves_out):
    held = [
        (points_of(line, Counts(*counts)), line.most)
        for line, counts in zip(LINES, found, strict=True)
        if not line.is_by_hand and not is_left_out(line, Counts(*counts), leaves_out=leaves_out)
    ]
    points, most = (sum((one[at] for one in held), Decimal(0)) for at in (0, 1))
    assert 0 <= total_of(points, of=most) <= 100
    assert total_of(most, of=most) == 100


def test_a_line_is_left_out_where_nothing_fell_due_and_nowhere_else():
    nothing, something = Counts(), Counts(Decimal(0), Decimal(1))
    left_out = {line.key for line in LINES if is_left_out(line, nothing, leaves_out=True)}
    assert left_out == {"visits", "dispatch", "high", "medium", "newcomers", "lookbacks", "bulletins"}
    assert not any(is_left_out(line, something, leaves_out=True) for line in LINES)
    assert not any(is_left_out(line, nothing, leaves_out=False) for line in LINES)


def test_where_no_line_counts_there_is_nothing_to_scale():
    assert total_of(Decimal(0), of=Decimal(0)) == 0
    assert total_of(Decimal(30), of=Decimal(66)) == Decimal("45.5")


def test_the_shipped_sheet_has_a_hundred_points_and_a_reason_for_each_line():
    assert faults(LINES, bounds=Bounds()) == []
    assert all(one.reason and one.name and one.name_en for one in SHEET)


def test_points_lie_on_a_line_between_the_ends_of_the_scale():
    line = Line("elders", Measure.ELDERS, Decimal(8), full_at=Decimal(95), none_at=Decimal(50))
    found = [points_of(line, Counts(Decimal(part), Decimal(100))) for part in (40, 50, 65, 95, 100)]
    assert found == [Decimal(0), Decimal(0), Decimal("2.7"), Decimal(8), Decimal(8)]


def test_fewer_cases_than_last_year_are_better():
    line = Line("cases", Measure.CASES_CHANGE, Decimal(10), full_at=Decimal(-30), none_at=Decimal(10))
    found = [points_of(line, Counts(Decimal(now), Decimal(20))) for now in (10, 14, 18, 20, 22, 40)]
    assert found == [Decimal(10), Decimal(10), Decimal("5.0"), Decimal("2.5"), Decimal(0), Decimal(0)]


@pytest.mark.parametrize("measure", sorted(CHANGES))
def test_cases_where_there_were_none_last_year_have_no_percentage_and_no_points(measure):
    line = Line("cases", measure, Decimal(10), Decimal(-30), Decimal(10), is_full_of_nothing=True)
    assert points_of(line, Counts(Decimal(1), Decimal(0))) == 0
    assert percent_of(measure, Counts()) is None
    assert points_of(line, Counts()) == 10


def test_where_nothing_fell_due_a_line_has_all_its_points_or_none_as_the_sheet_says():
    counts = Counts(Decimal(0), Decimal(0))
    assert points_of(Line("high", Measure.HIGH, Decimal(8), is_full_of_nothing=True), counts) == 8
    assert points_of(Line("pushes", Measure.PUSHES, Decimal(4)), counts) == 0


@given(st.decimals(min_value=0, max_value=100, places=1))
def test_a_veto_keeps_a_community_from_being_no_fraud_whatever_its_points(total):
    assert not is_no_fraud(total, vetoes=["den"], bounds=Bounds())
    assert is_no_fraud(total, vetoes=[], bounds=Bounds()) == (Bounds().colour_of(total) == Colour.BLUE)


@pytest.mark.parametrize(
    ("total", "colour"),
    [("0", "red"), ("59.9", "red"), ("60", "yellow"), ("79.9", "yellow"), ("80", "blue"), ("100", "blue")],
)
def test_a_colour_begins_at_its_bound(total, colour):
    assert Bounds().colour_of(Decimal(total)) == colour


@given(st.dictionaries(st.text(min_size=1), st.decimals(min_value=0, max_value=100, places=1), max_size=20))
def test_equals_share_a_rank_and_the_next_counts_on(totals):
    found = ranks(totals)
    for one, place in found.items():
        assert place == 1 + sum(total > totals[one] for total in totals.values())


def test_what_keeps_a_sheet_from_being_published_is_said_line_by_line():
    wrong = [
        Line("a", Measure.HAND, Decimal(60)),
        Line("a", Measure.APPS, Decimal(0), Decimal(50), Decimal(50)),
    ]
    with translation.override("en"):
        said = faults(wrong, bounds=Bounds(Decimal(90), Decimal(80)))
    assert len(said) == 5
    assert "60 points; they must be 100" in said[0]
