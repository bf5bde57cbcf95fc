import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.policy import Span
from reports.policy import (
    MONTHS_IN,
    PUBLIC_FROM,
    Direction,
    Hidden,
    PeriodKind,
    before_at_the_same_day,
    change,
    kind_of,
    masked,
    period_around,
    period_before,
    so_far,
    weeks_of,
    whole_months,
    year_before,
)

days = st.dates(date(2000, 1, 1), date(2090, 12, 31))
kinds = st.sampled_from(list(MONTHS_IN))


@given(days, kinds)
def test_a_day_lies_in_its_period_and_the_one_before_ends_where_it_begins(on, kind):
    span = period_around(on, kind)
    assert span.first <= on < span.after
    assert kind_of(span) == kind
    before = period_before(span)
    assert before.after == span.first
    assert kind_of(before) == kind
    assert kind_of(year_before(span)) == kind


@given(days, kinds)
def test_the_same_period_of_last_year_has_the_same_months(on, kind):
    span, last = period_around(on, kind), year_before(period_around(on, kind))
    assert (last.first.year, last.first.month) == (span.first.year - 1, span.first.month)
    assert whole_months(last) == MONTHS_IN[kind]


@given(days, st.integers(1, 400))
def test_any_days_are_held_against_as_many_before_them(first, length):
    span = Span(first, first + timedelta(days=length))
    before = period_before(span)
    assert before.after == span.first
    if not whole_months(span):
        assert before.after - before.first == span.after - span.first


def test_three_months_are_held_against_the_three_before():
    spring = Span(date(2026, 2, 1), date(2026, 5, 1))
    assert period_before(spring) == Span(date(2025, 11, 1), date(2026, 2, 1))
    assert year_before(spring) == Span(date(2025, 2, 1), date(2025, 5, 1))


def test_the_last_day_of_february_has_one_in_every_year():
    assert year_before(Span(date(2024, 2, 20), date(2024, 3, 1))) == Span(date(2023, 2, 20), date(2023, 3, 1))


@pytest.mark.parametrize(
    ("on", "after"),
    [
        (date(2026, 4, 12), date(2026, 3, 13)),
        (date(2026, 4, 30), date(2026, 4, 1)),
        (date(2026, 4, 1), date(2026, 3, 2)),
        (date(2026, 5, 9), date(2026, 4, 1)),
    ],
)
def test_a_month_half_gone_is_held_against_as_much_of_the_one_before(on, after):
    april = period_around(date(2026, 4, 1), PeriodKind.MONTH)
    assert before_at_the_same_day(april, so_far=so_far(april, on=on)) == Span(date(2026, 3, 1), after)


def test_a_month_that_has_not_begun_is_held_against_nothing():
    april = period_around(date(2026, 4, 1), PeriodKind.MONTH)
    ahead = so_far(april, on=date(2026, 3, 1))
    assert ahead.first == ahead.after
    assert before_at_the_same_day(april, so_far=ahead) == Span(date(2026, 3, 1), date(2026, 3, 1))


def test_the_thirty_first_is_held_against_the_whole_of_a_shorter_month():
    march = period_around(date(2026, 3, 1), PeriodKind.MONTH)
    held = before_at_the_same_day(march, so_far=so_far(march, on=date(2026, 3, 30)))
    assert held == Span(date(2026, 2, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("now", "base", "percent", "direction"),
    [
        (23, 20, "15.0", Direction.UP),
        (23, 19, "21.1", Direction.UP),
        (2, 10, "-80.0", Direction.DOWN),
        (5, 5, "0.0", Direction.SAME),
        (3, 0, None, Direction.FROM_ZERO),
        (0, 0, None, Direction.SAME),
        (0, 4, "-100.0", Direction.DOWN),
    ],
)
def test_a_change_is_told_against_its_base(now, base, percent, direction):
    told = change(now, base)
    assert told.percent == (None if percent is None else Decimal(percent))
    assert told.direction == direction


@given(days)
def test_each_week_that_is_over_is_of_one_month(on):
    first = date(on.year, 1, 1)
    months = [period_around(date(on.year, number, 1), PeriodKind.MONTH) for number in range(1, 13)]
    year = Span(first, date(on.year + 1, 1, 1))
    assert [week for month in months for week in weeks_of(month, on=on)] == list(weeks_of(year, on=on))
    for monday in weeks_of(year, on=on):
        assert monday.weekday() == 0
        assert (monday + timedelta(days=3)).year == on.year
        assert monday + timedelta(days=6) < on


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_no_hidden_cell_can_be_worked_out_from_the_total(cells):
    """Try every table that would be published alike: no cell under three is the same in all of them."""
    told = masked(cells)
    if told is None or not sum(cells):
        return
    assert all(cell is Hidden.FEW or shown != cell for cell, shown in zip(told, cells, strict=True) if shown < 3)
    assert all(cell == shown for cell, shown in zip(told, cells, strict=True) if not isinstance(cell, Hidden))
    few = [at for at, cell in enumerate(told) if cell is Hidden.FEW]
    whole = sum(cells)
    shown = [cell for cell in told if not isinstance(cell, Hidden)]
    most = min(shown, default=whole)
    choices = {Hidden.FEW: range(PUBLIC_FROM), Hidden.BESIDE: range(PUBLIC_FROM, most + 1)}
    alike = [
        table
        for table in itertools.product(*(choices[cell] if isinstance(cell, Hidden) else [cell] for cell in told))
        if sum(table) == whole
    ]
    assert tuple(cells) in alike
    assert all(len({table[at] for table in alike}) > 1 for at in few)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ((5, 9), (5, 9)),
        ((0, 0), (0, 0)),
        ((1, 9, 7), (Hidden.FEW, 9, Hidden.BESIDE)),
        ((1, 2, 9), (Hidden.FEW, Hidden.FEW, 9)),
        ((2, 5, 5), (Hidden.FEW, Hidden.BESIDE, Hidden.BESIDE)),
        ((1, 0), (Hidden.FEW, Hidden.FEW)),
        ((2, 2), None),
        ((1,), None),
    ],
)
def test_a_small_cell_takes_the_next_one_along(cells, told):
    assert masked(cells) == told
