"""Empty the outbox: claim, hand over, write down what became of it.

A row is claimed with a lease in a short transaction, handed over outside any, and settled in
another. The database is asked by the calling thread alone; what waits for the outside world are
the lanes. Any number of processes and threads may deliver at once: on PostgreSQL they skip each
other's rows, on SQLite the immediate transaction lets one claim at a time. What a process took
and never came back with is found by its lease.
"""

import logging
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.personal_data import UnreadableError
from accounts.rows import insert_new_rows
from notifications import channels
from notifications.models import Channel, Delivery, DeliveryQuerySet, Kind, State, Urgency
from notifications.policy import (
    CHANNEL_GIVEN_UP_AFTER,
    LEASE,
    MOST_A_POST,
    PRIORITY,
    ROBOT_PAUSE,
    for_groups,
    next_try_at,
    topic_of,
)
from notifications.services.lanes import Lane, Lanes
from notifications.services.telling import Routes, delivery_over

log = logging.getLogger(__name__)

# How long a round waits for answers before it leaves the slow ones behind. A healthy channel
# answers well within it; the clock, which may run in the same loop, is not held up longer.
PATIENCE_SECONDS: Final = 0.5
MAILS_A_CONNECTION: Final = 10
ROWS_A_LOOK: Final = 200

Answers = list[str]


@dataclass(frozen=True, slots=True)
class _Job:
    """Rows handed to a lane under one lease."""

    ids: tuple[int, ...]
    channel_id: int
    token: str
    lane: Lane[Answers]
    answer: Future[Answers]

    def answers(self) -> Answers:
        """Return what the channel said of each row."""
        error = self.answer.exception()
        if error is None:
            return self.answer.result()
        log.error("A channel's adapter broke.", exc_info=error)
        return [_("The program could not send it: %(kind)s.") % {"kind": type(error).__name__}] * len(self.ids)


class _Hands:
    """The jobs this process has in its hands, whichever thread began them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._jobs: list[_Job] = []

    def take_up(self, jobs: Iterable[_Job]) -> None:
        with self._guard:
            self._jobs.extend(jobs)

    def put_down(self, jobs: Collection[_Job]) -> None:
        with self._guard:
            self._jobs = [job for job in self._jobs if job not in jobs]

    def take_answered(self) -> list[_Job]:
        """Return what was answered. What was taken back counts as done too, and is put down by who took it back."""
        with self._guard:
            answered = [job for job in self._jobs if job.answer.done() and not job.answer.cancelled()]
            self._jobs = [job for job in self._jobs if job not in answered]
        return answered


_hands = _Hands()
_lanes: Lanes[Answers] = Lanes()


def deliver_due(*, clock: Callable[[], datetime], worker: str, limit: int = MOST_A_POST) -> int:
    """Hand over what is due, at most ``limit`` rows of each channel, the most urgent first.

    Comes back after half a second at most, whatever the channels do: answers that are not there by
    then are written down by a later round of this process, or found by their lease. Returns how
    many rows it handed over or is still handing over; 0 means that there is nothing to do for now.
    Must not be called inside a transaction.
    """
    settle_answered(clock=clock)
    now = clock()
    _mend_dead_leases(now)
    token = f"{worker[:100]}:{secrets.token_hex(4)}"
    jobs: list[_Job] = []
    for channel in Channel.objects.with_due_deliveries(now).without_secrets():
        jobs += _hand_out(channel, token=token, limit=limit, now=now)
    wait([job.answer for job in jobs], timeout=PATIENCE_SECONDS)
    taken_back = [job for job in jobs if job.lane.take_back(job.answer)]
    _hands.put_down(taken_back)
    _release(taken_back)
    settle_answered(clock=clock)
    return sum(len(job.ids) for job in jobs) - sum(len(job.ids) for job in taken_back)


# Claiming


def _hand_out(channel: Channel, *, token: str, limit: int, now: datetime) -> list[_Job]:
    """Claim a channel's due rows and give them to its lane."""
    if not channel.is_active:
        _leave(Delivery.objects.due(now).filter(channel=channel), error=_("The channel was switched off."), now=now)
        return []
    if channel.is_given_up(now):
        stranded = Delivery.objects.due(now).filter(channel=channel, created_at__lte=now - CHANNEL_GIVEN_UP_AFTER)
        _leave(stranded, error=channel.last_error, now=now)
    lane = _lanes.of(channel.pk, channel.kind)
    at_once = {Kind.SMS.value: 1, Kind.EMAIL.value: MAILS_A_CONNECTION}.get(channel.kind, limit)
    room = min(limit, lane.room(limit) * at_once)
    if not room:
        return []
    try:
        channel.refresh_from_db(fields=["address", "secret"])
        rows = _claim(channel, token=token, limit=room, now=now)
        outlet = channels.Outlet(channel.kind, channel.address, channel.secret, channel.options)
        messages = [_message(row, channel) for row in rows]
    except UnreadableError as error:
        log.exception("Channel %s cannot be used.", channel.pk)
        _leave(Delivery.objects.due(now).filter(channel=channel), error=str(error), now=now)
        return []
    jobs = []
    for start in range(0, len(rows), at_once):
        ids = tuple(row.pk for row in rows[start : start + at_once])
        deed = partial(channels.send, outlet, messages[start : start + at_once], now=now)
        jobs.append(_Job(ids, channel.pk, token, lane, lane.submit(deed)))
    _hands.take_up(jobs)
    return jobs


