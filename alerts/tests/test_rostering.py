"""Keeping the duty roster: who may have which hours, what repeats, days off, holes, and what managers are told."""

import itertools
from datetime import date, time, timedelta

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.calendars import weekly_on
from accounts.clock import local
from accounts.models import AuditEntry
from accounts.roles import Role
from alerts import services
from alerts.models import Rotation, Shift, Swap
from alerts.policy import ShiftKind, Turn, turns_of
from alerts.services import RosterError
from alerts.services.rostering import holes_ahead, unreachable_ahead
from alerts.tests.factories import NOON, after, make_scene
from alerts.tests.rosters import THURSDAY, at, at_desk, hours, on_call, pattern
from notifications.models import Notice
from notifications.tests.factories import ChannelFactory
from residents.models import Post
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

FRIDAY, SATURDAY = THURSDAY + timedelta(days=1), THURSDAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def scene():
    return make_scene()


def begun(scene, *people, **fields):
    found = pattern(scene.grid, *people, **fields)
    return services.begin_rotation(found, by=scene.manager, now=NOON)


def who_on(day: date) -> list[str]:
    shifts = Shift.objects.filter(starts_at__gte=at(0, day=day), starts_at__lt=at(24, day=day))
    return [str(shift.user) for shift in shifts.order_by("starts_at", "seat").select_related("user")]


# ── turns ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    number=st.integers(1, 60),
    people=st.lists(st.integers(), min_size=1, max_size=7, unique=True),
    at_once=st.integers(1, 9),
    turn=st.sampled_from(Turn),
)
def test_nobody_stands_twice_in_a_turn_and_everybody_has_as_many_as_the_others(number, people, at_once, turn):
    monday = date(2026, 3, 30)
    dates = [monday + timedelta(days=day if turn == Turn.DATE else day * 7) for day in range(number)]
    turns = turns_of(dates, turn=turn, people=people, at_once=at_once)
    counts = [sum(one in who for who in turns) for one in people]
    assert all(len(set(who)) == len(who) == min(at_once, len(people)) for who in turns)
    assert max(counts) - min(counts) <= 1


def test_a_weekly_turn_changes_on_monday_whatever_day_the_rotation_begins():
    dates = [THURSDAY + timedelta(days=day) for day in range(12)]
    turns = turns_of(dates, turn=Turn.WEEK, people=[1, 2], at_once=1)
    assert turns == [(1,)] * 4 + [(2,)] * 7 + [(1,)]


# ── rotations ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_rotation_makes_five_weeks_ahead_and_a_night_goes_on_into_the_next_day_and_month(scene):
    _rotation, made = begun(scene, scene.first, scene.second, starts=time(20), ends=time(8))
    assert (made.shifts, made.left_open) == (36, 0)
    last = Shift.objects.get(occurs_on=date(2026, 4, 30))
    assert (local(last.starts_at).hour, local(last.ends_at).date()) == (20, date(2026, 5, 1))
    assert who_on(THURSDAY) == ["甲专员"]
    assert who_on(FRIDAY) == ["乙专员"]


def test_the_next_night_one_more_day_is_made_and_a_second_time_none(scene):
    begun(scene, scene.first, scene.second)
    assert services.make_next_shifts(now=NOON).shifts == 0
    assert services.make_next_shifts(now=after(hours=24)).shifts == 1
    assert services.make_next_shifts(now=after(hours=24)).shifts == 0


def test_what_somebody_changed_alone_or_took_out_is_not_made_again(scene):
    begun(scene, scene.first, scene.second)
    friday, saturday = (Shift.objects.get(occurs_on=day) for day in (FRIDAY, SATURDAY))
    services.give_hours(friday, to=scene.first, hours=friday.hours, by=scene.manager, now=NOON)
    services.remove_shift(saturday, by=scene.manager, now=NOON)
    services.make_next_shifts(now=after(hours=24))
    assert who_on(FRIDAY) == ["甲专员"]
    assert who_on(SATURDAY) == []


