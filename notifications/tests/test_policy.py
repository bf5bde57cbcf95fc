from hypothesis import given
from hypothesis import strategies as st

from notifications import policy
from notifications.policy import Kind, kinds_in_order, merged, next_try_at
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
