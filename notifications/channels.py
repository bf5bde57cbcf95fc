"""The outside world: group robots, text message gateways, e-mail.

``send`` hands messages to one channel and answers for each; it never decides whether to send. It
touches no database, so that it may run in a thread of its own, and it always comes back: every
step of a connection has its limit. An answer that says "200 OK" is not yet a success; robots and
gateways put their refusals into the body.
"""

import base64
import contextlib
import functools
import hashlib
import hmac
import json
import re
import smtplib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.policy import Kind, merged

TIMEOUT: Final = httpx.Timeout(4.0, connect=3.0)
MAIL_TIMEOUT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 4.0
MOST_ANSWER_BYTES: Final = 64 * 1024

# The longest text each robot takes, in bytes, with some room left for its envelope.
MOST_BYTES: Final[Mapping[str, int]] = {Kind.WECOM: 2000, Kind.DINGTALK: 18_000, Kind.FEISHU: 18_000}


class ChannelError(Exception):
    """A channel did not take a message; the words are for an administrator and hold no secret."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A channel as it is needed here: where it leads and how it is spoken to."""

    kind: str
    address: str
    secret: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """What one person, or for a robot a group, is told. ``to`` is a phone number or an e-mail address."""

    to: str
    title: str
    text: str
    url: str = ""


def send(outlet: Outlet, messages: Sequence[Message], *, now: datetime) -> list[str]:
    """Hand messages to a channel. Returns an answer for each: "" when taken, else why not, in plain words.

    A robot gets all of them as one post, so they share one answer.
    """
    match outlet.kind:
        case Kind.EMAIL:
            return _send_mails(outlet, messages)
        case Kind.SMS:
            return [_answer(_send_text_message, outlet, message, now) for message in messages]
        case _:
            return [_answer(_post_to_robot, outlet, messages, now)] * len(messages)


def _answer(deed: Any, *args: Any) -> str:
    try:
        deed(*args)
    except ChannelError as error:
        return str(error)
    return ""


# Robots of groups


def robot_text(outlet: Outlet, messages: Sequence[Message]) -> str:
    """Return the one text that says all these messages to a group, each different one once."""
    lines = (f"{message.text}\n{message.url}" if message.url else message.text for message in messages)
    fitting, left_out = merged(lines, most_bytes=MOST_BYTES[outlet.kind])
    if left_out:
        fitting.append(ngettext("and %(count)d more", "and %(count)d more", left_out) % {"count": left_out})
    # Some groups let a robot speak only when a word that they chose is in its text.
    keyword = str(outlet.options.get("keyword", ""))
    return "\n".join([f"【{keyword}】", *fitting] if keyword else fitting)


def _post_to_robot(outlet: Outlet, messages: Sequence[Message], now: datetime) -> None:
    text = robot_text(outlet, messages)
    url = settings.ROBOT_URLS[outlet.kind] + quote(robot_key(outlet.address), safe="")
    body: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
    if outlet.kind == Kind.DINGTALK and outlet.secret:
        timestamp = str(int(now.timestamp() * 1000))
        url += "&" + urlencode({"timestamp": timestamp, "sign": dingtalk_signature(outlet.secret, timestamp)})
    if outlet.kind == Kind.FEISHU:
        body = {"msg_type": "text", "content": {"text": text}}
        if outlet.secret:
            timestamp = str(int(now.timestamp()))
            body |= {"timestamp": timestamp, "sign": feishu_signature(outlet.secret, timestamp)}
    reply = _request("POST", url, json_body=body)
    code_field, words_field = ("code", "msg") if outlet.kind == Kind.FEISHU else ("errcode", "errmsg")
    code = reply.get(code_field) if isinstance(reply, dict) else None
    if code != 0 or isinstance(code, bool):
        said = reply.get(words_field, "") if isinstance(reply, dict) else reply
        raise ChannelError(_("The robot refused: %(code)s %(words)s") % {"code": code, "words": str(said)[:150]})


def robot_key(address: str) -> str:
    """Return the key of a robot from its web address as the office pastes it, or from the key alone.

    Only the key is taken, so that no address in the administration makes this server ask another
    host than the robot's own.
    """
    address = address.strip()
    if "://" not in address:
        return address
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    for name in ("key", "access_token"):
        if name in query:
            return query[name][0]
    return parts.path.rstrip("/").rpartition("/")[2]


def dingtalk_signature(secret: str, timestamp: str) -> str:
    """Sign as DingTalk asks: the secret is the key, milliseconds and secret are the text."""
    return _hmac_base64(key=secret, text=f"{timestamp}\n{secret}")


def feishu_signature(secret: str, timestamp: str) -> str:
    """Sign as Feishu asks: seconds and secret are the key, the text is empty."""
    return _hmac_base64(key=f"{timestamp}\n{secret}", text="")