def _claim(channel: Channel, *, token: str, limit: int, now: datetime) -> list[Delivery]:
    """Lease a channel's due rows; a robot's all together, and only when it may speak again."""
    with transaction.atomic():
        if channel.is_robot and not _may_speak(channel, now):
            return []
        found = _locked(Delivery.objects.due(now).filter(channel=channel), most=limit)
        # Phone numbers are deciphered only where they are dialled.
        needs_phone = channel.kind == Kind.SMS or channel.calls_people
        rows = list(found if needs_phone else found.defer("notice__recipient__phone"))
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.LEASED, leased_until=now + LEASE, leased_by=token, attempts=F("attempts") + 1
        )
        if channel.is_robot and rows:
            Channel.objects.filter(pk=channel.pk).update(quiet_until=now + ROBOT_PAUSE)
    return rows


def _may_speak(channel: Channel, now: datetime) -> bool:
    """Lock a robot for this claim; whoever finds it locked leaves it to the other."""
    if channel.quiet_until is not None and channel.quiet_until > now:
        return False
    locked = Channel.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=channel.pk)
    until = locked.values_list("quiet_until", flat=True)
    return any(moment is None or moment <= now for moment in until)


def _locked(rows: DeliveryQuerySet, *, most: int) -> DeliveryQuerySet:
    """Return rows with their notice and person, locked, without those that another worker holds."""
    return rows.select_related("notice__recipient").select_for_update(skip_locked=True, of=("self",))[:most]


def _message(row: Delivery, channel: Channel) -> channels.Message:
    """Say what a person is told, or what their group may hear of it."""
    notice = row.notice
    url = settings.PUBLIC_URL + notice.url if notice.url.startswith("/") else notice.url
    if channel.is_robot:
        whom = notice.recipient.phone if channel.calls_people else ""
        return channels.Message(to=whom, title="", text=for_groups(notice.public_text), url=url)
    to = notice.recipient.email if channel.kind == Kind.EMAIL else notice.recipient.phone
    return channels.Message(to=to, title=notice.title, text=notice.body, url=url)


def _release(jobs: Collection[_Job]) -> None:
    """Give back what no thread had begun, as if it had never been claimed."""
    ids = [pk for job in jobs for pk in job.ids]
    if ids:
        Delivery.objects.filter(pk__in=ids, leased_by__in={job.token for job in jobs}, state=State.LEASED).update(
            state=State.WAITING, leased_until=None, leased_by="", attempts=F("attempts") - 1
        )


# Settling


def settle_answered(*, clock: Callable[[], datetime]) -> int:
    """Write down every answer that has come to this process since. Returns how many posts were answered.

    ``deliver_due`` begins with it. A process that delivers now and then calls it in between, or
    what a slow channel answered is taken for unknown; without answers it asks nothing of anybody.
    """
    jobs = _hands.take_answered()
    if not jobs:
        return 0
    try:
        _settle(jobs, now=clock())
    except Exception:
        # The database may be away for a moment; the answers are not asked for twice.
        _hands.take_up(jobs)
        raise
    return len(jobs)


def _settle(jobs: Sequence[_Job], *, now: datetime) -> None:
    answers = {pk: answer for job in jobs for pk, answer in zip(job.ids, job.answers(), strict=True)}
    mine = Delivery.objects.filter(leased_by__in={job.token for job in jobs})
    taken = [pk for pk, answer in answers.items() if not answer]
    refused = [pk for pk, answer in answers.items() if answer]
    with transaction.atomic():
        # An answer may come after its lease ended; then it is known after all.
        mine.filter(pk__in=taken, state__in=[State.LEASED, State.UNKNOWN]).update(
            state=State.SENT, sent_at=now, leased_until=None, error=""
        )
        if refused:
            rows = mine.filter(pk__in=refused, state=State.LEASED).select_related("notice__recipient").order_by("pk")
            # Waits for a row that is just being reported; passed over, it would look abandoned.
            locked = rows.defer("notice__recipient__phone").select_for_update(of=("self",))
            _try_again(list(locked), answers, now=now)
    for channel_id, channel_answers in sorted(_by_channel(jobs, answers).items()):
        note_health(channel_id, channel_answers, now=now)


