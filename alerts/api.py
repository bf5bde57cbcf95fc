"""The way in for other systems: alerts over HTTP, one at a time or up to 500 at once.

Every answer is JSON, in the language of ``Accept-Language``, and every refusal has one shape: ``{"errors": [{"field",
"code", "message"}]}``. A place, a type or a person that nobody knows is no reason to refuse an alert: somebody is about
to lose money (escalation.md, "Intake"). What cannot be understood at all is refused field by field.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Literal, NoReturn, cast

from django.contrib.auth.decorators import login_not_required
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, ValidationInfo
from pydantic.json_schema import models_json_schema
from pydantic_core import ErrorDetails, PydanticCustomError, from_json

from accounts.clock import LOCAL_TZ, database_now
from accounts.personal_data import bare_phone
from alerts import services
from alerts.models import Source
from alerts.policy import Level, Objective, State
from alerts.services import Incoming, Receipt, Result
from notifications.tasks import wake_outbox

logger = logging.getLogger(__name__)

MOST = 500
"""Alerts in one batch."""

MEBIBYTE = 1024 * 1024
LARGEST_BODY, LARGEST_BATCH = 1 * MEBIBYTE, 5 * MEBIBYTE

CLOCK_SKEW = timedelta(hours=1)
"""How far ahead of ours a source's clock may run before its time is taken for a mistake."""

PHONE = re.compile(r"\+?[0-9]{5,20}")

# ── what comes in ───────────────────────────────────────────────────────────────────────────────────────────────────


def _text(value: object) -> object:
    """Take ``null`` for no text, and refuse what PostgreSQL cannot store."""
    if value is None:
        return ""
    if isinstance(value, str) and "\0" in value:
        raise PydanticCustomError("nul", "")
    return value.strip() if isinstance(value, str) else value


def _phone(text: str) -> str:
    bare = bare_phone(text)
    if bare and not PHONE.fullmatch(bare):
        raise PydanticCustomError("phone", "")
    return bare


def _number(value: object) -> object:
    """Take ``null`` and "" for no amount; JSON's ``true`` is no 1 here."""
    if isinstance(value, bool):
        raise PydanticCustomError("decimal_type", "")
    return None if value == "" else value


def _time(value: object, info: ValidationInfo) -> datetime | None:
    """Read ISO 8601; a time without a zone is the office's own."""
    if value is None or value == "":
        return None
    try:
        at = datetime.fromisoformat(value.strip().upper()) if isinstance(value, str) else None
        if at is None:
            raise PydanticCustomError("time", "")
        at = (at if at.tzinfo else at.replace(tzinfo=LOCAL_TZ)).astimezone(LOCAL_TZ)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("time", "") from error
    if info.context is not None and at > info.context["now"] + CLOCK_SKEW:
        raise PydanticCustomError("future", "")
    return at


Text = Annotated[str, BeforeValidator(_text)]
Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
Amount = Annotated[Money | None, BeforeValidator(_number)]


class SubjectIn(BaseModel):
    """Whom the alert is about, as far as the source knows."""

    name: Text = Field(default="", max_length=60, examples=["王秀英"])
    phone: Annotated[Text, AfterValidator(_phone)] = Field(
        default="",
        max_length=40,
        description=gettext_noop("5 to 20 digits, with + for a country code; spaces and dashes are taken out."),
        examples=["19900000017"],
    )
    address: Text = Field(default="", max_length=200, examples=["幸福社区3号楼2单元401"])


class AlertIn(BaseModel):
    """One alert as a source sends it. Fields that are not listed here are ignored."""

    external_id: Text = Field(
        min_length=1,
        max_length=100,
        description=gettext_noop("The source's own number. Sent again with the same body, it is the same alert."),
        examples=["PG-2026-000017"],
    )
    level: Literal["high", "medium", "low"]
    fraud_type: Text = Field(
        default="",
        max_length=80,
        description=gettext_noop("The code of a type; an unknown type is kept as sent."),
        examples=["fake_investment"],
    )
    subject: Annotated[SubjectIn, BeforeValidator(lambda value: {} if value is None else value)] = SubjectIn()
    area_code: Text = Field(
        default="",
        max_length=64,
        description=gettext_noop("The code of an area of any level. One that is unknown leaves the alert unplaced."),
        examples=["310999001001"],
    )
    description: Text = Field(default="", max_length=4000)
    amount_at_risk: Amount = Field(default=None, description=gettext_noop("In yuan."), examples=["50000.00"])
    warned_at: Annotated[datetime | None, BeforeValidator(_time)] = Field(
        default=None, description=gettext_noop("When the platform warned, ISO 8601. Without a zone: Asia/Shanghai.")
    )

    def as_incoming(self) -> Incoming:
        """Return the message in the words of the services; one amount has one spelling."""
        amount = self.amount_at_risk
        return Incoming(
            external_id=self.external_id,
            level=Level(self.level),
            fraud_type=self.fraud_type,
            name=self.subject.name,
            phone=self.subject.phone,
            address=self.subject.address,
            area_code=self.area_code,
            description=self.description,
            amount_at_risk=amount if amount is None else amount.quantize(Decimal("0.01")),
            warned_at=self.warned_at,
        )


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

