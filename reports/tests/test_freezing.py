"""Figures go into JSON and come back as they were, to the last place; what moved between two countings is found."""

import json
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.figures.coverage import Cover
from reports.figures.adding import added_up
from reports.figures.comparing import STANDING, Difference, differences
from reports.figures.freezing import frozen, thawed
from reports.figures.shapes import (
    AlertSums,
    BandRow,
    CaseSums,
    Compared,
    Figures,
    Lookbacks,
    Minutes,
    Part,
    Rate,
    TypeRow,
    Victims,
)
from reports.screens.changes import WORDS, change_lines
from reports.tests.factories import APRIL, ON, make_figures, sums

money = st.decimals(min_value=0, max_value=10**12, places=2)
number = st.integers(min_value=0, max_value=10**9)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
case_sums = st.builds(CaseSums, number, number, number, number, money, money, money, money)
compared = st.builds(Compared, case_sums, case_sums, case_sums)
rate = st.builds(Rate, number, number)
alert_sums = st.builds(AlertSums, received=number, pushed=rate, high=rate, prevented=money)
victims = st.builds(
    Victims,
    ages=st.lists(st.builds(BandRow, text, number, number, number, money), max_size=3).map(tuple),
    amounts=st.lists(st.builds(Part, text, text, number, money), max_size=3).map(tuple),
    mean_age=st.none() | st.decimals(min_value=0, max_value=120, places=1),
)
minutes = st.builds(
    Minutes,
    bands=st.lists(st.tuples(st.none() | number, number), max_size=3).map(tuple),
    median=st.none() | money,
    worst=st.none() | money,
)
figures = st.builds(
    make_figures,
    cases=compared,
    year_to_date=case_sums,
    alerts=st.builds(Compared, alert_sums, alert_sums, alert_sums),
    types=st.lists(st.builds(TypeRow, text, text, text, compared), max_size=3).map(tuple),
    victims=victims,
    minutes=st.dictionaries(text, minutes, max_size=2),
    taught=st.dictionaries(text, number, max_size=3),
    hours=st.lists(number, max_size=24).map(tuple),
    lookbacks=st.builds(
        Lookbacks, verdicts=st.dictionaries(text, number, max_size=3), confirmed=number, without=number
    ),
    on=st.dates(),
)


# Whole reports are large; a busy machine draws them slowly.
calmly = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)


@calmly
@given(figures)
def test_figures_come_back_from_json_as_they_were(before: Figures) -> None:
    after = thawed(Figures, json.loads(json.dumps(frozen(before))))
    assert after == before
    assert frozen(after) == frozen(before)


def test_a_decimal_keeps_its_last_place_and_stays_a_decimal() -> None:
    kept = thawed(Figures, json.loads(json.dumps(frozen(make_figures()))))
    assert isinstance(kept.cases.now.lost, Decimal)
    assert str(kept.cases.now.lost) == "128400.50"


def test_what_no_json_holds_exactly_is_refused() -> None:
    with pytest.raises(TypeError, match="float cannot be frozen exactly"):
        frozen({"share": 0.1})


def test_a_report_of_before_a_field_was_added_is_still_read() -> None:
    old = frozen(make_figures())
    del old["hours"]
    old["a_field_of_the_past"] = 3
    assert thawed(Figures, old).hours == ()
    del old["cases"]
    with pytest.raises(ValueError, match="lacks cases"):
        thawed(Figures, old)


@calmly
@given(figures)
def test_the_same_figures_differ_in_nothing(one: Figures) -> None:
    assert differences(one, one) == []


def test_a_corrected_case_is_found_wherever_it_counts() -> None:
    before = make_figures()
    now = replace(
        before, cases=Compared(replace(before.cases.now, count=7, lost=Decimal(130_000)), *rest(before.cases))
    )
    assert differences(before, now) == [
        Difference(("cases", "now", "count"), 6, 7),
        Difference(("cases", "now", "lost"), "128400.50", "130000"),
    ]


def rest(cases: Compared) -> tuple[CaseSums, CaseSums]:
    return cases.before, cases.last_year


def test_a_row_that_came_and_a_row_that_went_are_found_by_their_key() -> None:
    before = make_figures()
    new = TypeRow("gaming", "游戏交易", "", Compared(sums(1, 300), sums(), sums()))
    now = replace(before, types=(new, *before.types[1:]))
    found = {one.path: (one.before, one.now) for one in differences(before, now)}
    assert found["types", "gaming", "sums", "now", "count"] == (None, 1)
    assert found["types", "brushing_rebate", "sums", "now", "count"] == (4, None)


def test_how_things_stand_today_is_no_correction() -> None:
    before = make_figures()
    now = replace(before, on=date(2026, 6, 1), residents=9, elders=Cover(1, 1, 0), app=Rate(1, 2))
    assert differences(before, now) == []


def names_of_fields(kind: type) -> set[str]:
    return {one.name for one in fields(kind)}


def test_every_number_that_may_move_has_a_name_for_people() -> None:
    kinds = (Figures, Compared, CaseSums, AlertSums, Rate, BandRow, Part, Victims, Minutes, Lookbacks)
    assert all(is_dataclass(kind) for kind in kinds)
    named = {name for kind in kinds for name in names_of_fields(kind)}
    beside = {"area_code", "span", "dated_by", "key", "code"}
    assert named - STANDING - beside - set(WORDS) == set()


def test_what_moved_is_said_with_its_row_and_its_unit() -> None:
    found = (
        Difference(("cases", "now", "count"), 23, 24),
        Difference(("types", "loan", "sums", "now", "lost"), "587000", "595000"),
        Difference(("lookbacks", "verdicts", "never_reached"), None, 1),
    )
    lines = change_lines(found, names={"loan": "虚假贷款"}, most=10)
    assert [(line.before, line.now) for line in lines] == [("23", "24"), ("587,000元", "595,000元"), ("–", "1")]
    assert "虚假贷款" in lines[1].label
    assert len(change_lines(found, names={}, most=2)) == 2


def test_communities_add_up_and_ranks_are_given_anew() -> None:
    one = make_figures()
    other = make_figures(area_code="370105012004", area_name="桥东社区", residents=1000, quiet_days=3)
    whole = added_up("370105012", "药山街道", [one, other], span=APRIL, dated_by=one.dated_by, on=ON, zero_days=20)
    assert whole.cases.now == one.cases.now + other.cases.now
    assert whole.cases.now.count == sum(row.cases.now.count for row in whole.areas) == 12
    assert whole.cases.now.count == sum(row.count for row in whole.victims.ages)
    assert [(row.name, row.rank) for row in whole.areas] == [("西苑社区", 1), ("桥东社区", 2)]
    assert (whole.zero_days, whole.quiet_days, whole.residents) == (20, 3, 4000)
    assert whole.minutes["high"] == Minutes(((5, 8), (10, 14), (None, 2)), None, Decimal("12.1"))
    assert whole.visits.due == 84
    assert differences(whole, thawed(Figures, frozen(whole))) == []


def test_of_no_community_everything_is_nought() -> None:
    whole = added_up("370105", "天桥区", [], span=APRIL, dated_by=make_figures().dated_by, on=ON, zero_days=0)
    assert (whole.cases.now.count, whole.quiet_days, whole.areas) == (0, 0, ())
