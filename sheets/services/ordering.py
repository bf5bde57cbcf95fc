"""Files that take long: ordered on a page, made by a worker, told of in the inbox, let go of after some days.

What a file holds is its maker's affair, who registers with ``register_maker``. A file is claimed under its row's lock,
and made again where a worker died over it; after three tries it is given up and says so.
"""

import errno
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.formats import day
from accounts.models import User
from accounts.personal_data import seal, unseal
from accounts.services import RefusedError, record
from notifications.policy import Urgency
from notifications.services import Letter, tell
from sheets.models import Export, FileJob, FileState

logger = logging.getLogger(__name__)

MOST_TRIES = 3
MAKING_LEFT_AFTER = timedelta(seconds=90)
"""After this long without a sign a file is somebody else's to make; makers report at least as often."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a system says whose disk, or whose share of it, is full."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A file: what it is called, what is in it, how many rows of people or events (for the trail)."""

    name: str
    content: bytes
    rows: int


class Maker(Protocol):
    """What makes a kind of file."""

    @property
    def key(self) -> str:
        """What rows and the trail call it."""

    @property
    def verb(self) -> str:
        """Under what the trail has it: "reports.exported"."""

    def make(self, job: FileJob, *, now: datetime, progress: Progress) -> Made:
        """Return the file. Raises ``RefusedError`` in words for who ordered it; checks anew what they may see."""

    def may_have(self, job: FileJob, *, on: date) -> bool:
        """Say whether who ordered a file may still see on a day all that is in it: their post may have ended."""


_makers: dict[str, Maker] = {}


def register_maker(maker: Maker) -> None:
    """Make a kind of file known, once, when the app is ready."""
    _makers[maker.key] = maker


@transaction.atomic
def order_file(
    kind: str, *, title: str, area_code: str, options: Mapping[str, Any], keep_days: int, by: User, now: datetime
) -> FileJob:
    """Write down that somebody wants a file. Raises ``KeyError`` for a kind nobody makes."""
    maker = _makers[kind]
    job = FileJob.objects.create(
        kind=maker.key,
        area_code=area_code,
        title=title[:200],
        options=dict(options),
        keep_days=keep_days,
        by=by,
        at=now,
        touched_at=now,
    )
    _note("ordered", job, by=by, now=now)
    return job


def _note(verb: str, job: FileJob, *, by: User, now: datetime) -> None:
    detail = {"kind": job.kind, "file": str(job)} | dict(job.options)
    record(f"sheets.file_{verb}", by=by, at=now, about=job, area_code=job.area_code, detail=detail)


@transaction.atomic
def order_again(job: FileJob, *, by: User, now: datetime) -> FileJob:
    """Have a file made once more that failed or was let go of.

    Raises ``RefusedError`` where it is being made, or out of the sight of who ordered it.
    """
    locked = FileJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not may_have(locked, on=local(now).date()):
        raise RefusedError(out_of_sight())
    if locked.is_at_work:
        raise RefusedError(_("This file is being made already."))
    locked.state, locked.touched_at, locked.attempts, locked.message = FileState.WAITING, now, 0, ""
    locked.done, locked.total, locked.content, locked.expires_at = 0, 0, None, None
    locked.save()
    _note("ordered", locked, by=by, now=now)
    return locked


def make_file(pk: int, *, now: datetime) -> bool:
    """Make a file that waits to be made; return whether somebody is to be told. What waits for nothing is left."""
    job = _claim(pk, now=now)
    if job is None:
        return False

    def progress(done: int, total: int) -> None:
        FileJob.objects.filter(pk=pk, state=FileState.MAKING).update(done=done, total=total, touched_at=Now())

    with translation.override(job.by.language):
        try:
            made = _makers[job.kind].make(job, now=now, progress=progress)
        except RefusedError as error:
            return _settle(job, now=now, made=None, message=str(error))
        except Exception as error:
            if not _says_no_room(error):
                raise
            # Not tried again by itself: until somebody makes room it would only take what room is left.
            logger.exception("the disk is full: file %d could not be made", pk)
            return _settle(job, now=now, made=None, message=_no_room())
        return _settle(job, now=now, made=made, message="")


