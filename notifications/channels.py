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
from urllib.request import getproxies, proxy_bypass

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.policy import CALLING, Kind, merged

TIMEOUT: Final = httpx.Timeout(4.0, connect=3.0)
MAIL_TIMEOUT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 4.0
HEADERS: Final = {"Accept": "*/*", "User-Agent": "Shouwang"}
MOST_ANSWER_BYTES: Final = 64 * 1024

# The longest text each robot takes, in bytes, with some room left for its envelope.
MOST_BYTES: Final[Mapping[str, int]] = {Kind.WECOM: 2000, Kind.DINGTALK: 18_000, Kind.FEISHU: 18_000}


MOST_CALLED: Final = 20
"""So many people one post of a robot calls by name; more than these read it as a call to all."""


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
    """What one person, or for a robot a group, is told.

    ``to`` is a phone number or an e-mail address; for a robot the number of whoever of the group it calls, or nobody's.
    """

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
    called = _called(outlet, messages)
    url = settings.ROBOT_URLS[outlet.kind] + quote(robot_key(outlet.address), safe="")
    body: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
    if called and outlet.kind == Kind.WECOM:
        body["text"]["mentioned_mobile_list"] = called
    if called and outlet.kind == Kind.DINGTALK:
        # It puts the names of its members in place of these numbers; of others it shows three stars.
        body["text"]["content"] += "\n" + " ".join(f"@{number}" for number in called)
        body["at"] = {"atMobiles": called, "isAtAll": False}
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


def _called(outlet: Outlet, messages: Sequence[Message]) -> list[str]:
    """Return the numbers that a post calls, where the robot can and is to."""
    if outlet.kind not in CALLING or not outlet.options.get("mention"):
        return []
    return list(dict.fromkeys(message.to for message in messages if message.to))[:MOST_CALLED]


def robot_key(address: str) -> str:
    """Return the key of a robot from its web address as the office pastes it, or from the key alone.

    Only the key is taken, so that no address in the administration makes this server ask another
    host than the robot's own.
    """
    address = address.strip()
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    query = parse_qs(parts.query)
    for name in ("key", "access_token"):
        if name in query:
            return query[name][0]
    return parts.path.rstrip("/").rpartition("/")[2]


HOSTS: Final[Mapping[str, str]] = {
    "qyapi.weixin.qq.com": Kind.WECOM,
    "oapi.dingtalk.com": Kind.DINGTALK,
    "open.feishu.cn": Kind.FEISHU,
    "open.larksuite.com": Kind.FEISHU,
}
"""Where an address that an office pastes may come from: a robot's under the wrong kind is told apart by it."""


def robot_of(address: str) -> str | None:
    """Return whose robot's web address this is; ``None`` for a key alone, or for a host that is nobody's."""
    try:
        host = urlsplit(address.strip()).hostname
    except ValueError:
        return None
    return HOSTS.get(host or "")


def masked_address(kind: str, address: str) -> str:
    """Return where a robot leads, its key hidden but for the last four characters."""
    key = robot_key(address)
    return f"{urlsplit(settings.ROBOT_URLS[kind]).hostname} · ****{key[-4:] if len(key) >= 12 else ''}"


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
    (a path such as ``result.code``) and ``ok_value`` (one value or a list of them) in the JSON answer, or ``ok_text``,
    with which a plain answer begins; without them any 2xx will do.
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
        good = options.get("ok_value", 0)
        taken = str(_dig(reply, str(options["ok_field"]))) in map(str, good if isinstance(good, list) else [good])
    else:
        taken = _in_short(reply).lstrip().startswith(str(options.get("ok_text", "")))
    if not taken:
        raise ChannelError(_("The gateway refused: %(answer)s") % {"answer": _in_short(reply)})


METHODS: Final = ("POST", "GET", "PUT")
OPTIONS: Final = ("method", "headers", "format", "body", "ok_field", "ok_value", "ok_text")


def complaint_about(kind: str, options: Mapping[str, Any]) -> str:
    """Say what is wrong with a channel's options, for whoever writes them; "" where nothing is."""
    if kind != Kind.SMS:
        return ""
    if unknown := [name for name in options if name not in OPTIONS]:
        return _("Unknown: %(names)s. There are %(known)s.") % {
            "names": ", ".join(map(str, unknown)),
            "known": ", ".join(OPTIONS),
        }
    if str(options.get("method", "POST")).upper() not in METHODS:
        return _("“method” is one of %(known)s.") % {"known": ", ".join(METHODS)}
    if options.get("format", "json") not in ("json", "form"):
        return _("“format” is json or form.")
    headers, body = options.get("headers", {}), options.get("body", {"": "{phone}{text}"})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return _("“headers” are names and texts.")
    if not isinstance(body, dict):
        return _("“body” is names and values.")
    said = json.dumps(body, ensure_ascii=False)
    missing = next((name for name in ("{phone}", "{text}") if name not in said), "")
    return _("“body” says nowhere where %(name)s goes.") % {"name": missing} if missing else ""


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


_ways_guard = threading.Lock()


def _way_to(url: httpx.URL) -> httpx.HTTPTransport:
    """Return how this process gets to a host, its connections kept: straight, or through the environment's proxy.

    A transport and no client: redirects, cookies and hooks, which no channel needs, took two fifths of a message.
    """
    with _ways_guard:  # reading the certificates takes longer than a message: once is enough
        return _way(_proxy_for(url.scheme, url.host))


@functools.lru_cache(maxsize=256)
def _proxy_for(scheme: str, host: str) -> str | None:
    proxies = getproxies()
    return None if proxy_bypass(host) else proxies.get(scheme) or proxies.get("all")


@functools.cache
def _way(proxy: str | None) -> httpx.HTTPTransport:
    """Make a way on which no channel can use up another's connections."""
    return httpx.HTTPTransport(proxy=proxy, limits=httpx.Limits(max_connections=None, max_keepalive_connections=64))


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
        request = httpx.Request(
            method,
            url,
            json=json_body,
            data=form,
            params=params,
            headers=HEADERS,
            extensions={"timeout": TIMEOUT.as_dict()},
        )
        request.headers.update(headers)
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
        with contextlib.closing(_way_to(request.url).handle_request(request)) as reply:
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
