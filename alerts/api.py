"""The way in for other systems: alerts over HTTP, one at a time or up to 500 at once.

Every answer is JSON, in the language of ``Accept-Language``, and every refusal has one shape: ``{"errors": [{"field",
"code", "message"}]}``. A place, a type or a person that nobody knows is no reason to refuse an alert: somebody is about
to lose money (escalation.md, "Intake"). What cannot be understood at all is refused field by field.
"""

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, NoReturn, cast

from django.contrib.auth.decorators import login_not_required
from django.db.utils import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from pydantic_core import from_json

from accounts.clock import database_now
from alerts import services
from alerts.models import Source
from alerts.policy import Level, Objective, State
from alerts.reading import AlertIn, check
from alerts.reading import Fault as Found
from alerts.services import Receipt, Result
from notifications.tasks import wake_outbox

logger = logging.getLogger(__name__)

MOST = 500
"""Alerts in one batch."""

MEBIBYTE = 1024 * 1024
LARGEST_BODY, LARGEST_BATCH = 1 * MEBIBYTE, 5 * MEBIBYTE

CONFLICT = Found("external_id", "conflict")

# ── what comes in ───────────────────────────────────────────────────────────────────────────────────────────────────


class BatchIn(BaseModel):
    """Up to 500 alerts. Each is answered for by itself."""

    alerts: list[AlertIn] = Field(max_length=MOST)


# ── what goes out ───────────────────────────────────────────────────────────────────────────────────────────────────


class Fault(BaseModel):
    """What is wrong with one field, or with the whole request where ``field`` is empty."""

    field: str
    code: str
    message: str


class Refusal(BaseModel):
    """Why something was refused."""

    errors: list[Fault]


class DueOut(BaseModel):
    """When each objective is due."""

    dispatch: datetime | None = Field(description=gettext_noop("The alert reaches its grid."))
    respond: datetime | None = Field(
        description=gettext_noop("The resident is reached; counted from the dispatch, so null before it.")
    )


class AlertOut(BaseModel):
    """What became of a message."""

    id: int
    external_id: str
    state: State
    level: Level
    joined: bool = Field(description=gettext_noop("It was added to an open alert about the same person."))
    unplaced: bool = Field(description=gettext_noop("No grid is known: the desk chooses one."))
    received_at: datetime
    due: DueOut
    respond_within_seconds: int = Field(description=gettext_noop("How long the grid has, from the dispatch."))


class AnswerOut(BaseModel):
    """The answer for one alert of a batch: what it would have been answered alone."""

    external_id: str | None
    status: int
    alert: AlertOut | None = None
    errors: list[Fault] | None = None


class AnswersOut(BaseModel):
    """The answers of a batch, in the order in which the alerts were sent."""

    results: list[AnswerOut]


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────


class RefusedError(Exception):
    """A request that is answered with a refusal."""

    def __init__(
        self, status: HTTPStatus, errors: Sequence[dict[str, str]], *, found: Sequence[Found] = (), **headers: str
    ) -> None:
        super().__init__(status)
        self.status, self.errors = status, errors
        self.found = found  # what of it is worth keeping the body for
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @classmethod
    def whole(
        cls, status: HTTPStatus, code: str, message: str, *, found: Found | None = None, **headers: str
    ) -> "RefusedError":
        """Return a refusal of the whole request rather than of a field."""
        errors = [{"field": "", "code": code, "message": message}]
        return cls(status, errors, found=[found] if found is not None else [], **headers)

    @classmethod
    def of_fields(cls, found: Sequence[Found]) -> "RefusedError":
        """Return a refusal that names each field that is wrong."""
        return cls(HTTPStatus.UNPROCESSABLE_ENTITY, _said(found), found=found)


def _said(found: Iterable[Found]) -> list[dict[str, str]]:
    """Return what is wrong as a sender is told it, in the active language."""
    return [{"field": fault.field, "code": fault.code, "message": fault.words} for fault in found]


class IntakeAPI(NinjaAPI):
    """The API with its texts in the reader's language, and the shapes of its bodies, which we read ourselves."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI document in the active language."""
        schema = super().get_openapi_schema(**options)
        _refs, bodies = models_json_schema(
            [(AlertIn, "validation"), (BatchIn, "validation")], ref_template="#/components/schemas/{model}"
        )
        schema["components"]["schemas"].update(bodies["$defs"])
        _translate(schema)
        return schema


def _translate(node: Any) -> None:
    if isinstance(node, dict):
        for key in ("description", "summary"):
            if isinstance(node.get(key), str) and node[key]:
                node[key] = gettext(node[key])
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _translate(child)


class Readable(JSONRenderer):
    """JSON whose Chinese a person can read."""

    json_dumps_params = {"ensure_ascii": False}


