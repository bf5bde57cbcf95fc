"""What the log holds: which request and which task wrote a line, and nothing about anybody."""

import json
import logging
import re
from collections.abc import Iterator
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, path

from accounts.clock import database_now
from accounts.tests.factories import UserFactory
from alerts.services import make_token
from alerts.tests.factories import SourceFactory
from antifraud import logs
from antifraud.celery import OurTask
from antifraud.celery import app as celery
from antifraud.environment import read_log_format
from antifraud.middleware import RequestLogMiddleware
from antifraud.testing.servers import wait_until
from antifraud.tests import test_doors
from antifraud.tests.test_doors import World, doors, try_door, world  # noqa: F401 - a fixture

NAME, PHONE, ID_NUMBER = "赵麒麟", "19900007799", "999999195001010012"
THEIRS = "proxy-made-0123456789abcdef"
MADE = re.compile(r"[0-9a-f]{32}")


class Log:
    """What was written since, as production writes it."""

    def __init__(self, stream: StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        """Return all of it."""
        return self.stream.getvalue()

    def lines(self, logger: str = "") -> list[dict[str, Any]]:
        """Return its lines; of one logger alone if it is named."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if not logger or line["logger"] == logger]

    def request(self) -> dict[str, Any]:
        """Return the one line of the one request."""
        (line,) = self.lines("antifraud.request")
        return line


@pytest.fixture
def log() -> Iterator[Log]:
    """The log, in the form that machines read, of every logger that there is."""
    settings = logs.log_settings("json")
    handler = logging.StreamHandler(stream := StringIO())
    handler.setFormatter(settings["formatters"]["line"]["()"]())
    loggers = [logging.getLogger(name) for name in ("", "django", "gunicorn.error")]
    for logger in loggers:
        logger.addHandler(handler)
    yield Log(stream)
    for logger in loggers:
        logger.removeHandler(handler)


@login_not_required
def falls(_request: Any, token: str) -> HttpResponse:
    raise IntegrityError(f"Key (phone)=({PHONE}) of {NAME} already exists")


@login_not_required
def falls_from(_request: Any, token: str) -> HttpResponse:
    try:
        int(NAME)
    except ValueError as error:
        raise RuntimeError(ID_NUMBER) from error


urlpatterns: list[URLPattern] = [
    *import_module("antifraud.urls").urlpatterns,
    path("falls/<slug:token>/", falls),
    path("falls/from/<slug:token>/", falls_from),
]


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_request_has_one_line_with_what_was_asked_what_was_answered_and_the_number_of_who_asked(client, log):
    user = UserFactory(name=NAME)
    client.force_login(user)
    answer = client.get("/inbox/", {"q": NAME})
    line = log.request()
    assert set(line) == {
        *("at", "level", "logger", "message", "process", "request_id", "method", "path", "status", "ms", "user")
    }
    assert (line["method"], line["status"], line["user"]) == ("GET", answer.status_code, user.pk)
    assert line["path"] == "/inbox/"
    assert line["ms"] >= 0
    assert MADE.fullmatch(line["request_id"])
    assert answer.headers["X-Request-ID"] == line["request_id"]
    assert line["at"].endswith("+00:00")


@pytest.mark.django_db
def test_an_id_that_the_proxy_gave_is_kept(client, log):
    answer = client.get("/accounts/login/", headers={"X-Request-ID": THEIRS})
    assert answer.headers["X-Request-ID"] == log.request()["request_id"] == THEIRS
    assert "user" not in log.request()


@pytest.mark.parametrize("given", ["", PHONE, ID_NUMBER, "a" * 65, "x" * 20 + "\n", NAME * 7, 'a"b' * 8, "a b" * 10])
def test_an_id_that_is_none_is_made_anew(given):
    assert MADE.fullmatch(logs.request_id_of(given))


@pytest.mark.django_db
def test_nothing_is_written_of_files_of_the_look_and_of_health_and_of_what_does_not_exist_but_that(client, log):
    client.get("/static/css/look.css")
    assert client.get("/healthz").status_code == 503
    assert log.lines("antifraud.request") == []
    client.get(f"/{NAME}/?q={PHONE}")
    assert log.request()["path"] == logs.NO_PAGE


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("/inform/secret-token/", "/inform/…/"),
        ("/outreach/feed/secret-token.ics", "/outreach/feed/….ics"),
        ("/hooks/bank/secret-token/", "/hooks/bank/…/"),
        ("/imports/roster/template/", "/imports/roster/template/"),
        ("/alerts/12/", "/alerts/12/"),
        ("/admin/accounts/user/secret/change/", "/admin/accounts/user/…/change/"),
        ("/no/such/page/", logs.NO_PAGE),
    ],
)
def test_a_path_is_its_route_with_numbers_and_kinds_and_without_what_opens_doors(asked, written):
    assert logs.path_of(RequestFactory().get(asked)) == written


def test_every_text_that_stands_in_an_address_of_ours_was_judged():
    texts = {
        (part["converter"], part["name"])
        for door in doors()
        for part in logs.PART.finditer(door.route)
        if part["converter"] not in logs.NUMBERS
    }
    kept = {name for _converter, name in texts if name in logs.WORDS}
    assert kept == {"kind", "source"}


def test_people_read_one_line_and_machines_another():
    record = logging.makeLogRecord({"name": "here", "levelno": 20, "levelname": "INFO", "msg": "said\ntwice", "ms": 12})
    with logs.written_by(request_id=THEIRS, task="clock"):
        assert logs.PlainLine().format(record) == f"INFO here: said twice (request_id={THEIRS} task=clock ms=12)"
        assert json.loads(logs.JsonLine().format(record))["task"] == "clock"
        assert "\n" not in logs.JsonLine().format(record)
    assert "task" not in json.loads(logs.JsonLine().format(record))


def test_who_wishes_gets_a_form_and_a_terminal_gets_the_one_for_people():
    assert read_log_format({}, is_terminal=False) == "json"
    assert read_log_format({}, is_terminal=True) == "plain"
    assert read_log_format({"LOG_FORMAT": "JSON"}, is_terminal=True) == "json"
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT"):
        read_log_format({"LOG_FORMAT": "xml"}, is_terminal=True)


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("where", ["falls", "falls/from"])
def test_an_error_is_written_by_its_kinds_and_places_and_not_by_its_words(log, where):
    client = Client(raise_request_exception=False)
    answer = client.post(f"/{where}/{ID_NUMBER}/?phone={PHONE}", {"name": NAME, "phone": PHONE})
    assert answer.status_code == 500
    (line,) = log.lines("django.request")
    assert line["message"] == f"500 /{where}/…/"
    assert line["request_id"] == answer.headers["X-Request-ID"] == log.request()["request_id"]
    assert line["error"] == line["trace"][-1]
    assert any(place.endswith(("falls", "falls_from")) for place in line["trace"])
    assert ("ValueError" in line["trace"]) == (where == "falls/from")
    assert not [word for word in (NAME, PHONE, ID_NUMBER, "phone=") if word in log.text]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OperationalError("refused\n at 5432"),
            "django.db.utils.OperationalError: refused at 5432",
        ),
        (FileNotFoundError(2, "No such file", f"/data/{NAME}.jpg"), "FileNotFoundError: No such file"),
        (IntegrityError(PHONE), "django.db.utils.IntegrityError"),
        (KeyError(NAME), "KeyError"),
    ],
)
def test_only_a_machine_that_does_not_answer_is_quoted(log, error, words):
    logging.getLogger("here").warning("it failed: %s", error)
    logging.getLogger("here").error(error)
    assert [line["message"] for line in log.lines()] == [f"it failed: {words}", words]


def test_gunicorn_and_django_say_what_happened_and_not_to_whom(log):
    line, host = f"Invalid request from ip=10.0.0.7: '/{PHONE}'", f"Invalid HTTP_HOST header: {NAME}"
    logging.getLogger("gunicorn.error").error("Error handling request %s %s", "GET", f"/residents/?q={PHONE}")
    logging.getLogger("gunicorn.error").error(line)
    request = RequestFactory().post(f"/inform/{ID_NUMBER}/?name={NAME}")
    reason = f"Referer checking failed - https://here/inform/{ID_NUMBER}/ does not match any trusted origins."
    extra = {"status_code": 403, "request": request}
    logging.getLogger("django.security.csrf").warning("Forbidden (%s): %s", reason, request.path, extra=extra)
    logging.getLogger("django.security.DisallowedHost").error(host, extra=extra)
    assert [line["message"] for line in log.lines()] == [
        "Error handling request",
        "Invalid request",
        "403 /inform/…/ Referer checking failed",
        "403 /inform/…/ this host is not in ALLOWED_HOSTS",
    ]


# ── tasks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@celery.task(name="antifraud.tests.says")
def says(word: str) -> None:
    logging.getLogger("antifraud.tests").info("it said something")
    if word:
        raise ValueError(word)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker of Celery in a thread of its own. As it starts it sets the log up anew: ask for it before the log."""
    with start_worker(celery, pool="solo", perform_ping_check=False, queues=["default"]):
        yield


def test_what_a_request_began_tells_which_request_it_was(worker, log):
    def answer(_request: Any) -> HttpResponse:
        says.apply_async(("",), queue="default")
        says.apply_async((PHONE,), queue="default")
        return HttpResponse()

    says.apply_async(("",), queue="default")
    response = RequestLogMiddleware(answer)(RequestFactory().get("/accounts/login/", headers={"X-Request-ID": THEIRS}))
    assert response.headers["X-Request-ID"] == THEIRS
    wait_until(lambda: len(log.lines("antifraud.tests")) == 3 and log.lines("celery.app.trace"), what="the worker")
    assert [line.get("request_id") for line in log.lines("antifraud.tests")] == [None, THEIRS, THEIRS]
    assert {line["task"] for line in log.lines("antifraud.tests")} == {says.name}
    # The clock's own have no line each: two a second would fill the log.
    done = log.lines("antifraud.task")
    assert [(line["request_id"], line["task"]) for line in done] == [(THEIRS, says.name)] * 2
    (failed,) = log.lines("celery.app.trace")
    assert failed["message"] == f"task {says.name} raised unexpected"
    assert failed["error"] == "ValueError"
    assert PHONE not in log.text


def test_every_task_of_the_program_tells_it():
    celery.loader.import_default_modules()
    ours = {name: task for name, task in celery.tasks.items() if not name.startswith("celery.")}
    assert len(ours) > 20
    assert all(isinstance(task, OurTask) for task in ours.values())


# ── nobody ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_and_no_press_writes_anybody_into_the_log(world: World, log: Log, method: str) -> None:  # noqa: F811
    client = Client(raise_request_exception=False, headers={"Referer": f"http://testserver/?q={PHONE}"})
    client.force_login(world.administrator)
    typed = {"q": NAME, "name": NAME, "phone": PHONE, "id_number": ID_NUMBER, "number": PHONE, "external_id": PHONE}
    knocked = 0
    # Pages about nothing in particular are asked, and everything is pressed.
    for door in (door for door in doors() if method == "post" or not door.arguments):
        address = f"{world.path(door)}?name={NAME}&phone={PHONE}"
        knocked += not isinstance(try_door(client, method, address, typed), str)
    token = make_token(SourceFactory(), by=None, now=database_now())[1]
    for body in ({"name": NAME, "phone": PHONE}, [PHONE], {"alerts": [{"name": NAME, "id_number": ID_NUMBER}]}):
        for where in ("alerts", "alerts/batch"):
            client.post(f"/api/v1/{where}", body, "application/json", headers={"Authorization": f"Bearer {token}"})
    assert len(log.lines("antifraud.request")) > 0.9 * knocked > 70
    secrets = {NAME, PHONE, ID_NUMBER, token, world.informant_key, *test_doors.SECRETS}
    assert not [secret for secret in secrets if secret in log.text]
