"""The mailbox that sources write to, over IMAP: what is new is read unmarked, and marked as read once it is kept."""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote, urlsplit

PATIENCE = 20
"""Seconds that a mail server has for each answer."""

PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}


class MailboxError(Exception):
    """The mailbox could not be read: the server is away, or refuses."""


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where a mailbox is and who opens it. Its ``name`` holds no password."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    scheme: str

    @classmethod
    def of(cls, url: str) -> "MailboxAddress":
        """Return the mailbox of ``imaps://user:password@host/INBOX``, as the settings have checked it."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "",
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            scheme=parts.scheme,
        )

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.user}@{self.host}/{self.folder}" if "@" not in self.user else f"{self.user}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One new mail: its number in the folder, what never changes of it, its text up to a limit, its whole size."""

    uid: str
    mark: str
    raw: bytes
    size: int


class OpenMailbox:
    """A mailbox that somebody has logged in to."""

    def __init__(self, connection: imaplib.IMAP4, address: MailboxAddress) -> None:
        self._connection = connection
        self._address = address
        self._validity = self._select()

    def _select(self) -> str:
        # A folder's name may have blanks in it, and the library quotes nothing.
        folder = '"' + self._address.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        state, said = self._connection.select(folder)
        if state != "OK":
            raise MailboxError(f"the folder {self._address.folder} cannot be opened: {_plain(said)}")
        _name, validity = self._connection.response("UIDVALIDITY")
        return _plain(validity)

    def unseen(self, *, most: int, limit: int) -> Iterator[Mail]:
        """Yield what nobody has read, the oldest first, each cut to ``limit`` bytes. Nothing is marked by it."""
        for uid in self._ask("SEARCH", "UNSEEN").split()[:most]:
            yield self._fetch(uid.decode("ascii", "replace"), limit)

    def _fetch(self, uid: str, limit: int) -> Mail:
        state, parts = self._connection.uid("FETCH", uid, f"(RFC822.SIZE BODY.PEEK[]<0.{limit}>)")
        found = next((part for part in parts or () if isinstance(part, tuple)), None)
        if state != "OK" or found is None:
            raise MailboxError(f"mail {uid} cannot be read: {_plain(parts)}")
        raw = bytes(found[1])
        size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(_flat(parts)))
        mark = f"{self._address.name}:{self._validity}:{uid}"
        whole = max(len(raw), int(size[1]) if size else 0)
        return Mail(uid, sha256(mark.encode()).hexdigest(), raw, whole)

    def mark_seen(self, mail: Mail) -> None:
        """Mark a mail as read, so that it is not fetched again."""
        self._ask("STORE", mail.uid, "+FLAGS.SILENT", r"(\Seen)")

    def _ask(self, command: str, *arguments: str) -> bytes:
        state, said = self._connection.uid(command, *arguments)
        if state != "OK":
            raise MailboxError(f"{command}: {_plain(said)}")
        return said[0] if said and isinstance(said[0], bytes) else b""


def _flat(parts: object) -> Iterator[bytes]:
    for part in parts if isinstance(parts, list) else ():
        yield part[0] if isinstance(part, tuple) else part if isinstance(part, bytes) else b""


def _plain(said: object) -> str:
    first = said[0] if isinstance(said, list | tuple) and said else said
    return first.decode("utf-8", "replace")[:200] if isinstance(first, bytes) else str(first or "")[:200]


@contextmanager
def opened(address: MailboxAddress) -> Iterator[OpenMailbox]:
    """Log in to a mailbox. Raises ``MailboxError`` for whatever fails there, then or later."""
    try:
        with _connected(address) as connection:
            connection.login(address.user, address.password)
            yield OpenMailbox(connection, address)
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        raise MailboxError(_without(str(error) or type(error).__name__, address.password)) from error


def _without(text: str, secret: str) -> str:
    return text.replace(secret, "…") if secret else text


@contextmanager
def _connected(address: MailboxAddress) -> Iterator[imaplib.IMAP4]:
    kind = imaplib.IMAP4_SSL if address.scheme == "imaps" else imaplib.IMAP4
    connection = kind(address.host, address.port, timeout=PATIENCE)
    try:
        if address.scheme == "imap+tls":
            connection.starttls()
        yield connection
    finally:
        with suppress(imaplib.IMAP4.error, OSError, EOFError):
            connection.logout()
