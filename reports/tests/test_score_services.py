"""What changes a score: by whom, once, with evidence; and what is frozen stays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns.models import Problem
from campaigns.tests.pictures import photo
from notifications.models import Notice
from reports.demo import make_scores
from reports.figures.scores import standings_of
from reports.models import Commendation, HandPoints, Inspection, ScoreLine, ScorePolicy, ScoreSnapshot, VetoFound
from reports.policy.scores import VetoKind
from reports.services import (
    Place,
    ReportsError,
    Standing,
    add_inspection,
    answer_inspection,
    copy_to_draft,
    find_veto,
    freeze_commendation,
    give_points,
    keep_snapshots,
    lift_veto,
    make_problem,
    publish,
    write_commendation,
)
from reports.tasks import keep_scores
from residents import demo as residents_demo
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
ON = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def boss(place):
    return make_staff(Role.SUPERVISOR, place.street, name="街道督导")


@pytest.fixture
def manager(place):
    return make_staff(Role.MANAGER, place.community, name="书记")


def line(key="inspection"):
    return ScorePolicy.objects.of_year(2026).lines.get(key=key)


def verbs():
    return list(AuditEntry.objects.filter(verb__startswith="reports.").order_by("pk").values_list("verb", flat=True))


# ── the sheet ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_shipped_sheet_is_in_force_for_every_year():
    sheet = ScorePolicy.objects.get()
    assert [ScorePolicy.objects.of_year(year) for year in (1999, 2026, 2099)] == [sheet] * 3
    assert sheet.faults() == []
    assert (sheet.lines.count(), sheet.vetoes.count()) == (18, 5)


def test_a_copy_is_a_draft_with_the_same_lines_and_changes_nothing(boss):
    shipped = ScorePolicy.objects.get()
    draft = copy_to_draft(shipped, name="新版", by=boss, now=NOW)
    assert [row.as_line() for row in draft.lines.all()] == [row.as_line() for row in shipped.lines.all()]
    assert draft.vetoes.count() == shipped.vetoes.count() == 5
    assert ScorePolicy.objects.of_year(2026) == shipped


def test_a_sheet_that_does_not_add_up_is_not_published_and_says_why(boss):
    draft = copy_to_draft(ScorePolicy.objects.get(), name="新版", by=boss, now=NOW)
    ScoreLine.objects.filter(policy=draft, key="zero_days").update(most=20)
    with pytest.raises(ReportsError, match=r"105\.0 points; they must be 100"):
        publish(draft, by=boss, now=NOW)
    ScoreLine.objects.filter(policy=draft, key="cases_change").update(most=5)
    publish(draft, by=boss, now=NOW)
    with pytest.raises(ReportsError, match="published already"):
        publish(draft, by=boss, now=NOW)
    assert ScorePolicy.objects.of_year(2026) == draft
    assert ScorePolicy.objects.of_year(2025) != draft


def test_a_year_that_is_over_keeps_its_sheet(boss):
    draft = copy_to_draft(ScorePolicy.objects.get(), name="新版", by=boss, now=NOW)
    ScorePolicy.objects.filter(pk=draft.pk).update(from_year=2025)
    with pytest.raises(ReportsError, match="A year that is over keeps its sheet"):
        publish(draft, by=boss, now=NOW)


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def give(place, boss, **fields):
    given = {"year": 2026, "line": line(), "points": Decimal(5), "evidence": "看过三处", "by": boss, "now": NOW}
    return give_points(**{"community": place.community, **given, **fields})


def test_points_by_hand_rest_on_evidence_and_what_stood_before_is_kept(place, boss):
    give(place, boss, photo=photo())
    give(place, boss, points=Decimal(4), evidence="又看了一次")
    given = HandPoints.objects.get()
    assert (given.points, given.evidence, bool(given.photo)) == (Decimal(4), "又看了一次", True)
    before = AuditEntry.objects.filter(verb="reports.points_given").order_by("pk").last().detail["before"]
    assert before == {"points": "5.0", "evidence": "看过三处"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"points": Decimal("6.1")}, "Between 0 and 6.0"),
        ({"points": Decimal(-1)}, "Between 0 and 6.0"),
        ({"evidence": "  "}, "what the points rest on"),
    ],
)
def test_points_beyond_the_line_or_without_evidence_are_refused(place, boss, fields, said):
    with pytest.raises(ReportsError, match=said):
        give(place, boss, **fields)
    assert not HandPoints.objects.exists()


def test_a_line_that_is_counted_takes_no_points_by_hand(place, boss):
    with pytest.raises(ReportsError, match="counted from the data"):
        give(place, boss, line=line("zero_days"))


def test_a_veto_is_written_once_and_lifted_once_with_a_reason(place, boss):
    fields = {
        "community": place.community,
        "year": 2026,
        "kind": VetoKind.DEN,
        "evidence": "通报",
        "by": boss,
        "now": NOW,
    }
    found = find_veto(**fields)
    assert find_veto(**fields) == found
    lift_veto(found, why="不在本辖区", by=boss, now=NOW)
    with pytest.raises(ReportsError, match="lifted already"):
        lift_veto(found, why="再次", by=boss, now=NOW)
    assert VetoFound.objects.standing().count() == 0
    assert verbs() == ["reports.veto_found", "reports.veto_lifted"]


@pytest.mark.parametrize("kind", [VetoKind.LOSS, VetoKind.UNHANDLED])
def test_what_the_data_tell_is_no_veto_by_hand(place, boss, kind):
    with pytest.raises(ReportsError, match="The data tell this"):
        find_veto(community=place.community, year=2026, kind=kind, evidence="-", by=boss, now=NOW)


# ── months ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_month_is_kept_once_for_each_community_and_written_over(place):
    make_community(4)
    (first, second) = standings_of(place.street.code, on=ON)
    assert keep_snapshots([first, second], month=date(2026, 11, 1), now=NOW) == 2
    keep_snapshots([replace(first, points=Decimal("12.5"))], month=date(2026, 11, 1), now=NOW)
    assert ScoreSnapshot.objects.count() == 2
    assert ScoreSnapshot.objects.get(community__code=first.code).points == Decimal("12.5")
    assert ScoreSnapshot.objects.get(community__code=second.code).counts["zero_days"] == ["331", "331"]


def test_what_is_kept_of_a_place_that_is_gone_is_left_out():
    assert keep_snapshots([Standing("370105012999", Decimal(1), False, {})], month=date(2026, 1, 1), now=NOW) == 0


def test_the_nightly_round_keeps_everybodys_score(place):
    make_community(4)
    assert keep_scores() == 2
    assert ScoreSnapshot.objects.filter(month__day=1).count() == 2


# ── inspections ─────────────────────────────────────────────────────────────────────────────────────────────────────


def inspect(place, boss, **fields):
    found = {"place": "东门", "on": ON, "found": "展板破损", "is_good": False, "was_announced": False}
    return add_inspection(**{"community": place.community, **found, "by": boss, "now": NOW, **fields})


def test_a_manager_reads_an_inspection_in_the_inbox_and_answers_once(place, boss, manager):
    inspection = inspect(place, boss)
    assert inspect(place, boss) == inspection
    (notice,) = Notice.objects.filter(recipient=manager)
    assert "展板破损" in notice.body
    answer_inspection(inspection, answer="已更换", by=manager, now=NOW)
    assert [one.title for one in Notice.objects.filter(recipient=boss)] == ["第3社区 has answered your inspection"]
    with pytest.raises(ReportsError, match="has answered this already"):
        answer_inspection(inspection, answer="再答", by=manager, now=NOW)


def test_nobody_inspects_tomorrow(place, boss):
    with pytest.raises(ReportsError, match="not come yet"):
        inspect(place, boss, on=ON + timedelta(days=1))


def test_what_was_found_becomes_a_problem_of_the_manager_by_one_press(place, boss, manager):
    inspection = inspect(place, boss)
    problem = make_problem(inspection, by=boss, now=NOW)
    assert (problem.owner, problem.due_on, problem.what) == (manager, ON + timedelta(days=14), "东门：展板破损")
    with pytest.raises(ReportsError, match="on the problem list already"):
        make_problem(inspection, by=boss, now=NOW)
    assert Inspection.objects.get().problem == Problem.objects.get()


def test_a_long_finding_is_a_problem_as_well(place, boss, manager):
    assert len(make_problem(inspect(place, boss, found="长" * 2000), by=boss, now=NOW).what) == 200


def test_without_a_manager_nobody_is_given_the_problem(place, boss):
    with pytest.raises(ReportsError, match="no manager"):
        make_problem(inspect(place, boss), by=boss, now=NOW)


# ── commendation ────────────────────────────────────────────────────────────────────────────────────────────────────


def write(place, boss, **fields):
    places = [Place(place.community.code, place.community.name, Decimal("88.5"), 1)]
    given = {"area": place.street, "year": 2026, "title": "名单", "text": "表扬", "places": places}
    return write_commendation(**{**given, "by": boss, "now": NOW, **fields})


def test_a_list_is_written_over_until_it_is_frozen(place, boss):
    write(place, boss)
    write(place, boss, title="新名单")
    frozen = freeze_commendation(Commendation.objects.get(), by=boss, now=NOW)
    assert (frozen.title, frozen.frozen_by, frozen.communities.get().points) == ("新名单", boss, Decimal("88.5"))
    for again in (lambda: write(place, boss), lambda: freeze_commendation(frozen, by=boss, now=NOW)):
        with pytest.raises(ReportsError, match="never changes again"):
            again()


def test_a_list_names_somebody(place, boss):
    with pytest.raises(ReportsError, match="at least one community"):
        write(place, boss, places=[])
    assert not Commendation.objects.exists()


def test_the_demo_has_a_year_and_is_made_once():
    residents_demo.make_areas_and_staff(now=NOW)
    residents_demo.make_residents(now=NOW)
    assert make_scores(now=NOW) == 3
    assert make_scores(now=NOW) == 0
    assert ScoreSnapshot.objects.filter(month__gte=date(2026, 1, 1)).count() == 3 * 11
    assert Commendation.objects.get().is_frozen
    assert Inspection.objects.count() == 2


def test_the_demo_is_made_on_new_years_day_as_well():
    residents_demo.make_areas_and_staff(now=NOW)
    residents_demo.make_residents(now=NOW)
    assert make_scores(now=datetime(2027, 1, 1, 1, tzinfo=UTC)) == 3