class BearerToken(HttpBearer):
    """A source's token, made in the administration."""

    def authenticate(self, request: HttpRequest, token: str) -> Source:
        """Return the source whose token it is."""
        source = services.token_owner(token)
        if source is None:
            raise RefusedError.whole(
                HTTPStatus.UNAUTHORIZED,
                "token",
                gettext("This token is unknown or was revoked."),
                WWW_Authenticate='Bearer error="invalid_token"',
            )
        return source


api = IntakeAPI(
    title="Alert intake",
    version="1.0",
    description=gettext_noop(
        "Send warning alerts. Make a token for your source in the administration and send it as a bearer token."
    ),
    urls_namespace="intake",
    auth=BearerToken(),
    renderer=Readable(),
    # Without this the page would ask a host outside whether the document is valid.
    docs=Swagger(settings={"validatorUrl": None}),
)

REFUSALS = dict.fromkeys((400, 401, 405, 413, 415, 422, 503), Refusal)


def _body_of(name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"requestBody": {"required": True, "content": content}}


@api.post(
    "/alerts",
    response={201: AlertOut, 200: AlertOut, 409: Refusal, **REFUSALS},
    summary=gettext_noop("Send an alert"),
    description=gettext_noop(
        "201: the alert began, or joined an open one about the same person. 200: this message was received before."
    ),
    openapi_extra=_body_of("AlertIn"),
)
def receive_alert(request: HttpRequest) -> HttpResponse:
    """Take one alert in."""
    now = database_now()
    message = check(_json(request, largest=LARGEST_BODY), now=now)
    if isinstance(message, list):
        raise RefusedError.of_fields(message)
    answer = _take_in(request, [message], now=now)[0]
    if answer["status"] == HTTPStatus.CONFLICT:
        _keep(request, [(request.received, [CONFLICT])], now=now)  # type: ignore[attr-defined]  # _json left it there
    status = answer.pop("status")
    return api.create_response(request, answer.get("alert", answer), status=status)


@api.post(
    "/alerts/batch",
    response={200: AnswersOut, **REFUSALS},
    summary=gettext_noop("Send up to 500 alerts"),
    description=gettext_noop("Each alert is answered separately: one that is refused does not hold up the others."),
    openapi_extra=_body_of("BatchIn"),
)
def receive_batch(request: HttpRequest) -> HttpResponse:
    """Take several alerts in."""
    now = database_now()
    bodies = _entries(_json(request, largest=LARGEST_BATCH))
    answers: list[dict[str, Any] | None] = []
    messages: list[AlertIn] = []
    refused: list[tuple[bytes, Sequence[Found]]] = []
    for body in bodies:
        message = check(body, now=now)
        if isinstance(message, AlertIn):
            messages.append(message)
            answers.append(None)
            continue
        said = body.get("external_id") if isinstance(body, dict) else None
        number = said if isinstance(said, str) else None
        answers.append({"external_id": number, "status": HTTPStatus.UNPROCESSABLE_ENTITY, "errors": _said(message)})
        refused.append((as_sent(body), message))
    taken = iter(_take_in(request, messages, now=now) if messages else ())
    results = []
    for answer, body in zip(answers, bodies, strict=True):
        result = answer or {"external_id": body["external_id"].strip(), **next(taken)}
        if result["status"] == HTTPStatus.CONFLICT:
            refused.append((as_sent(body), [CONFLICT]))
        results.append(result)
    _keep(request, refused, now=now)
    return api.create_response(request, {"results": results}, status=HTTPStatus.OK)


OTHERS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]


@api.api_operation(OTHERS, "/alerts", auth=None, include_in_schema=False)
@api.api_operation(OTHERS, "/alerts/batch", auth=None, include_in_schema=False)
def refuse_method(request: HttpRequest) -> NoReturn:
    """Say which method there is."""
    raise RefusedError.whole(
        HTTPStatus.METHOD_NOT_ALLOWED, "method", gettext("This address accepts only POST."), Allow="POST"
    )


@api.api_operation(["POST", *OTHERS], "/{path:rest}", auth=None, include_in_schema=False)
def refuse_address(request: HttpRequest, rest: str) -> NoReturn:
    """Say that there is nothing here."""
    raise RefusedError.whole(HTTPStatus.NOT_FOUND, "address", gettext("There is nothing at this address."))


