"""What the evidence proposes: the table of verdicts, what is the same kind, and what of it is kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.policy import (
    AlertLine,
    ClockLine,
    Evidence,
    EvidenceKind,
    FraudKind,
    Line,
    OffRoster,
    Person,
    Strength,
    Verdict,
    Whom,
    evidence_from,
    is_this_kind,
    propose,
)

NOON = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
WORKER = Person(7, "甲")


def line(**fields: object) -> Line:
    usual = {
        "key": "touch:1",
        "kind": EvidenceKind.TOUCH,
        "whom": Whom.VICTIM,
        "at": NOON - timedelta(days=9),
        "how": "on_site",
        "title": "讲座",
        "place": "活动室",
        "by": WORKER,
        "types": ("fake_loan",),
        "strength": Strength.STRONG,
        "is_same": False,
        "is_late": False,
        "recorded_at": NOON - timedelta(days=9),
    }
    return Line(**{**usual, **fields})


def clock(**fields: object) -> ClockLine:
    usual = {"objective": "respond", "level": "high", "due_at": NOON, "met_at": NOON, "is_overdue": False}
    return ClockLine(**{**usual, **fields})


def alert(*clocks: ClockLine, **fields: object) -> AlertLine:
    usual = {
        "pk": 1,
        "at": NOON - timedelta(hours=1),
        "level": "high",
        "type": "fake_loan",
        "state": "closed",
        "outcome": "defrauded",
        "holder": WORKER,
        "accepted_at": NOON - timedelta(minutes=50),
        "is_before": True,
    }
    return AlertLine(**{**usual, "clocks": clocks or (clock(),), **fields})


def evidence(**fields: object) -> Evidence:
    usual = {
        "as_of": NOON,
        "moment": NOON,
        "reported_at": NOON,
        "since": NOON - timedelta(days=365),
        "alerts_since": NOON - timedelta(days=7),
        "resident": 5,
        "off_roster": "",
        "fraud_type": "fake_loan",
        "is_elder_fraud": False,
        "lines": (),
        "alerts": (),
    }
    return Evidence(**{**usual, **fields})


LATE = alert(clock(is_overdue=True))
KEPT = alert()
SAME, OTHER = line(is_same=True), line()
WEAK, TRIED = line(strength=Strength.WEAK, is_same=True), line(strength=Strength.TRIED, is_same=True)
ENTERED_LATER = line(is_same=True, is_late=True)


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({}, Verdict.NEVER_REACHED),
        ({"lines": (WEAK, TRIED)}, Verdict.NEVER_REACHED),
        ({"lines": (ENTERED_LATER,)}, Verdict.NEVER_REACHED),
        ({"lines": (OTHER, WEAK)}, Verdict.OTHER_KIND),
        ({"lines": (OTHER, ENTERED_LATER)}, Verdict.OTHER_KIND),
        ({"lines": (OTHER, SAME)}, Verdict.SAME_KIND),
        ({"lines": (SAME,), "alerts": (KEPT,)}, Verdict.SAME_KIND),
        ({"lines": (SAME,), "alerts": (LATE,)}, Verdict.ALERT_LATE),
        ({"alerts": (KEPT, LATE)}, Verdict.ALERT_LATE),
        ({"alerts": (replace(LATE, is_before=False),)}, Verdict.NEVER_REACHED),
        ({"off_roster": OffRoster.UNKNOWN}, Verdict.NOT_ON_ROSTER),
        ({"off_roster": OffRoster.LATER, "lines": (SAME,)}, Verdict.NOT_ON_ROSTER),
        # The clock says what was missed, whoever it was about.
        ({"off_roster": OffRoster.UNKNOWN, "alerts": (LATE,)}, Verdict.ALERT_LATE),
    ],
)
def test_the_evidence_proposes_a_verdict(known, verdict) -> None:
    assert propose(evidence(**known)) == verdict


@pytest.mark.parametrize(
    ("one", "is_late"),
    [
        (KEPT, False),
        (LATE, True),
        (alert(clock(objective="dispatch", is_overdue=True), clock()), True),
        (alert(clock(met_at=None), accepted_at=None), True),  # nobody ever took it, nobody did its work
        (alert(clock(), accepted_at=None), False),  # somebody reached the resident without accepting
        (alert(clock(met_at=None)), False),  # accepted, and still in time
        (alert(accepted_at=None, clocks=()), True),
    ],
)
def test_an_alert_is_late_where_a_clock_was_or_nobody_ever_took_it(one, is_late) -> None:
    assert one.is_late == is_late


lines_ = st.lists(
    st.builds(
        line,
        strength=st.sampled_from(Strength),
        is_same=st.booleans(),
        is_late=st.booleans(),
        kind=st.sampled_from(EvidenceKind),
    ),
    max_size=6,
).map(tuple)
alerts_ = st.lists(
    st.builds(
        lambda is_overdue, is_before: alert(clock(is_overdue=is_overdue), is_before=is_before),
        st.booleans(),
        st.booleans(),
    ),
    max_size=3,
).map(tuple)


@given(lines=lines_, alerts=alerts_, off_roster=st.sampled_from(["", *OffRoster]))
def test_each_verdict_has_just_its_own_reason(lines, alerts, off_roster) -> None:
    known = evidence(lines=lines, alerts=alerts, off_roster=off_roster)
    strong = [one for one in lines if one.strength == Strength.STRONG and not one.is_late]
    late = [one for one in alerts if one.is_before and one.is_late]
    verdict = propose(known)
    assert (verdict == Verdict.ALERT_LATE) == bool(late)
    assert (verdict == Verdict.NOT_ON_ROSTER) == (not late and bool(off_roster))
    assert (verdict == Verdict.NEVER_REACHED) == (not late and not off_roster and not strong)
    if verdict in (Verdict.SAME_KIND, Verdict.OTHER_KIND):
        assert (verdict == Verdict.SAME_KIND) == any(one.is_same for one in strong)


@given(lines=lines_, alerts=alerts_)
def test_what_was_entered_after_the_case_changes_no_verdict(lines, alerts) -> None:
    """It protects the diligent and catches the rest."""
    later = tuple(replace(one, is_late=True) for one in lines)
    assert propose(evidence(lines=(*lines, *later), alerts=alerts)) == propose(evidence(lines=lines, alerts=alerts))


@given(lines=lines_, alerts=alerts_)
def test_evidence_comes_out_of_json_as_it_went_in(lines, alerts) -> None:
    known = evidence(lines=lines, alerts=alerts)
    assert evidence_from(json.loads(json.dumps(known.as_json()))) == known


LOAN, CREDIT = FraudKind("fake_loan", 5, is_elder=False), FraudKind("fake_credit", 6, is_elder=False)
LOAN_BY_APP = FraudKind("loan_by_app", 5, is_elder=False)
TOUR, TONICS = FraudKind("tour", 7, is_elder=True), FraudKind("tonics", 8, is_elder=True)


@pytest.mark.parametrize(
    ("taught", "fraud", "is_elder_fraud", "is_same"),
    [
        ([LOAN], LOAN, False, True),
        ([LOAN_BY_APP], LOAN, False, True),  # the narrower type, and its wider one
        ([CREDIT, LOAN], LOAN_BY_APP, False, True),
        ([CREDIT], LOAN, False, False),
        ([], LOAN, False, False),
        ([TONICS], TOUR, False, True),  # both aim at elders
        ([TONICS], LOAN, True, True),  # this one was aimed at an elder
        ([TONICS], LOAN, False, False),
        ([LOAN], TOUR, True, False),
    ],
)
def test_the_same_kind_is_the_family_or_what_aims_at_elders(taught, fraud, is_elder_fraud, is_same) -> None:
    assert is_this_kind(taught, fraud, is_elder_fraud=is_elder_fraud) == is_same