FAULTS: Mapping[str, tuple[str, Any]] = {
    "missing": ("missing", _("This field is missing.")),
    "string_type": ("text", _("This must be text in quotation marks.")),
    "string_too_short": ("empty", _("This must not be empty.")),
    "string_too_long": ("too_long", _("This may have {max_length} characters at most.")),
    "literal_error": ("choice", _("This must be one of high, medium, low.")),
    "model_type": ("object", _("This must be a JSON object.")),
    "list_type": ("list", _("This must be a list.")),
    "too_long": ("too_many", _("This may have {max_length} entries at most.")),
    "decimal_type": ("number", _("This must be a number, such as 50000 or “50000.00”.")),
    "decimal_parsing": ("number", _("This must be a number, such as 50000 or “50000.00”.")),
    "finite_number": ("number", _("This must be a number, such as 50000 or “50000.00”.")),
    "greater_than_equal": ("negative", _("This must not be below 0.")),
    "decimal_max_digits": ("too_large", _("This may have 12 digits before the point at most.")),
    "decimal_whole_digits": ("too_large", _("This may have 12 digits before the point at most.")),
    "decimal_max_places": ("decimals", _("This may have two decimals at most.")),
    "phone": ("phone", _("This is not a phone number: 5 to 20 digits, with + for a country code.")),
    "time": ("time", _("This is not a time in ISO 8601, such as 2026-11-21T14:05:00+08:00.")),
    "future": ("future", _("This time lies in the future.")),
    "nul": ("nul", _("This holds a NUL character, which cannot be stored.")),
}
"""What the checks call it → what the sender is told."""

UNKNOWN_FAULT = ("invalid", _("This is not understood."))


def _faults(errors: Iterable[ErrorDetails]) -> list[dict[str, str]]:
    """Return each field that is wrong, with what is wrong with it."""
    found = []
    for error in errors:
        code, message = FAULTS.get(error["type"], UNKNOWN_FAULT)
        field = ".".join(str(part) for part in error["loc"])
        found.append(_fault(field, code, str(message).format(**error.get("ctx", {}))))
    return found


def _fault(field: str, code: str, message: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": message}


class RefusedError(Exception):
    """A request that is answered with a refusal."""

    def __init__(self, status: HTTPStatus, errors: Sequence[dict[str, str]], **headers: str) -> None:
        super().__init__(status)
        self.status, self.errors = status, errors
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @classmethod
    def whole(cls, status: HTTPStatus, code: str, message: str, **headers: str) -> "RefusedError":
        """Return a refusal of the whole request rather than of a field."""
        return cls(status, [_fault("", code, message)], **headers)


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
    try:
        message = AlertIn.model_validate(_json(request, largest=LARGEST_BODY), context={"now": now})
    except ValidationError as error:
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, _faults(error.errors(include_url=False))) from error
    answer = _take_in(request, [message], now=now)[0]
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
    for body in bodies:
        try:
            messages.append(AlertIn.model_validate(body, context={"now": now}))
        except ValidationError as error:
            said = body.get("external_id") if isinstance(body, dict) else None
            faults = _faults(error.errors(include_url=False))
            number = said if isinstance(said, str) else None
            answers.append({"external_id": number, "status": HTTPStatus.UNPROCESSABLE_ENTITY, "errors": faults})
        else:
            answers.append(None)
    taken = iter(_take_in(request, messages, now=now) if messages else ())
    results = []
    for answer, body in zip(answers, bodies, strict=True):
        results.append(answer or {"external_id": body["external_id"].strip(), **next(taken)})
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

    Parsed by pydantic's strict reader: what is no UTF-8, or half a character, never reaches the database.
    """
    if request.content_type != "application/json":
        raise RefusedError.whole(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", gettext("Send JSON, as Content-Type: application/json.")
        )
    body = request.read(largest + 1)
    if len(body) > largest:
        raise RefusedError.whole(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            gettext("The body is larger than {number} MB.").format(number=largest // MEBIBYTE),
        )
    try:
        return from_json(body, allow_inf_nan=True)
    except ValueError as error:
        raise RefusedError.whole(
            HTTPStatus.BAD_REQUEST, "json", gettext("The body is not JSON: {error}").format(error=error)
        ) from error


def _entries(body: Any) -> list[Any]:
    """Return the alerts of a batch, not yet checked."""
    wrong = _what_is_wrong_with(body)
    if wrong is not None:
        field, kind = wrong
        code, message = FAULTS[kind]
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, [_fault(field, code, str(message).format(max_length=MOST))])
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
    receipts = services.receive(source, [message.as_incoming() for message in messages], now=now)
    if any(receipt.result is Result.JOINED for receipt in receipts):
        wake_outbox()
    return [_answer(receipt) for receipt in receipts]


def _answer(receipt: Receipt) -> dict[str, Any]:
    alert, terms = receipt.alert, receipt.terms
    if alert is None or terms is None:
        message = gettext("This number was already used with different content.")
        return {"status": HTTPStatus.CONFLICT, "errors": [_fault("external_id", "conflict", message)]}
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


@api.exception_handler(RefusedError)
def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
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
    message = gettext("The program failed at this request. Nothing was stored.")
    return _refuse(request, RefusedError.whole(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", message))


urls = api.urls
for _pattern in urls[0]:
    # Tokens stand in for the log-in; the description of the API holds nothing that is secret.
    login_not_required(cast("Callable[..., HttpResponse]", _pattern.callback))