def _json(request: HttpRequest, *, largest: int) -> Any:
    """Return the body. It is read by us because Django's own bound is one for all pages.

    Parsed by pydantic's strict reader: what is no UTF-8, or half a character, never reaches the database. The bytes are
    left on the request: what is refused is kept.
    """
    body = request.read(largest + 1)
    request.received, request.largest = body, largest  # type: ignore[attr-defined]  # for _keep
    if request.content_type != "application/json":
        raise RefusedError.whole(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "content_type",
            gettext("Send JSON, as Content-Type: application/json."),
            found=Found("", "content_type", {"said": str(request.content_type)[:80]}),
        )
    if len(body) > largest:
        raise RefusedError.whole(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            gettext("The body is larger than {number} MB.").format(number=largest // MEBIBYTE),
            found=Found("", "too_large", {"number": largest // MEBIBYTE}),
        )
    try:
        return from_json(body, allow_inf_nan=True)
    except ValueError as error:
        raise RefusedError.whole(
            HTTPStatus.BAD_REQUEST,
            "json",
            gettext("The body is not JSON: {error}").format(error=error),
            found=Found("", "json", {"error": str(error)[:200]}),
        ) from error


def _entries(body: Any) -> list[Any]:
    """Return the alerts of a batch, not yet checked."""
    wrong = _what_is_wrong_with(body)
    if wrong is not None:
        field, kind = wrong
        raise RefusedError.of_fields([Found(field, kind, {"max_length": MOST})])
    entries: list[Any] = body["alerts"]
    return entries


def _what_is_wrong_with(body: Any) -> tuple[str, str] | None:
    if not isinstance(body, dict):
        return "", "model_type"
    if "alerts" not in body:
        return "alerts", "missing"
    if not isinstance(body["alerts"], list):
        return "alerts", "list_type"
    return ("alerts", "too_long") if len(body["alerts"]) > MOST else None


def _take_in(request: HttpRequest, messages: Sequence[AlertIn], *, now: datetime) -> list[dict[str, Any]]:
    """Hand the messages on, and answer for each.

    The engine is not woken: nothing of a new alert is due before minutes. One that joins may have told its holder, and
    the outbox is rung for that; a broker that is away is logged and nothing else.
    """
    source: Source = request.auth  # type: ignore[attr-defined]  # what BearerToken returned
    receipts = services.receive(source, [services.incoming_of(message) for message in messages], now=now)
    if any(receipt.result is Result.JOINED for receipt in receipts):
        wake_outbox()
    return [_answer(receipt) for receipt in receipts]


def _answer(receipt: Receipt) -> dict[str, Any]:
    alert, terms = receipt.alert, receipt.terms
    if alert is None or terms is None:
        return {"status": HTTPStatus.CONFLICT, "errors": _said([CONFLICT])}
    return {
        "status": HTTPStatus.OK if receipt.result is Result.SAME else HTTPStatus.CREATED,
        "alert": {
            "id": alert.pk,
            "external_id": receipt.external_id,
            "state": alert.state,
            "level": alert.level,
            "joined": receipt.joined,
            "unplaced": alert.is_unplaced,
            "received_at": alert.received_at,
            "due": {objective: terms.due_at.get(objective) for objective in Objective},
            "respond_within_seconds": round(terms.respond_within.total_seconds()),
        },
    }


def _refuse(request: HttpRequest, error: RefusedError) -> HttpResponse:
    response = api.create_response(request, {"errors": error.errors}, status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


def _keep(
    request: HttpRequest, refused: Sequence[tuple[bytes, Sequence[Found]]], *, now: datetime | None = None
) -> None:
    """Keep what is refused, each body with what is wrong with it, so that a person reads it and it can be tried again.

    What was taken in is not kept twice: the alert holds it (docs/decisions/what-is-kept-of-messages.md).
    """
    source = getattr(request, "auth", None)
    limit = getattr(request, "largest", LARGEST_BODY)
    if not isinstance(source, Source):
        return
    try:
        for body, found in refused:
            services.keep_refused(source, body, found, now=now or database_now(), limit=limit)
    except (DatabaseError, InterfaceError):
        # Its sender is told of the refusal all the same, and still has what it sent.
        logger.exception("what an intake refused could not be kept")


def as_sent(entry: Any) -> bytes:
    """Return one alert of a batch as its sender would have sent it alone."""
    return json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")


@api.exception_handler(RefusedError)
def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    if error.found:
        body = request.received  # type: ignore[attr-defined]  # whatever is worth keeping was read by _json
        _keep(request, [(body, error.found)])
    return _refuse(request, error)


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = gettext("Send a token, as Authorization: Bearer …")
    return _refuse(
        request,
        RefusedError.whole(HTTPStatus.UNAUTHORIZED, "no_token", message, WWW_Authenticate="Bearer"),
    )


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """Ask the sender to come again: nothing was stored."""
    logger.error("an intake found the database away", exc_info=error)
    message = gettext("The database does not answer. Nothing was stored: send it again.")
    return _refuse(request, RefusedError.whole(HTTPStatus.SERVICE_UNAVAILABLE, "database", message, Retry_After="2"))


@api.exception_handler(Exception)
def _defect(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer as JSON even for what should never happen; the log has the whole of it."""
    logger.error("an intake raised", exc_info=error)
    if (body := getattr(request, "received", None)) is not None:
        _keep(request, [(body, [Found("", "defect")])])
    message = gettext("The program failed at this request. Nothing was stored.")
    return _refuse(request, RefusedError.whole(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", message))


urls = api.urls
for _pattern in urls[0]:
    # Tokens stand in for the log-in; the description of the API holds nothing that is secret.
    login_not_required(cast("Callable[..., HttpResponse]", _pattern.callback))
