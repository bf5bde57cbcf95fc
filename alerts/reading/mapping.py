"""What a source's messages mean, where their form is the source's own: a mapping finds the fields of an alert in them.

Pure, and it never raises on what somebody sent: whatever bytes come, the answer is the fields that were found and what
was wrong. What an optional field says and nobody understands goes into the description, so that a person reads it: an
alert is not refused for the form of its amount.
"""

import email
import email.policy
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from email.errors import MessageError
from email.message import EmailMessage
from html import unescape
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from accounts.personal_data import bare_phone
from alerts.policy import Field, How, Level
from alerts.reading.fields import PHONE, AlertIn, Fault, check
from sheets.policy import CellError, amount_of, moment_of

MEBIBYTE = 1024 * 1024
ADDRESSES = re.compile(r"[^\s<>,;，；]+@[^\s<>,;，；]+|@[^\s<>,;，；]+")

LONGEST_TEXT = 20_000
"""So much of a message's text is looked through with an administrator's expressions."""

LONGEST = {Field.EXTERNAL_ID: 100, Field.NAME: 60, Field.ADDRESS: 200, Field.AREA_CODE: 64, Field.FRAUD_TYPE: 80}
LONGEST_DESCRIPTION = 4000

_ONE = Decimal(1)

LEVEL_WORDS: Mapping[str, str] = {
    **{level.value: level.value for level in Level},
    **dict.fromkeys(("高", "高危", "高风险", "高级", "紧急", "极高", "红色", "一级", "1级"), Level.HIGH.value),
    **dict.fromkeys(("中", "中危", "中风险", "中级", "中等", "橙色", "黄色", "二级", "2级"), Level.MEDIUM.value),
    **dict.fromkeys(("低", "低危", "低风险", "低级", "一般", "蓝色", "三级", "3级"), Level.LOW.value),
}
"""What a level is called by most; a mapping's own table goes before it."""

WRAPPED = re.compile(r"\([^()]*[+*}][^()]*\)\s*[+*{]")
"""A repetition of something that repeats: on a text that nearly fits it takes for ever."""


class MappingError(ValueError):
    """A rule that cannot be a rule. Its words are for the administrator."""


@dataclass(frozen=True)
class Rule:
    """How one field is found. ``otherwise`` is taken where nothing is found."""

    field: str
    how: str
    where: str = ""
    otherwise: str = ""


@dataclass(frozen=True)
class Rules:
    """A source's whole mapping.

    Attributes:
        values: for the level and the fraud type: what the source says → what it means here.
        date_format: as ``strptime`` has it; "" reads ISO 8601, the ways offices write it, and seconds since 1970.
        zone: of times that name none.
        area_code: of messages that name none.
    """

    rules: Sequence[Rule]
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    date_format: str = ""
    zone: str = "Asia/Shanghai"
    area_code: str = ""