def test_two_are_on_together_where_the_rotation_says_so(scene):
    begun(scene, scene.first, scene.second, scene.leader, at_once=2)
    assert who_on(THURSDAY) == ["甲专员", "乙专员"]
    assert who_on(FRIDAY) == ["网格长", "甲专员"]


def test_some_weekdays_alone(scene):
    begun(scene, scene.first, rule=weekly_on([3]))
    assert {local(one).weekday() for one in Shift.objects.values_list("starts_at", flat=True)} == {3}


def test_a_rotation_that_is_stopped_leaves_what_was_arranged_and_what_has_begun(scene):
    rotation, _made = begun(scene, scene.first, scene.second)
    saturday = Shift.objects.get(occurs_on=SATURDAY)
    services.give_hours(saturday, to=scene.second, hours=hours(8, 12, day=SATURDAY), by=scene.manager, now=NOON)
    gone = services.stop_rotation(rotation, last_on=THURSDAY, by=scene.manager, now=NOON)
    assert gone == 34
    assert (who_on(THURSDAY), who_on(SATURDAY)) == (["甲专员"], ["乙专员", "甲专员"])
    assert services.make_next_shifts(now=after(hours=48)).shifts == 0


def test_a_turn_of_somebody_whose_post_ends_stays_open_and_is_a_hole(scene):
    Post.objects.filter(user=scene.second).update(ends_on=FRIDAY)
    _rotation, made = begun(scene, scene.first, scene.second, starts=time(0), ends=time(0))
    assert made.left_open == 17
    holes = holes_ahead(Shift.objects.all(), now=NOON, until=after(hours=24 * 5))
    assert [local(hole.hours.begins_at).date() for hole in holes] == [date(2026, 4, 5), date(2026, 4, 7)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"until_on": date(2026, 4, 1)}, "before the first"),
        ({"first_on": date(2026, 2, 1)}, "at most a month ago"),
        ({"at_once": 3}, "more people at a time"),
    ],
)
def test_a_rotation_that_makes_no_sense_is_refused(scene, fields, words):
    with pytest.raises(RosterError, match=words):
        begun(scene, scene.first, scene.second, **fields)
    assert not Rotation.objects.exists()


def test_somebody_without_a_fitting_post_is_refused_in_plain_words(scene):
    with pytest.raises(RosterError, match=r"值班员 holds no post at 第1网格 .* that fits this shift"):
        begun(scene, scene.officer)
    with pytest.raises(RosterError, match="甲专员 holds no post at 第3社区"):
        at_desk(scene.first, scene)


def test_a_grid_has_no_desk(scene):
    with pytest.raises(RosterError, match="has no desk"):
        on_call(scene.first, scene.grid, kind=ShiftKind.DESK)


# ── one shift ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_person_at_two_desks_at_once_is_refused_and_on_call_for_two_grids_is_not(scene):
    neighbour = make_community(4)
    for area, role in ((neighbour.community, Role.DUTY_OFFICER), (scene.place.grids[1], Role.WARNING_SPECIALIST)):
        Post.objects.create(
            user=scene.officer if role == Role.DUTY_OFFICER else scene.first,
            area=area,
            role=role,
            starts_on=date(2020, 1, 1),
        )
    at_desk(scene.officer, scene)
    with pytest.raises(RosterError, match="already has 第3社区"):
        on_call(scene.officer, neighbour.community, begins=19, ends=23, kind=ShiftKind.DESK)
    on_call(scene.officer, neighbour.community, begins=20, ends=23, kind=ShiftKind.DESK)
    on_call(scene.first, scene.grid)
    on_call(scene.first, scene.place.grids[1])
    with pytest.raises(RosterError, match="already has 第1网格"):
        on_call(scene.first, scene.grid, begins=10, ends=11)


def test_a_shift_ends_after_it_begins_and_has_at_most_seven_days(scene):
    for begins, ends in ((12, 12), (12, 8), (0, 24 * 7 + 1)):
        with pytest.raises(RosterError):
            on_call(scene.first, scene.grid, begins=begins, ends=ends)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begins=st.integers(8, 19), length=st.integers(1, 12))
