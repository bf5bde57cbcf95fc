from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import policy
from notifications.policy import (
    ROBOT_PAUSE,
    Kind,
    Topic,
    Urgency,
    Wish,
    for_groups,
    kinds_in_order,
    kinds_wanted,
    merged,
    next_try_at,
    robot_delay,
    tell_at,
    topic_of,
)
from notifications.tests.factories import NOON


def test_a_refused_message_is_tried_again_after_five_fifteen_and_thirty_seconds_and_then_no_more():
    waits = [next_try_at(attempts, now=NOON) for attempts in (1, 2, 3)]
    assert [(moment - NOON).total_seconds() for moment in waits if moment] == [5, 15, 30]
    assert next_try_at(4, now=NOON) is None


def test_a_person_s_choice_orders_the_channels_and_leaves_none_out():
    assert kinds_in_order(["email", "wecom"])[:2] == ["email", "wecom"]
    assert sorted(kinds_in_order(["email", "wecom"])) == sorted(Kind.values)
    assert kinds_in_order([]) == Kind.values
    assert kinds_in_order(["pigeon"]) == Kind.values


def test_a_robot_that_speaks_after_every_pause_never_says_more_than_twenty_things_in_a_minute():
    assert 60 / policy.ROBOT_PAUSE.total_seconds() <= 20


def test_a_lease_outlives_the_slowest_answer_a_channel_may_give():
    connect_write_and_read_seconds, trickling_seconds = 3 + 4 + 4, 4
    assert policy.LEASE.total_seconds() > connect_write_and_read_seconds + trickling_seconds


@given(st.lists(st.text(max_size=40), min_size=1), st.integers(0, 200))
def test_merging_loses_no_different_line_without_counting_it(lines, most_bytes):
    fitting, left_out = merged(lines, most_bytes=most_bytes)
    assert fitting
    assert len(fitting) + left_out == len(set(lines))
    assert len(fitting) == 1 or len("\n".join(fitting).encode()) <= most_bytes


# What people wish

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEAR_BEGINS = NOON.replace(month=1, day=1, tzinfo=None)
moments = st.datetimes(YEAR_BEGINS, YEAR_BEGINS + timedelta(days=365), timezones=st.just(SHANGHAI))
hours = st.times().map(lambda at: at.replace(second=0, microsecond=0))
wishes = st.builds(Wish, st.lists(st.sampled_from(Kind.values), unique=True), st.booleans(), hours, hours)
calm = st.sampled_from([Urgency.MEDIUM, Urgency.LOW])


def local_at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 4, 2, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("begins", "ends", "asked", "told"),
    [
        (8, 21, local_at(8), local_at(8)),
        (8, 21, local_at(20, 59), local_at(20, 59)),
        (8, 21, local_at(21), local_at(8) + timedelta(days=1)),
        (8, 21, local_at(7, 59), local_at(8)),
        (20, 6, local_at(23), local_at(23)),
        (20, 6, local_at(5), local_at(5)),
        (20, 6, local_at(6), local_at(20)),
    ],
)
def test_outside_a_person_s_hours_it_waits_until_they_begin(begins, ends, asked, told):
    wish = Wish([Kind.SMS], begins_at=time(begins), ends_at=time(ends))
    assert tell_at(wish, urgency=Urgency.MEDIUM, local_now=asked) == told


@given(wishes, moments, calm)
def test_what_waits_for_somebody_s_hours_is_told_within_a_day_and_then_waits_no_more(wish, now, urgency):
    at = tell_at(wish, urgency=urgency, local_now=now)
    assert now <= at <= now + timedelta(days=1)
    assert tell_at(wish, urgency=urgency, local_now=at) == at