@dataclass(frozen=True)
class Document:
    """A message taken apart: its values by path, its text, and what was wrong with it as a whole."""

    values: Any = None
    text: str = ""
    number: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a mapping found: the alert, or why there is none; what of an alert was not understood; each value found."""

    alert: AlertIn | None
    faults: tuple[Fault, ...] = ()
    found: Mapping[str, str] = field(default_factory=dict)


# ── a rule ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_STEP = re.compile(r"""\.?([^.\[\]"']+)|\[(\d{1,6})\]|\[(?:"([^"]*)"|'([^']*)')\]""")


def steps_of(path: str) -> list[str | int] | None:
    """Return the steps of ``data.person[0].phone``, ``$.data["a.b"]``; None for what is no path."""
    rest = path.strip().removeprefix("$")
    steps: list[str | int] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            return None
        name = next((part for part in (found[1], found[3], found[4]) if part is not None), None)
        steps.append(int(found[2]) if found[2] is not None else (name or "").strip())
        at = found.end()
    return steps


def check_rule(rule: Rule) -> None:
    """Raise ``MappingError`` for a rule that could never find anything, or would take for ever."""
    if rule.how in {How.PATH, How.LABEL, How.PATTERN} and not rule.where.strip():
        raise MappingError(_("Say where it stands: a path, a label or an expression."))
    if rule.how == How.PATH and steps_of(rule.where) is None:
        raise MappingError(_("This is not a path. Write it like data.person.phone or items[0].phone."))
    if rule.how == How.FIXED and not rule.otherwise.strip():
        raise MappingError(_("Write the value that is always meant under “otherwise”."))
    if rule.how == How.PATTERN:
        _check_pattern(rule.where)


def _check_pattern(pattern: str) -> None:
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise MappingError(_("This is not a regular expression: %(error)s") % {"error": error}) from error
    if compiled.groups < 1:
        raise MappingError(_("Put brackets around the part that is meant: 姓名[:：](.+)"))
    if WRAPPED.search(pattern):
        raise MappingError(_("A repetition within a repetition can take for ever. Write it without."))


# ── a message taken apart ───────────────────────────────────────────────────────────────────────────────────────────


def document_of(body: bytes, *, content_type: str, is_cut: bool = False) -> Document:
    """Return what a webhook was sent: JSON, or a form as browsers send it."""
    text, fault = text_of_bytes(body, content_type)
    if is_cut:
        fault = Fault("", "too_large", {"number": max(1, len(body) // MEBIBYTE)})
    elif not text.strip():
        fault = Fault("", "nothing")
    if fault is not None:
        return Document(text=text, faults=(fault,))
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    if kind == "application/x-www-form-urlencoded":
        return _form(body, content_type)
    return _json_or_form(body, text, content_type)


def _json_or_form(body: bytes, text: str, content_type: str) -> Document:
    try:
        return Document(json.loads(text, parse_constant=str), text)
    except (ValueError, RecursionError) as error:
        # A form sent without saying so.
        if "=" in text and not text.lstrip().startswith(("{", "[", "<")):
            return _form(body, content_type)
        return Document(text=text, faults=(Fault("", "json", {"error": str(error)[:200]}),))


def _charset_of(content_type: str) -> str:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    return found[1] if found else ""


def text_of_bytes(body: bytes, content_type: str) -> tuple[str, Fault | None]:
    """Return bytes as text: in the character set that is named, else UTF-8, else as Chinese Windows writes.

    A name that lies is passed over. What no set reads comes with the fault, its unreadable parts marked.
    """
    for charset in dict.fromkeys(filter(None, (_charset_of(content_type), "utf-8-sig", "gb18030"))):
        try:
            text = body.decode(charset)
        except (UnicodeError, LookupError, ValueError):
            continue
        if isinstance(text, str):
            return text, None
    return body.decode("utf-8", "replace"), Fault("", "charset")


def _form(body: bytes, content_type: str) -> Document:
    for charset in dict.fromkeys(filter(None, (_charset_of(content_type), "utf-8", "gb18030"))):
        try:
            pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding=charset, errors="strict")
        except (UnicodeError, LookupError, ValueError):
            continue
        values: dict[str, Any] = {}
        for name, value in pairs:
            values.setdefault(name, value)
        return _of_form(values)
    return Document(text=body.decode("utf-8", "replace"), faults=(Fault("", "charset"),))


def _of_form(values: dict[str, Any]) -> Document:
    lines = "\n".join(f"{name}: {value}" for name, value in values.items())
    return Document(_with_json_inside(values), lines)


def _with_json_inside(values: dict[str, Any]) -> dict[str, Any]:
    """Open values that are JSON themselves: platforms like to send ``data={…}``."""
    for name, value in values.items():
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            try:
                values[name] = json.loads(value, parse_constant=str)
            except (ValueError, RecursionError):
                continue
    return values


def _multipart(body: bytes, content_type: str) -> Document:
    header = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("utf-8", "replace")
    values: dict[str, Any] = {}
    message = _parsed(header + body)
    for part in message.walk() if message is not None else ():
        name, text = _field_of_form(part)
        if name:
            values.setdefault(name, text)
    return _of_form(values)


def _field_of_form(part: Any) -> tuple[str, str]:
    """Return the name and the value of a part; no name for a file, and for what is crooked."""
    try:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes) or part.get_filename() is not None:
            return "", ""
        return name, text_of_bytes(content, str(part.get("Content-Type", "")))[0].strip("\r\n")
    except Exception:  # noqa: BLE001 - the library's parser raises whatever comes to hand
        return "", ""


def _parsed(raw: bytes) -> EmailMessage | None:
    try:
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
    except (MessageError, ValueError, LookupError, TypeError, RecursionError, AttributeError, IndexError):
        return None
    return parsed if isinstance(parsed, EmailMessage) else None


def _header(message: EmailMessage, name: str) -> str:
    """Return a header decoded; the library raises at some that are crooked."""
    try:
        return storable(str(message.get(name, "")))
    except Exception:  # noqa: BLE001 - its parser raises whatever comes to hand (IndexError, AttributeError, …)
        return ""


_SUBJECT = re.compile(rb"(?im)\Asubject:[ \t]*([^\r\n]*)|^subject:[ \t]*([^\r\n]*)")


def _subject(message: EmailMessage, raw: bytes) -> str:
    """Return the subject; one written in plain bytes of a Chinese set, as old programs do, is read like the text."""
    found = _SUBJECT.search(raw.split(b"\n\n", 1)[0])
    said = (found[1] or found[2] or b"") if found else b""
    return _header(message, "subject") if said.isascii() else storable(text_of_bytes(said, "")[0]).strip()


def document_of_mail(raw: bytes) -> Document:
    """Return a mail taken apart: ``subject``, ``from``, ``text``, and where its text is JSON that too, as ``json``.

    The number is its Message-ID, so that the same mail fetched twice is the same message. A mail that was cut still has
    its text, which stands before what is attached.
    """
    message = _parsed(raw)
    if message is None or not raw.strip():
        return Document(faults=(Fault("", "nothing"),))
    subject, text = _subject(message, raw), _mail_text(message)
    values: dict[str, Any] = {"subject": subject, "from": sender_of(raw), "text": text}
    if text.lstrip().startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            values["json"] = json.loads(text, parse_constant=str)
    whole = f"{subject}\n{text}".strip()
    faults = () if whole else (Fault("", "nothing"),)
    return Document(values, whole, number=_header(message, "message-id").strip("<> ")[:100], faults=faults)


def sender_of(raw: bytes) -> str:
    """Return the address a mail says it is from, in small letters; "" where it says none."""
    message = _parsed(raw)
    found = ADDRESSES.search(_header(message, "from")) if message is not None else None
    return found[0].lower()[:200] if found else ""


def _mail_text(message: EmailMessage) -> str:
    plain, marked = "", ""
    for part in message.walk():
        kind, text = _part(part)
        if kind == "text/plain":
            plain = plain or text
        elif kind == "text/html":
            marked = marked or _without_marks(text)
    return storable(plain if plain.strip() else marked).replace("\r\n", "\n").strip()


def _part(part: Any) -> tuple[str, str]:
    """Return what a part of a mail is and says; nothing for what is attached, and for what is crooked."""
    try:
        content = part.get_payload(decode=True)
        if part.get_filename() is not None or not isinstance(content, bytes):
            return "", ""
        return part.get_content_type(), text_of_bytes(content, str(part.get("Content-Type", "")))[0]
    except Exception:  # noqa: BLE001 - as above
        return "", ""


def _without_marks(text: str) -> str:
    text = re.sub(r"(?is)<(script|style)\b[^>]*>.*?</\1\s*>", " ", text)
    text = re.sub(r"(?i)<(br|/p|/div|/tr|/li|/h\d)\b[^>]*>", "\n", text)
    return re.sub(r"[ \t\xa0]+", " ", unescape(re.sub(r"<[^>]{0,2000}>", " ", text)))


# ── a mapping at work ───────────────────────────────────────────────────────────────────────────────────────────────


def read(document: Document, rules: Rules, *, number: str, now: datetime) -> Reading:
    """Return the alert that a message is by a source's mapping. ``number`` is its own where the message names none."""
    if document.faults:
        return Reading(None, document.faults)
    found = {rule.field: text for rule in rules.rules if (text := _find(rule, document))}
    faults: list[Fault] = []
    unread: list[str] = []
    fields: dict[str, Any] = {
        "external_id": (found.get(Field.EXTERNAL_ID) or number)[:100],
        "level": _level(found.get(Field.LEVEL, ""), rules, faults),
        "fraud_type": _meaning(Field.FRAUD_TYPE, found.get(Field.FRAUD_TYPE, ""), rules)[:80],
        "area_code": _short(Field.AREA_CODE, found) or rules.area_code,
        "subject": {
            "name": _short(Field.NAME, found),
            "phone": _phone(found, faults, unread),
            "address": _short(Field.ADDRESS, found),
        },
        "amount_at_risk": _amount(found, faults, unread),
        "warned_at": _time(found, rules, faults, unread, now=now),
    }
    said = "\n".join(filter(None, [found.get(Field.DESCRIPTION, ""), *unread]))
    fields["description"] = said[:LONGEST_DESCRIPTION]
    if not (any(fields["subject"].values()) or said):
        faults.append(Fault("", "nothing"))
        return Reading(None, tuple(faults), found)
    alert = check(fields, now=now) if fields["level"] else []
    if isinstance(alert, list):
        return Reading(None, (*faults, *alert), found)
    return Reading(alert, tuple(faults), found)


def storable(text: str) -> str:
    """Return a text without what no database keeps and no page shows: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _find(rule: Rule, document: Document) -> str:
    text = ""
    match rule.how:
        case How.PATH:
            text = _at(document.values, rule.where)
        case How.LABEL:
            text = _after_label(document.text[:LONGEST_TEXT], rule.where)
        case How.PATTERN:
            text = _by_pattern(document.text[:LONGEST_TEXT], rule.where)
        case How.TEXT:
            text = document.text
    return storable(text).strip() or rule.otherwise.strip()


def _at(values: Any, path: str) -> str:
    for step in steps_of(path) or ():
        if isinstance(values, Mapping) and str(step) in values:
            values = values[str(step)]
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return ""
    return _said(values)


def _said(value: Any) -> str:
    """Return a value of JSON as text; of a list its entries, of an object nothing that one could name."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    if isinstance(value, list):
        return "、".join(filter(None, (_said(one) for one in value[:50] if not isinstance(one, list))))
    return ""


def _after_label(text: str, label: str) -> str:
    """Return what stands behind a label on its line: 姓名：王秀英, 【姓名】王秀英, 姓名 王秀英."""
    plain = unicodedata.normalize("NFKC", label).strip().rstrip(":")
    for line in text.splitlines():
        bare = unicodedata.normalize("NFKC", line)
        at = bare.find(plain)
        if at < 0:
            continue
        behind = re.match(r"\s*[\])】]?\s*(?::|=|\t|为|\s|(?<=[\])】]))\s*(.+)", bare[at + len(plain) :])
        if behind is None:
            continue
        # Several to a line are set apart by these.
        return re.split(r"[;；|\t]|，(?=[^，]{1,10}[:])|,(?=[^,]{1,10}:)", behind[1])[0].strip(" 。,，")
    return ""


def _by_pattern(text: str, pattern: str) -> str:
    try:
        found = re.search(pattern, text)
        return (found[1] or "") if found else ""
    except (re.error, IndexError, RecursionError, OverflowError):
        return ""


def bare_word(text: str) -> str:
    """Return a word of a table of values as it is compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _meaning(which: str, said: str, rules: Rules) -> str:
    return rules.values.get((which, bare_word(said)), said)


def _level(said: str, rules: Rules, faults: list[Fault]) -> str:
    if not said:
        faults.append(Fault(Field.LEVEL, "missing"))
        return ""
    meant = _meaning(Field.LEVEL, said, rules)
    level = LEVEL_WORDS.get(bare_word(meant), "")
    if not level:
        faults.append(Fault(Field.LEVEL, "word", {"said": said[:40]}))
    return level


def _short(which: Field, found: Mapping[str, str]) -> str:
    return " ".join(found.get(which, "").split())[: LONGEST[which]].strip()


def _left_for_people(which: Field, said: str, unread: list[str]) -> None:
    unread.append(f"{which.label}: {said[:200]}")


def _phone(found: Mapping[str, str], faults: list[Fault], unread: list[str]) -> str:
    said = found.get(Field.PHONE, "")
    bare = bare_phone(said)
    if not bare or (len(said) <= 40 and PHONE.fullmatch(bare)):
        return said if bare else ""
    faults.append(Fault(Field.PHONE, "phone"))
    _left_for_people(Field.PHONE, said, unread)
    return ""


def _amount(found: Mapping[str, str], faults: list[Fault], unread: list[str]) -> str | None:
    said = found.get(Field.AMOUNT, "")
    try:
        amount = amount_of(said, unit=_ONE)
    except (CellError, ArithmeticError, ValueError):
        amount = None
        faults.append(Fault(Field.AMOUNT, "decimal_parsing"))
        _left_for_people(Field.AMOUNT, said, unread)
    return str(amount) if amount is not None else None


def _time(
    found: Mapping[str, str], rules: Rules, faults: list[Fault], unread: list[str], *, now: datetime
) -> str | None:
    said = found.get(Field.WARNED_AT, "")
    if not said:
        return None
    at = moment_said(said, date_format=rules.date_format, zone=rules.zone)
    alert = check({"external_id": "-", "level": Level.LOW, "warned_at": at.isoformat()}, now=now) if at else None
    if at is not None and isinstance(alert, AlertIn):
        return at.isoformat()
    faults.extend(alert if isinstance(alert, list) else [Fault(Field.WARNED_AT, "date_format", {"said": said[:40]})])
    _left_for_people(Field.WARNED_AT, said, unread)
    return None


def moment_said(said: str, *, date_format: str, zone: str) -> datetime | None:
    """Return the moment a text means, in a zone where it names none; None for one that nobody can mean."""
    try:
        here = ZoneInfo(zone)
        at = datetime.strptime(said, date_format) if date_format else _guessed(said)  # noqa: DTZ007 - see below
        if at is None:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=here)
        return at.astimezone(UTC) if date(1970, 1, 2) <= at.date() <= date(9998, 12, 30) else None
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError, CellError, re.error):
        return None


def is_date_format(text: str) -> bool:
    """Say whether a form of times reads what it writes."""
    try:
        written = datetime(2026, 4, 2, 21, 57, tzinfo=UTC).strftime(text)
        return datetime.strptime(written, text).month == 4  # noqa: DTZ007 - only whether it is read
    except (ValueError, OverflowError, re.error):
        return False


def _guessed(said: str) -> datetime | None:
    if re.fullmatch(r"[0-9]{10}", said):
        return datetime.fromtimestamp(int(said), UTC)
    if re.fullmatch(r"[0-9]{13}", said):
        return datetime.fromtimestamp(int(said) / 1000, UTC)
    try:
        return datetime.fromisoformat(said.upper())
    except ValueError:
        return moment_of(said)