def test_hours_given_away_leave_the_rest_as_it_was_and_nobody_loses_a_minute(scene, begins, length):
    with transaction.atomic():
        _give_and_look(scene, begins, min(20, begins + length))
        transaction.set_rollback(True)


def _give_and_look(scene, begins: int, ends: int) -> None:
    shift = on_call(scene.first, scene.grid)
    services.give_hours(shift, to=scene.second, hours=hours(begins, ends), by=scene.manager, now=at(8))
    rows = list(Shift.objects.filter(area=scene.grid).order_by("starts_at").select_related("user"))
    assert rows[0].starts_at == at(8)
    assert rows[-1].ends_at == at(20)
    assert all(one.ends_at == other.starts_at for one, other in itertools.pairwise(rows))
    theirs = [row for row in rows if row.user == scene.second]
    assert [(row.starts_at, row.ends_at, row.stands_in_for) for row in theirs] == [(at(begins), at(ends), scene.first)]


def test_hours_outside_the_shift_or_over_are_not_given_away(scene):
    shift = on_call(scene.first, scene.grid)
    for given_hours, now, words in (
        (hours(7, 9), NOON, "not within the shift"),
        (hours(8, 11), NOON, "are over"),
        (hours(8, 8), NOON, "ends after it begins"),
    ):
        with pytest.raises(RosterError, match=words):
            services.give_hours(shift, to=scene.second, hours=given_hours, by=scene.manager, now=now)


def test_who_gets_their_own_hours_back_stands_in_for_nobody(scene):
    shift = on_call(scene.first, scene.grid)
    given_away = services.give_hours(shift, to=scene.second, hours=shift.hours, by=scene.manager, now=NOON)
    assert given_away.stands_in_for == scene.first
    back = services.give_hours(given_away, to=scene.first, hours=shift.hours, by=scene.manager, now=NOON)
    assert (back.user, back.stands_in_for) == (scene.first, None)