def _says_no_room(error: BaseException | None) -> bool:
    """Say whether a full disk is at the bottom of it: who writes workbooks raises errors of its own above that."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        error = error.__cause__ or error.__context__
    return False


def _no_room() -> str:
    return _("The server's disk is full. Tell the administrator, and order the file again when there is room.")


@transaction.atomic
def _claim(pk: int, *, now: datetime) -> FileJob | None:
    """Take a file in hand; ``None`` where another worker has it, or nobody makes it any longer."""
    job = FileJob.objects.select_for_update(of=("self",)).select_related("by").filter(pk=pk).first()
    if job is None or not job.is_at_work:
        return None
    if job.state == FileState.MAKING and now - job.touched_at < MAKING_LEFT_AFTER:
        return None
    job.attempts += 1
    is_hopeless = job.attempts > MOST_TRIES or job.kind not in _makers
    job.state = FileState.FAILED if is_hopeless else FileState.MAKING
    job.touched_at = now
    if is_hopeless:
        with translation.override(job.by.language):
            job.message = _("It was tried three times and did not come to an end. Order it again, or a shorter time.")
            tell([_letter(job)], now=now)
    job.save(update_fields=["attempts", "state", "touched_at", "message"])
    return None if is_hopeless else job


@transaction.atomic
def _settle(job: FileJob, *, now: datetime, made: Made | None, message: str) -> bool:
    """Keep what was made, enter it into the export register and the trail, tell who ordered it."""
    locked = FileJob.objects.select_for_update(of=("self",)).select_related("by").get(pk=job.pk)
    if locked.state != FileState.MAKING or locked.attempts != job.attempts:
        return False  # it took so long that somebody else took it up
    locked.message, locked.ready_at, locked.touched_at = message, now, now
    locked.state = FileState.FAILED if made is None else FileState.READY
    if made is not None:
        locked.file_name, locked.content, locked.size = made.name[:200], seal(made.content), len(made.content)
        locked.expires_at = now + timedelta(days=locked.keep_days)
        detail = {"kind": locked.kind, "rows": made.rows, "bytes": locked.size}
        Export.objects.create(
            kind=locked.kind, area_code=locked.area_code, rows=made.rows, is_whole=False, by=locked.by, at=now
        )
        verb = _makers[locked.kind].verb
        record(verb, by=locked.by, at=now, about=locked, area_code=locked.area_code, detail=detail)
    locked.save()
    tell([_letter(locked)], now=now)
    return True


def _letter(job: FileJob) -> Letter:
    is_ready = job.state == FileState.READY
    title = _("Ready: {file}") if is_ready else _("Could not be made: {file}")
    until = _("Kept until {day}, for you alone.").format(day=day(job.expires_at)) if job.expires_at else ""
    return Letter(
        key=f"file.{job.pk}.{job.state}.{job.touched_at.isoformat()}",
        recipient_id=job.by_id,
        kind="files.ready",
        urgency=Urgency.LOW,
        subject=f"file:{job.pk}",
        purpose="file",
        title=title.format(file=job),
        body=until if is_ready else job.message,
        public_text="",
        url=reverse("sheets:file", args=[job.pk]),
        area_code=job.area_code,
    )


def may_have(job: FileJob, *, on: date) -> bool:
    """Say whether who ordered a file may still have it: a post that ended takes its files along."""
    maker = _makers.get(job.kind)
    return maker is not None and maker.may_have(job, on=on)


def out_of_sight() -> str:
    """Return why somebody gets no file that they ordered themselves, in words for them."""
    return _("What is in this file is not yours to see any more: the post ended under which you ordered it.")


@transaction.atomic
def fetch_file(job: FileJob, *, by: User, now: datetime) -> bytes | None:
    """Return what is in a file, and write down that it left; ``None`` where it is not there, or no longer.

    Raises ``RefusedError`` where it is out of the sight of who ordered it.
    """
    if not may_have(job, on=local(now).date()):
        raise RefusedError(out_of_sight())
    if job.state != FileState.READY or job.content is None:
        return None
    _note("fetched", job, by=by, now=now)
    return unseal(job.content)


def files_left_lying(*, now: datetime) -> list[int]:
    """Return the files that a worker should make and that nobody has touched for a while."""
    return list(FileJob.objects.left_lying(now - MAKING_LEFT_AFTER).values_list("pk", flat=True)[:20])


def let_go_of_files(*, now: datetime) -> int:
    """Empty the files whose days are over; who ordered what, when, stays. Returns how many."""
    return FileJob.objects.past_their_time(now).update(state=FileState.EXPIRED, content=None, touched_at=now)
