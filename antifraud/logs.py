"""What a line of the log holds: which request or task wrote it, and nothing about a person.

A line is made of what is named here, never of whatever hangs on a record. A path is written as its route: what stands
in an address for people or tokens is left out. An error is written as its kinds and places; its words are kept only
where they are of a machine that does not answer, for the words of any other may quote what somebody typed
(docs/decisions/a-log-line-holds-what-is-named.md).
"""

import json
import logging
import re
import traceback
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
TASK: ContextVar[str] = ContextVar("task", default="")

HEADER = "X-Request-ID"
# Shorter ones could be a phone or an ID number that a caller put there; proxies send 32 or 36 characters.
SANE = re.compile(r"[A-Za-z0-9_-]{20,64}", re.ASCII)

FACTS = ("method", "path", "status", "ms", "user")
"""What a line may say beside its message: put there by ``extra``."""

OF_MACHINES = {
    "alerts.channels.MailboxError",
    "celery.beat.SchedulingError",
    "django.db.utils.OperationalError",
    "httpx.ConnectError",
    "httpx.ConnectTimeout",
    "httpx.ReadTimeout",
    "kombu.exceptions.OperationalError",
    "redis.exceptions.ConnectionError",
    "redis.exceptions.TimeoutError",
}
"""Errors whose words are of a machine that does not answer, and quote nothing that anybody typed."""

PART = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
NUMBERS = {"int", "code"}
WORDS = {"kind", "source"}
"""What stands in an address and is ours to say: numbers of rows, codes of areas, kinds of files, names of sources."""

OF_A_REQUEST = re.compile("Error handling request|Invalid request")
"""How gunicorn begins a line that goes on with the address that was asked for, or with what came instead of one."""

NO_PAGE = "(no such page)"
HIDDEN = "…"
LONGEST_TRACE = 40


# ── who writes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def request_id_of(given: str) -> str:
    """Return the id that a caller gave its request, or a new one where it gave none that is sane."""
    return given if SANE.fullmatch(given) else uuid.uuid4().hex


@contextmanager
def written_by(*, request_id: str, task: str = "") -> Iterator[None]:
    """Have every line of this thread tell which request, and which task, it was written for."""
    before = REQUEST_ID.set(request_id), TASK.set(task)
    try:
        yield
    finally:
        REQUEST_ID.reset(before[0])
        TASK.reset(before[1])


# ── what may be said ────────────────────────────────────────────────────────────────────────────────────────────────


def path_of(request: HttpRequest) -> str:
    """Return where a request went, as its route: ``/inform/…/``, ``/alerts/12/``. What no route knows is left out."""
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return NO_PAGE
    return "/" + PART.sub(lambda part: _said_of(part, match), match.route)


def _said_of(part: re.Match[str], match: ResolverMatch) -> str:
    is_ours = part["converter"] in NUMBERS or part["name"] in WORDS
    return str(match.kwargs.get(part["name"], HIDDEN)) if is_ours else HIDDEN


def words_of(error: BaseException) -> str:
    """Return an error's kind, with its words where these are of a machine."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    if any(f"{one.__module__}.{one.__qualname__}" in OF_MACHINES for one in kind.__mro__):
        return f"{name}: {' '.join(str(error).split())}"
    return name


def trace_of(error: BaseException) -> list[str]:
    """Return where an error came from, the outermost call first, and what it was raised from before it."""
    lines: list[str] = []
    seen: set[int] = set()
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    for link in reversed(chain):
        frames = traceback.extract_tb(link.__traceback__)
        lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append(words_of(link))
    return lines[-LONGEST_TRACE:]


def message_of(record: logging.LogRecord) -> str:
    """Return what a record says, without what may be about a person."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        return _message_of_django(record, request)
    if record.name == "celery.app.trace" and isinstance(about := getattr(record, "data", None), dict):
        return f"task {about.get('name')} {about.get('description')}"
    if record.name == "gunicorn.error" and (about := OF_A_REQUEST.match(str(record.msg))):
        return about[0]
    if isinstance(record.args, Mapping):
        return str(record.msg) % {name: _in_words(arg) for name, arg in record.args.items()}
    args = tuple(_in_words(arg) for arg in record.args or ())
    return str(record.msg) % args if args else str(_in_words(record.msg))


def _in_words(part: object) -> Any:
    return words_of(part) if isinstance(part, BaseException) else part


def _message_of_django(record: logging.LogRecord, request: HttpRequest) -> str:
    """Django writes the path as it was asked for, and the address that somebody came from."""
    said = [str(getattr(record, "status_code", "")), path_of(request)]
    if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
        said.append(str(record.args[0]).split(" - ", 1)[0])
    if record.name == "django.security.DisallowedHost":
        said.append("this host is not in ALLOWED_HOSTS")
    return " ".join(filter(None, said))


# ── how it is written ───────────────────────────────────────────────────────────────────────────────────────────────


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return which request or task a record is of, and what it says beside its message."""
    facts: dict[str, Any] = {"request_id": REQUEST_ID.get(), "task": TASK.get()}
    facts |= {name: getattr(record, name, None) for name in FACTS}
    return {name: value for name, value in facts.items() if value not in {None, ""}}


def error_of(record: logging.LogRecord) -> BaseException | None:
    """Return the error that a record tells of."""
    return record.exc_info[1] if record.exc_info else None


class JsonLine(logging.Formatter):
    """One JSON object a line, for whoever collects them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            "process": record.process,
            **facts_of(record),
        }
        if (error := error_of(record)) is not None:
            line |= {"error": words_of(error), "trace": trace_of(error)}
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLine(logging.Formatter):
    """One line to read, with the trace of an error under it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        about = " ".join(f"{name}={value}" for name, value in facts_of(record).items())
        message = message_of(record).replace("\n", " ")
        line = f"{record.levelname} {record.name}: {message}" + (f" ({about})" if about else "")
        error = error_of(record)
        return "\n    ".join([line, *(trace_of(error) if error is not None else ())])


FORMATS = {"json": JsonLine, "plain": PlainLine}


def log_settings(form: str) -> dict[str, Any]:
    """Return Python's settings of the log in a form of ``FORMATS``: lines to the error stream."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[form]}},
        # Whoever asks /healthz reads the answer; a 503 while everything starts is no error of a request.
        "filters": {
            "not_healthz": {"()": "django.utils.log.CallbackFilter", "callback": is_no_question_of_health},
            "one_line_a_minute": {"()": "antifraud.celery.OneLineAMinute"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["not_healthz"]}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
            # Of what was refused or not found the request's own line tells.
            "django.request": {"level": "ERROR"},
            # Celery says twice for each task that it came and went: two lines a second, about nothing.
            "celery": {"level": "WARNING"},
            "celery.beat": {"filters": ["one_line_a_minute"]},
            "httpx": {"level": "WARNING"},
            "environ": {"level": "WARNING"},
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
        },
    }


def is_no_question_of_health(record: logging.LogRecord) -> bool:
    """Return whether a record is about something else than ``/healthz``."""
    return getattr(getattr(record, "request", None), "path", "") != "/healthz"