@given(wishes, moments)
def test_high_urgency_waits_for_nobody_s_hours_and_leaves_no_channel_untried(wish, now):
    assert tell_at(wish, urgency=Urgency.HIGH, local_now=now) == now
    for topic in Topic:
        kinds = kinds_wanted(wish, usual=[], topic=topic, urgency=Urgency.HIGH)
        assert sorted(kinds) == sorted(Kind.values)
        assert kinds[: len(wish.kinds)] == list(wish.kinds)


@given(wishes, calm, st.sampled_from(Topic))
def test_a_wish_is_the_whole_list_but_for_alerts_which_leave_no_channel_untried(wish, urgency, topic):
    kinds = kinds_wanted(wish, usual=[Kind.EMAIL], topic=topic, urgency=urgency)
    if topic is Topic.ALERTS:
        assert kinds == kinds_in_order([*wish.kinds, Kind.EMAIL])
    elif wish.is_inbox_alone:
        assert kinds == []
    else:
        assert kinds == (list(wish.kinds) or kinds_in_order([Kind.EMAIL]))


def test_without_a_wish_the_usual_order_holds_at_every_hour():
    assert kinds_wanted(None, usual=["email"], topic=Topic.CARE, urgency=Urgency.LOW) == kinds_in_order(["email"])
    assert tell_at(None, urgency=Urgency.LOW, local_now=local_at(3)) == local_at(3)
    assert tell_at(Wish(["sms"]), urgency=Urgency.LOW, local_now=local_at(3)) == local_at(3)


def test_a_kind_that_nobody_knows_has_no_topic_and_so_no_wishes():
    assert topic_of("alert.yours") is Topic.ALERTS
    assert topic_of("pigeon.arrived") is None


# What a group reads


@given(st.integers(13, 19), st.integers(0, 999_999_999), st.sampled_from(["", " ", "-"]), st.text(max_size=10))
def test_no_phone_number_gets_into_a_group_however_it_is_written(head, tail, between, words):
    number = f"{head}{tail:09}"
    written = between.join((number[:3], number[3:7], number[7:]))
    said = for_groups(f"{words}请联系{written}。{words}")
    assert written not in said
    assert number not in said


def test_an_id_number_is_taken_out_and_times_dates_and_amounts_stay():
    assert for_groups("身份证 99999919500101001X 已核") == "身份证 … 已核"
    said = "【高】第三网格 1 条预警，限 10:12 前处置，涉及 587,000 元，2026-03-15 10:12 截止"
    assert for_groups(said) == said


# How long a robot takes


def posted_by_and_by(waiting: int, quiet: timedelta, a_post: int) -> list[timedelta]:
    """When each post goes out, by a clock that is moved on a tenth of a second at a time."""
    at, quiet_until, posts = timedelta(0), quiet, []
    while waiting > 0:
        if at >= quiet_until:
            posts.append(at)
            waiting -= a_post
            quiet_until = at + ROBOT_PAUSE
        at += timedelta(milliseconds=100)
    return posts


@given(st.integers(1, 3000), st.integers(0, 60), st.integers(1, 200))
def test_the_predicted_delay_is_when_the_last_post_goes_out(waiting, tenths, a_post):
    quiet = timedelta(milliseconds=100 * tenths)
    posts = posted_by_and_by(min(waiting, 40 * a_post), quiet, a_post)
    assert robot_delay(min(waiting, 40 * a_post), quiet_for=quiet, a_post=a_post) == posts[-1]
    in_a_minute = [sum(start <= at < start + timedelta(minutes=1) for at in posts) for start in posts]
    assert max(in_a_minute) <= 20


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 100))
def test_more_messages_never_take_less_time_and_none_takes_none(fewer, more, quiet):
    fewer, more = sorted((fewer, more))
    quiet_for = timedelta(seconds=quiet)
    assert robot_delay(fewer, quiet_for=quiet_for) <= robot_delay(more, quiet_for=quiet_for)
    assert robot_delay(0, quiet_for=quiet_for) == timedelta(0)
    assert robot_delay(1, quiet_for=timedelta(seconds=-5)) == timedelta(0)
