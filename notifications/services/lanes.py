"""Threads that wait for the outside world, so that nobody else has to.

Every channel has a lane of its own in each process: a few threads that do nothing but send. Jobs
of a channel that hangs fill that channel's lane and no other; whoever submitted them waits a
moment, takes back what has not begun, and leaves the rest behind. The threads never touch the
database, and they are daemons: a hanging channel does not keep a process from ending.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar

from notifications.policy import Kind

Answer = TypeVar("Answer")

# A gateway takes one text message a request, and many at once. A robot takes one post at a time;
# a mail server one connection for many mails.
THREADS = {Kind.SMS.value: 16, Kind.EMAIL.value: 2}


class Lane(Generic[Answer]):
    """The threads of one channel in this process."""

    def __init__(self, threads: int) -> None:
        """Open a lane of at most so many threads; each is started when it is first needed."""
        self._threads = threads
        self._started = 0
        self._unfinished = 0
        self._guard = threading.Lock()
        self._jobs: SimpleQueue[tuple[Future[Answer], Callable[[], Answer]]] = SimpleQueue()

    def room(self, most: int) -> int:
        """Return how many jobs it takes: many while it is idle, as many as it has idle threads while it works."""
        with self._guard:
            return most if self._unfinished == 0 else min(most, max(0, self._threads - self._unfinished))

    def submit(self, deed: Callable[[], Answer]) -> Future[Answer]:
        """Have a thread do it."""
        job: Future[Answer] = Future()
        with self._guard:
            self._unfinished += 1
            is_thread_needed = self._started < min(self._threads, self._unfinished)
            self._started += is_thread_needed
        self._jobs.put((job, deed))
        if is_thread_needed:
            threading.Thread(target=self._work, name="outbox", daemon=True).start()
        return job

    def take_back(self, job: Future[Answer]) -> bool:
        """Return whether a job had not begun; then it never will."""
        was_waiting = job.cancel()
        if was_waiting:
            self._count_finished()
        return was_waiting

    def _count_finished(self) -> None:
        with self._guard:
            self._unfinished -= 1

    def _work(self) -> None:
        while True:
            job, deed = self._jobs.get()
            if not job.set_running_or_notify_cancel():
                continue
            try:
                answer = deed()
            except Exception as error:  # noqa: BLE001 - a thread that dies would take its lane with it
                self._count_finished()
                job.set_exception(error)
            else:
                # Counted before it is known: who sees the answer finds the room.
                self._count_finished()
                job.set_result(answer)


class Lanes(Generic[Answer]):
    """The lanes of all channels in this process, opened as they are needed."""

    def __init__(self) -> None:
        """Start without any."""
        self._guard = threading.Lock()
        self._lanes: dict[int, Lane[Answer]] = {}

    def of(self, channel_id: int, kind: str) -> Lane[Answer]:
        """Return the lane of a channel."""
        with self._guard:
            return self._lanes.setdefault(channel_id, Lane(THREADS.get(kind, 1)))
