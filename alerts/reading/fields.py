"""The form that every alert has, whichever way it comes: its fields, and in words what can be wrong with each."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from accounts.clock import LOCAL_TZ
from accounts.personal_data import bare_phone

CLOCK_SKEW = timedelta(hours=1)
"""How far ahead of ours a source's clock may run before its time is taken for a mistake."""

PHONE = re.compile(r"\+?[0-9]{5,20}")


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


def _say_what_is_taken(schema: dict[str, Any]) -> None:
    """Describe a form as it is read: what a source does not know may be missing, ``null`` or, for texts, empty.

    A time and an amount are held to more than their description says; what is wrong with them is answered in words.
    """
    for name, field in schema["properties"].items():
        if name in schema.get("required", ()):
            continue
        if field.get("type") == "string":
            field["type"] = ["string", "null"]
        elif "$ref" in field:
            field["anyOf"] = [{"$ref": field.pop("$ref")}, {"type": "null"}]
        elif "anyOf" in field:
            field["anyOf"] = [*(one for one in field["anyOf"] if "pattern" not in one), {"type": "string"}]


class SubjectIn(BaseModel):
    """Whom the alert is about, as far as the source knows."""

    model_config = ConfigDict(json_schema_extra=_say_what_is_taken)

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

    model_config = ConfigDict(json_schema_extra=_say_what_is_taken)

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

OF_MESSAGES: Mapping[str, tuple[str, Any]] = {
    "json": ("json", _("The message is not JSON: {error}")),
    "charset": ("charset", _("The message is in a character set that nobody can read.")),
    "too_large": ("too_large", _("The message is larger than {number} MB. What came after that was cut off.")),
    "content_type": ("content_type", _("The message is of a kind that is not read: {said}")),
    "nothing": ("empty", _("The message is empty.")),
    "batch": ("batch", _("This batch was taken apart: {number} messages of their own.")),
    "conflict": ("conflict", _("This number was already used with different content.")),
    "defect": ("defect", _("The program failed at this message. It is kept; the log has the whole of it.")),
    "no_mapping": ("no_mapping", _("Nobody has said what this source's messages mean, or it is switched off.")),
    "no_source": ("no_source", _("No source is known for mail from {said}.")),
    "word": ("word", _("“{said}” stands in no table of values. Add a row that says what it means.")),
    "date_format": ("time", _("“{said}” is not a time of the form that the mapping names.")),
}
"""What can be wrong with a message as a whole, or with what a mapping found in it."""

ALL_FAULTS: Mapping[str, tuple[str, Any]] = {**FAULTS, **OF_MESSAGES}


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is wrong with one field, or with the whole where ``field`` is empty.

    It is kept without its words, and read in the language of whoever looks. ``context`` goes into JSON.
    """

    field: str
    kind: str
    context: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def code(self) -> str:
        """What programs are told."""
        return ALL_FAULTS.get(self.kind, UNKNOWN_FAULT)[0]

    @property
    def words(self) -> str:
        """What people are told, in their language."""
        _code, words = ALL_FAULTS.get(self.kind, UNKNOWN_FAULT)
        try:
            return str(words).format(**self.context)
        except (KeyError, IndexError, ValueError):  # kept by an earlier version, which said less of it
            return str(words)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"field": self.field, "kind": self.kind, "context": dict(self.context)}

    @classmethod
    def kept(cls, stored: Mapping[str, Any]) -> "Fault":
        """Return what ``as_dict`` gave."""
        return cls(str(stored.get("field", "")), str(stored.get("kind", "")), dict(stored.get("context") or {}))


def faults_of(errors: Iterable[ErrorDetails]) -> list[Fault]:
    """Return each field that is wrong, with what is wrong with it."""
    found = []
    for error in errors:
        plain = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, int | str)}
        found.append(Fault(".".join(str(part) for part in error["loc"]), error["type"], plain))
    return found


def check(fields: Any, *, now: datetime) -> AlertIn | list[Fault]:
    """Return the alert that these fields are, or all that is wrong with them."""
    try:
        return AlertIn.model_validate(fields, context={"now": now})
    except ValidationError as error:
        return faults_of(error.errors(include_url=False))