def _hmac_base64(*, key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


# Text message gateways


def _send_text_message(outlet: Outlet, message: Message, _now: datetime) -> None:
    """Ask a gateway as its options say.

    ``method`` (POST), ``headers``, ``format`` ("json" or "form"), ``body`` (names and values in
    which {phone}, {text} and {secret} are filled in; sent as the query with GET), ``ok_field``
    (a path such as ``result.code``) and ``ok_value`` in the JSON answer; without them any 2xx will do.
    """
    if not message.to:
        raise ChannelError(_("There is no phone number."))
    options = outlet.options
    words = {
        "{phone}": message.to,
        "{text}": "\n".join(part for part in (message.title, message.text, message.url) if part),
        "{secret}": outlet.secret,
    }
    body = _filled(options.get("body", {"phone": "{phone}", "text": "{text}"}), words)
    headers = _filled(options.get("headers", {}), words)
    method = str(options.get("method", "POST")).upper()
    if method == "GET":
        reply = _request(method, outlet.address, params=body, headers=headers)
    elif options.get("format") == "form" and isinstance(body, dict):
        reply = _request(method, outlet.address, form=body, headers=headers)
    else:
        reply = _request(method, outlet.address, json_body=body, headers=headers)
    if "ok_field" in options:
        said = _dig(reply, str(options["ok_field"]))
        if str(said) != str(options.get("ok_value", 0)):
            raise ChannelError(_("The gateway refused: %(answer)s") % {"answer": _in_short(reply)})


def _filled(template: Any, words: Mapping[str, str]) -> Any:
    """Fill words into every text of a template, in one pass: what a text says is never taken for a word."""
    if isinstance(template, dict):
        return {name: _filled(value, words) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, words) for value in template]
    if isinstance(template, str):
        return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], template)
    return template


def _dig(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _in_short(answer: Any) -> str:
    return (answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))[:150]


# HTTP


_client_guard = threading.Lock()


def _client() -> httpx.Client:
    """Return this process's client, made once: reading the certificates takes longer than a message."""
    with _client_guard:
        return _made_client()


@functools.cache
def _made_client() -> httpx.Client:
    """Make a client that keeps connections, of which no channel can use up another's."""
    return httpx.Client(timeout=TIMEOUT, limits=httpx.Limits(max_connections=None, max_keepalive_connections=64))


def _request(
    method: str,
    url: str,
    *,
    json_body: Any = None,
    form: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Ask, and return the answer's JSON, or its text where it is none. Raises ``ChannelError``."""
    try:
        with _client().stream(method, url, json=json_body, data=form, params=params, headers=headers) as reply:
            if not reply.is_success:
                raise ChannelError(
                    _("The channel answered with HTTP status %(status)d.") % {"status": reply.status_code}
                )
            content = _read(reply)
    except httpx.TimeoutException as error:
        raise ChannelError(_("No answer in time.")) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The error's own words name the address, which for a robot is a secret.
        raise ChannelError(_("No connection: %(kind)s.") % {"kind": type(error).__name__}) from error
    except (TypeError, ValueError) as error:
        raise ChannelError(_("Nothing can be sent with these settings; check the channel.")) from error
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")


def _read(reply: httpx.Response) -> bytes:
    """Read an answer, but not for ever: one that trickles in is as good as none."""
    ends_at = time.monotonic() + ANSWER_SECONDS
    content = b""
    for piece in reply.iter_bytes():
        content += piece
        if len(content) > MOST_ANSWER_BYTES or time.monotonic() > ends_at:
            raise ChannelError(_("The answer was too long or too slow and was cut off."))
    return content


# E-mail


def _send_mails(outlet: Outlet, messages: Sequence[Message]) -> list[str]:
    """Send mails over one connection; once it breaks, those not yet sent share its error."""
    connection = get_connection(timeout=MAIL_TIMEOUT_SECONDS)
    answers: list[str] = []
    try:
        connection.open()
        for message in messages:
            answers.append(_send_mail(connection, outlet, message))  # noqa: PERF401 - what was sent before a break counts
    except (OSError, smtplib.SMTPException) as error:
        answers += [_mail_error(error)] * (len(messages) - len(answers))
    finally:
        _close(connection)
    return answers


def _send_mail(connection: Any, outlet: Outlet, message: Message) -> str:
    text = "\n\n".join(part for part in (message.text, message.url) if part)
    # A subject of several lines is refused as an attempt to smuggle headers.
    mail = EmailMessage(
        " ".join(message.title.split()), text, outlet.address or None, [message.to], connection=connection
    )
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        return _mail_error(error)
    except ValueError as error:
        return _("This is not a valid e-mail: %(why)s") % {"why": str(error)[:150]}
    return ""


def _mail_error(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _("The mail server did not answer in time.")
    code = getattr(error, "smtp_code", "")
    return _("The mail server did not take it: %(kind)s %(code)s") % {"kind": type(error).__name__, "code": code}


def _close(connection: Any) -> None:
    # What breaks now was broken before, and what was sent stays sent.
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.close()
