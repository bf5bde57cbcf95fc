"""One calendar on a telephone: the events of outreach, and its owner's own shifts.

What we write with one library is read with another that nobody here, and none of its makers, had a hand in.
"""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from ical.calendar_stream import CalendarStream, IcsCalendarStream
from ical.event import EventStatus
from ical.exceptions import CalendarParseError

from accounts.calendars import Stretch
from accounts.clock import database_now, local, midnight, today
from alerts import services
from alerts.policy import ShiftKind
from alerts.tests.factories import make_scene
from campaigns.models import Event
from campaigns.services import cancel_event, renew_feed
from campaigns.tests.factories import EventFactory

pytestmark = pytest.mark.django_db


def test_ones_own_shifts_are_in_the_calendar_that_the_phone_subscribed_to_and_nobody_elses():
    scene, now = make_scene(), database_now()
    hours = Stretch(now + timedelta(hours=24), now + timedelta(hours=36))
    shift, _other = (
        services.add_shift(scene.grid, kind=ShiftKind.ON_CALL, user=user, hours=hours, by=None, now=now)
        for user in (scene.first, scene.second)
    )
    _feed, token = renew_feed(by=scene.first, now=now)
    text = Client().get(reverse("campaigns:feed", args=[token])).content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert f"UID:shift-{shift.pk}@" in text
    assert "on call" in text
    (calendar,) = CalendarStream.from_ics(text).calendars
    assert [(entry.start_datetime, entry.end_datetime) for entry in calendar.events] == [
        (shift.starts_at.replace(microsecond=0), shift.ends_at.replace(microsecond=0))
    ]


LONG = "防范电信网络诈骗集中宣传活动（老年人专场）：警惕冒充公检法、刷单返利与虚假投资理财；带上手机\\,;一起来🙂" * 2


def fed(token: str) -> bytes:
    answer = Client().get(reverse("campaigns:feed", args=[token]))
    assert answer.status_code == 200
    return answer.content


@pytest.fixture
def full_feed() -> tuple[bytes, dict[str, Event]]:
    """A feed with everything that ours can have: a repetition, a cancelled one, long texts."""
    scene, now = make_scene(), database_now()
    planner = scene.manager
    day = midnight(today() + timedelta(days=7))
    begin = {"form": "lecture", "area": scene.place.community.pk, "audience": "over_60", "repeat": "weekly"}
    client = Client()
    client.force_login(planner)
    times = {"starts_at": f"{local(day):%Y-%m-%d}T09:00", "ends_at": f"{local(day):%Y-%m-%d}T10:30"}
    client.post(reverse("campaigns:plan"), begin | times | {"title": "每周讲座", "count": "3", "place": LONG[:60]})
    whole, night, off = (
        EventFactory(area=scene.grid, created_by=planner, title=title, starts_at=starts_at, ends_at=ends_at)
        for title, starts_at, ends_at in (
            (LONG[:100], day, day + timedelta(days=1)),
            ("夜市宣传", day + timedelta(hours=23), day + timedelta(hours=25)),
            ("取消的一场", day + timedelta(hours=9), day + timedelta(hours=10)),
        )
    )
    cancel_event(off, why="下雨", by=planner, now=now)
    _feed, token = renew_feed(by=planner, now=now)
    return fed(token), {"whole": whole, "night": night, "off": off}


def test_a_feed_is_read_by_a_stranger_as_it_was_meant(full_feed):
    content, events = full_feed
    (calendar,) = CalendarStream.from_ics(content.decode()).calendars
    found = {entry.uid: entry for entry in calendar.events}
    assert len(found) == len(calendar.events) == Event.objects.count()
    for event in Event.objects.all():
        entry = found[f"{event.uid}@shouwang"]
        assert event.title in entry.summary
        assert (entry.start_datetime, entry.end_datetime) == (event.starts_at, event.ends_at)
        assert str(entry.dtstart.tzinfo) == "Asia/Shanghai"
        assert (entry.status == EventStatus.CANCELLED) == (event == events["off"])
    weekly = sorted(entry.dtstart for entry in calendar.events if entry.summary == "每周讲座")
    assert len(weekly) > 1
    assert {later - earlier for earlier, later in pairwise(weekly)} == {timedelta(days=7)}
    # It can write it again, and reads the same from that.
    assert IcsCalendarStream(calendars=[calendar]).ics()
    assert {entry.uid for entry in calendar.timeline} == set(found)


def test_lines_are_folded_at_75_octets_and_never_inside_a_letter(full_feed):
    content, events = full_feed
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert any(line.startswith(b" ") for line in lines)
    assert all(line.decode("utf-8") for line in lines)
    unfolded = content.decode().replace("\r\n ", "")
    escaped = re.sub(r"([\\,;])", r"\\\1", events["whole"].title)
    assert f"SUMMARY:{escaped}" in unfolded


@pytest.mark.parametrize(
    ("was", "broken"),
    [
        ("BEGIN:VEVENT\r\nSUMMARY", "BEGIN:VEVENT\r\nBEGIN:VALARM\r\nSUMMARY"),
        ("DTSTART;TZID=Asia/Shanghai:", "DTSTART;TZID=Asia/Shanghai:x"),
        ("STATUS:CONFIRMED", "STATUS:PERHAPS"),
        ("SEQUENCE:0", "SEQUENCE:none"),
    ],
)
def test_the_stranger_refuses_what_is_no_calendar(full_feed, was, broken):
    text = full_feed[0].decode()
    assert was in text
    # Its parser raises the one, its models the other.
    with pytest.raises((CalendarParseError, ValueError)):
        CalendarStream.from_ics(text.replace(was, broken, 1))