def test_every_write_leaves_one_line_in_the_trail(scene):
    rotation, _made = begun(scene, scene.first, scene.second)
    services.remove_shift(Shift.objects.get(occurs_on=FRIDAY), by=scene.manager, now=NOON)
    services.stop_rotation(rotation, last_on=SATURDAY, by=scene.manager, now=NOON)
    verbs = list(AuditEntry.objects.filter(verb__startswith="alerts.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["alerts.rotation_begun", "alerts.shift_removed", "alerts.rotation_stopped"]


# ── days off ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_on_a_holiday_the_holiday_roster_goes_before_the_usual_one_whichever_was_entered_first(scene):
    begun(scene, scene.first)
    services.add_holiday(on=SATURDAY, name="清明节", area=scene.place.community, by=scene.manager, now=NOON)
    assert who_on(SATURDAY) == ["甲专员"]  # no holiday roster yet: the usual one goes on
    begun(scene, scene.second, is_for_holidays=True)
    assert (who_on(FRIDAY), who_on(SATURDAY)) == (["甲专员"], ["乙专员"])


def test_a_holiday_entered_after_both_rosters_changes_the_day_and_back(scene):
    begun(scene, scene.first)
    begun(scene, scene.second, is_for_holidays=True)
    assert who_on(SATURDAY) == ["甲专员"]
    holiday = services.add_holiday(on=SATURDAY, name="清明节", area=None, by=scene.manager, now=NOON)
    assert who_on(SATURDAY) == ["乙专员"]
    services.remove_holiday(holiday, by=scene.manager, now=NOON)
    assert who_on(SATURDAY) == ["甲专员"]


def test_what_somebody_arranged_for_a_holiday_stays(scene):
    begun(scene, scene.first)
    saturday = Shift.objects.get(occurs_on=SATURDAY)
    services.give_hours(saturday, to=scene.leader, hours=saturday.hours, by=scene.manager, now=NOON)
    begun(scene, scene.second, is_for_holidays=True)
    services.add_holiday(on=SATURDAY, name="清明节", area=None, by=scene.manager, now=NOON)
    assert sorted(who_on(SATURDAY)) == sorted(["网格长", "乙专员"])


def test_the_same_day_is_a_holiday_once(scene):
    services.add_holiday(on=SATURDAY, name="清明节", area=None, by=scene.manager, now=NOON)
    with pytest.raises(RosterError, match="already"):
        services.add_holiday(on=SATURDAY, name="清明", area=None, by=scene.manager, now=NOON)


# ── swaps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def swapped(scene, **fields) -> Swap:
    shift = on_call(scene.first, scene.grid, day=FRIDAY)
    return services.ask_swap(shift, of=scene.second, by=scene.first, now=NOON, **fields)


def whose(shift: Shift) -> str:
    return str(Shift.objects.select_related("user").get(pk=shift.pk).user)


def test_the_roster_changes_only_when_the_other_agrees_and_all_are_told(scene):
    back = on_call(scene.second, scene.grid, day=SATURDAY)
    swap = swapped(scene, back=back)
    assert whose(swap.shift) == "甲专员"
    assert Notice.objects.filter(recipient=scene.second, kind="roster.swap").count() == 1
    services.accept_swap(swap, by=scene.second, now=after(minutes=1))
    assert (whose(swap.shift), whose(back)) == ("乙专员", "甲专员")
    told = set(Notice.objects.filter(withdrawn_at=None).values_list("recipient__name", flat=True))
    assert told == {"甲专员", "书记"}


def test_who_declines_leaves_the_roster_as_it_is_and_the_asker_is_told(scene):
    swap = swapped(scene)
    services.decline_swap(swap, by=scene.second, now=after(minutes=1))
    assert whose(swap.shift) == "甲专员"
    assert Notice.objects.filter(recipient=scene.first, withdrawn_at=None).count() == 1
    with pytest.raises(RosterError, match="settled already"):
        services.accept_swap(swap, by=scene.second, now=after(minutes=2))


def test_only_the_asked_answer_and_only_the_asker_takes_it_back(scene):
    swap = swapped(scene)
    for verb, by in (
        (services.accept_swap, scene.first),
        (services.decline_swap, scene.leader),
        (services.withdraw_swap, scene.second),
    ):
        with pytest.raises(RosterError, match="Only who"):
            verb(swap, by=by, now=NOON)
    services.withdraw_swap(swap, by=scene.first, now=NOON)
    assert not Swap.objects.open().exists()


def test_a_swap_of_somebody_elses_shift_of_a_begun_one_and_a_second_one_are_refused(scene):
    running = on_call(scene.first, scene.grid)
    with pytest.raises(RosterError, match="has begun"):
        services.ask_swap(running, of=scene.second, by=scene.first, now=NOON)
    with pytest.raises(RosterError, match="甲专员's shift"):
        services.ask_swap(running, of=scene.first, by=scene.second, now=NOON)
    swap = swapped(scene)
    with pytest.raises(RosterError, match="asked for already"):
        services.ask_swap(swap.shift, of=scene.second, by=scene.first, now=NOON)


def test_who_has_other_hours_then_cannot_take_a_shift_and_who_got_them_since_cannot_either(scene):
    swap = swapped(scene)
    on_call(scene.second, scene.grid, begins=10, ends=11, day=FRIDAY)
    with pytest.raises(RosterError, match="already has"):
        services.accept_swap(swap, by=scene.second, now=NOON)
    assert whose(swap.shift) == "甲专员"


def test_a_swap_of_a_shift_that_is_somebody_elses_by_now_is_not_carried_out(scene):
    swap = swapped(scene)
    services.give_hours(swap.shift, to=scene.leader, hours=swap.shift.hours, by=scene.manager, now=NOON)
    with pytest.raises(RosterError, match="roster has changed"):
        services.accept_swap(swap, by=scene.second, now=NOON)
    assert whose(swap.shift) == "网格长"


# ── what is coming ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_area_that_keeps_no_roster_has_no_holes_and_one_that_does_has_every_hour_that_nobody_has(scene):
    assert holes_ahead(Shift.objects.all(), now=NOON, until=after(hours=24)) == []
    on_call(scene.first, scene.grid, begins=8, ends=20)
    holes = holes_ahead(Shift.objects.all(), now=NOON, until=at(32))
    assert [(hole.hours.begins_at, hole.hours.ends_at) for hole in holes] == [(at(20), at(32))]


def test_a_roster_that_has_not_begun_has_no_holes_before_its_first_shift(scene):
    on_call(scene.first, scene.grid, begins=0, ends=24, day=SATURDAY)
    holes = holes_ahead(Shift.objects.all(), now=NOON, until=at(24, day=SATURDAY))
    assert holes == []


def test_a_roster_that_has_run_out_is_one_long_hole_for_a_week_and_then_no_roster(scene):
    on_call(scene.first, scene.grid, begins=0, ends=8)
    assert len(holes_ahead(Shift.objects.all(), now=NOON, until=after(hours=24))) == 1
    later = after(hours=24 * 8)
    assert holes_ahead(Shift.objects.all(), now=later, until=later + timedelta(days=1)) == []


def test_the_manager_is_told_in_the_evening_once_of_tonights_and_tomorrows_holes(scene):
    at_desk(scene.officer, scene)
    evening = at(18)
    assert services.warn_of_tomorrow(now=evening) == 1
    assert services.warn_of_tomorrow(now=evening + timedelta(minutes=5)) == 0
    (notice,) = Notice.objects.filter(recipient=scene.manager)
    assert "第3社区 · Duty desk: 2 Apr 2026 Thu 20:00 – 4 Apr 2026 00:00" in notice.body
    assert services.warn_of_tomorrow(now=evening + timedelta(days=1)) == 1


def test_a_manager_whose_roster_has_no_holes_and_whose_people_can_be_told_hears_nothing(scene):
    ChannelFactory(area_code="", kind="wecom")
    on_call(scene.first, scene.grid, begins=0, ends=24 * 3)
    assert services.warn_of_tomorrow(now=at(18)) == 0


def test_who_is_on_the_roster_without_a_channel_is_named(scene):
    on_call(scene.first, scene.grid)
    assert unreachable_ahead(Shift.objects.all(), now=NOON, until=at(48)) == [scene.first]
    assert services.warn_of_tomorrow(now=at(18)) == 1
    assert "甲专员" in Notice.objects.get(recipient=scene.manager).body


def test_a_neighbours_manager_hears_nothing_of_it(scene):
    other = make_staff(Role.MANAGER, make_community(4).community)
    at_desk(scene.officer, scene)
    services.warn_of_tomorrow(now=at(18))
    assert not Notice.objects.filter(recipient=other).exists()


# ── handing over ────────────────────────────────────────────────────────────────────────────────────────────────────


PAGE = {"as_of": "04-02 12:00", "received": 1, "high": 1, "open": [], "missed": []}


def left(scene):
    return services.leave_shift(
        scene.place.community, page=PAGE, watch="3号楼", begins_at=at(8), by=scene.officer, now=NOON
    )


def test_a_page_is_signed_by_two_people_and_then_stands_for_ever(scene):
    signed = left(scene)
    with pytest.raises(RosterError, match="You have signed as who leaves"):
        services.take_shift(signed, by=scene.officer, now=NOON)
    services.take_shift(signed, by=scene.manager, now=after(minutes=1))
    with pytest.raises(RosterError, match="书记 took over at"):
        services.take_shift(signed, by=scene.manager, now=after(minutes=2))
    with pytest.raises(RosterError, match="took over"):
        services.withdraw_hand_over(signed, by=scene.officer, now=after(minutes=2))
    with pytest.raises(TypeError):
        signed.delete()


def test_one_page_waits_at_a_desk_and_its_signer_may_take_it_back(scene):
    signed = left(scene)
    with pytest.raises(RosterError, match="signed already"):
        left(scene)
    with pytest.raises(RosterError, match="Only 值班员"):
        services.withdraw_hand_over(signed, by=scene.manager, now=NOON)
    services.withdraw_hand_over(signed, by=scene.officer, now=NOON)
    with pytest.raises(RosterError, match="taken this page back"):
        services.take_shift(signed, by=scene.manager, now=NOON)
    left(scene)