def _try_again(rows: Sequence[Delivery], answers: Mapping[int, str], *, now: datetime) -> None:
    """Set the next try of refused rows; those that had all of theirs go another way."""
    again: dict[tuple[int, str], list[int]] = defaultdict(list)
    exhausted = []
    for row in rows:
        row.error = answers[row.pk][:300]
        if row.notice.withdrawn_at is None and next_try_at(row.attempts, now=now) is not None:
            again[row.attempts, row.error].append(row.pk)
        else:
            exhausted.append(row)
    for (attempts, error), ids in again.items():
        Delivery.objects.filter(pk__in=ids).update(
            state=State.WAITING, next_at=next_try_at(attempts, now=now), leased_until=None, error=error
        )
    _pass_on(exhausted, now=now)


def _pass_on(rows: Sequence[Delivery], *, now: datetime) -> None:
    """Send locked rows over the person's next channel; who has none left cannot be told."""
    if not rows:
        return
    routes = Routes.now_open({row.notice.recipient_id for row in rows})
    tried: dict[int, set[str]] = defaultdict(set)
    siblings = Delivery.objects.filter(notice__in={row.notice_id for row in rows})
    for notice_id, kind in siblings.values_list("notice_id", "channel__kind"):
        tried[notice_id].add(kind)
    outcome: dict[tuple[State, str], list[int]] = defaultdict(list)
    successors = []
    for row in rows:
        notice = row.notice
        ways = routes.of(
            notice.recipient,
            notice.area_code,
            topic=topic_of(notice.kind),
            urgency=notice.urgency,
            is_public=bool(notice.public_text),
        )
        way = next((channel for channel in ways if channel.kind not in tried[notice.pk]), None)
        state = State.CANCELLED if notice.withdrawn_at else State.PASSED_ON if way else State.FAILED
        outcome[state, row.error].append(row.pk)
        if way is not None and state == State.PASSED_ON:
            tried[notice.pk].add(way.kind)
            successors.append(delivery_over(way, key=notice.key, notice_id=notice.pk, priority=row.priority, now=now))
    insert_new_rows(Delivery, successors)
    for (state, error), ids in outcome.items():
        # What was reported as sent again is reported anew when it fails after all.
        Delivery.objects.filter(pk__in=ids).update(state=state, leased_until=None, error=error, reported_at=None)


def _leave(rows: DeliveryQuerySet, *, error: str, now: datetime) -> None:
    """Have those who wait at a channel that is of no use go another way."""
    with transaction.atomic():
        stranded = list(_locked(rows, most=ROWS_A_LOOK).defer("notice__recipient__phone"))
        for row in stranded:
            row.error = error[:300]
        _pass_on(stranded, now=now)


def _mend_dead_leases(now: datetime) -> None:
    """Deal with what somebody took and did not come back from: nobody knows whether it was handed over.

    Of high urgency it is sent again under the same key, since twice told is cheaper than never, and
    marked so; the rest stays unknown. Both are reported.
    """
    dead = Delivery.objects.with_dead_lease(now).order_by("leased_until")
    if not dead.values_list("pk", flat=True)[:1]:
        return
    with transaction.atomic():
        rows = list(_locked(dead, most=ROWS_A_LOOK).defer("notice__recipient__phone"))
        error = _("Its sender died in mid-sending.")
        again, unknown, exhausted = [], [], []
        for row in rows:
            row.error = error
            if row.notice.withdrawn_at is not None:
                exhausted.append(row)
            elif row.priority != PRIORITY[Urgency.HIGH]:
                unknown.append(row.pk)
            elif next_try_at(row.attempts, now=now) is None:
                exhausted.append(row)
            else:
                again.append(row.pk)
        found = Delivery.objects.filter(state=State.LEASED)
        found.filter(pk__in=again).update(
            state=State.WAITING, next_at=now, leased_until=None, is_resent=True, error=error, reported_at=None
        )
        found.filter(pk__in=unknown).update(state=State.UNKNOWN, leased_until=None, error=error, reported_at=None)
        _pass_on(exhausted, now=now)


# The health of channels


def _by_channel(jobs: Iterable[_Job], answers: Mapping[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for job in jobs:
        found[job.channel_id] += [answers[pk] for pk in job.ids]
    return found


def note_health(channel_id: int, answers: Sequence[str], *, now: datetime) -> None:
    """Write down whether a channel works: one message taken shows that it does.

    Outside the rows' transaction and channel by channel, so that two who settle never wait crosswise.
    """
    channel = Channel.objects.filter(pk=channel_id)
    if not all(answers):
        channel.update(last_sent_at=now, failing_since=None, last_error="")
        return
    channel.update(last_error=answers[-1][:300])
    channel.filter(failing_since__isnull=True).update(failing_since=now)
