"""Read what differs by machine from the environment, and refuse it loudly where it is wrong.

Every function here either returns a usable value or raises ``ImproperlyConfigured`` whose text
names the variable, says what is wrong with it, and how to mend it. A wrong value never falls
back to a default: a server that starts on the wrong database is worse than one that does not
start. Secrets are never repeated in a message.
"""

import base64
import binascii
import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pyrage import RecipientError, x25519

FIELD_KEY_BYTES = 32
SHORTEST_SECRET_KEY = 32
SHORTEST_TOKEN = 24
HOW_TO_MAKE_A_KEY = 'python -c "import secrets, base64; print(base64.b64encode(secrets.token_bytes(32)).decode())"'


def wrong(name: str, problem: str, mend: str) -> ImproperlyConfigured:
    """Return the error that refuses the variable ``name``."""
    return ImproperlyConfigured(f"{name} {problem}. {mend}")


# Plain values


def read_switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable. An empty value counts as not given."""
    text = environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise wrong(name, f"is {text!r}, which is neither yes nor no", "Set it to true or false")


def read_number(environ: Mapping[str, str], name: str, *, default: int, lowest: int, highest: int) -> int:
    """Return a whole number from ``lowest`` to ``highest``, both allowed."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise wrong(name, f"is {text!r}", f"Set it to a whole number from {lowest} to {highest}")
    return int(text)


def read_list(environ: Mapping[str, str], name: str) -> list[str]:
    """Return the parts of a value separated by commas, without blanks."""
    return [part.strip() for part in environ.get(name, "").split(",") if part.strip()]


def read_log_format(environ: Mapping[str, str], *, is_terminal: bool) -> str:
    """Return how the log is written: ``json``, or ``plain`` for people. Without a wish, plain on a terminal alone."""
    text = environ.get("LOG_FORMAT", "").strip().lower() or ("plain" if is_terminal else "json")
    if text not in {"json", "plain"}:
        raise wrong("LOG_FORMAT", f"is {text!r}", "Set it to json or plain")
    return text


def read_web_address(environ: Mapping[str, str], name: str, *, default: str = "") -> str:
    """Return an http or https address as it is written, or ``default``."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise wrong(name, f"is {text!r}, which is no web address", "Write it like https://alerts.example.org")
    return text


def read_origins(environ: Mapping[str, str], name: str) -> list[str]:
    """Return web addresses separated by commas, each with its scheme as Django asks."""
    return [read_web_address({name: part}, name).rstrip("/") for part in read_list(environ, name)]


def read_token(environ: Mapping[str, str], name: str) -> str:
    """Return a secret that a program brings along; "" where there is none. A short one is refused."""
    text = environ.get(name, "").strip()
    if text and len(text) < SHORTEST_TOKEN:
        raise wrong(name, "is too short", f"Make one: {HOW_TO_MAKE_A_KEY}")
    return text


def read_folder(environ: Mapping[str, str], name: str) -> Path | None:
    """Return a folder, or ``None`` where none is named. It need not be there yet."""
    text = environ.get(name, "").strip()
    return Path(text).expanduser().resolve() if text else None


def read_backup_keys(environ: Mapping[str, str], *, folder: Path | None) -> list[str]:
    """Return the public keys that the night's copies are sealed with: at least one where there is a folder for them."""
    keys = read_list(environ, "BACKUP_KEYS")
    mend = "Make one with: python manage.py backup --new-key FILE"
    for key in keys:
        try:
            x25519.Recipient.from_str(key)
        except RecipientError as error:
            raise wrong("BACKUP_KEYS", "holds what is no public key (age1…)", mend) from error
    if folder is not None and not keys:
        raise wrong("BACKUP_KEYS", "is not set although BACKUP_DIR is", mend)
    return keys


# Servers


def read_database(environ: Mapping[str, str], *, default_file: Path, statement_timeout: int) -> dict[str, Any]:
    """Return Django's entry for the database that ``DATABASE_URL`` names.

    ``sqlite:///relative/path``, ``sqlite:////absolute/path`` or
    ``postgres://user:password@host:port/name``; without one, SQLite in ``default_file``.
    ``statement_timeout`` is in seconds and counts on PostgreSQL only; 0 is no limit.
    """
    url = environ.get("DATABASE_URL", "").strip()
    if not url:
        return _sqlite(str(default_file))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(_sqlite_path(url))
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(url, statement_timeout=statement_timeout)
    raise wrong(
        "DATABASE_URL",
        f"begins with {parts.scheme!r}, which is no database this program runs on",
        "Write postgres://user:password@host:5432/name or sqlite:////path/to/file.sqlite3",
    )


def _sqlite_path(url: str) -> str:
    path = unquote(url.removeprefix("sqlite://")).removeprefix("/")
    if not path or path == ":memory:":
        raise wrong(
            "DATABASE_URL",
            "names no file: several processes share the database",
            "Write sqlite:////path/to/file.sqlite3",
        )
    return path


def _sqlite(path: str) -> dict[str, Any]:
    # Readers and the one writer beside each other (WAL); the write lock is taken when a transaction
    # begins, because one that reads first and writes later fails at once instead of waiting.
    pragmas = (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=NORMAL",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA mmap_size=134217728",
        "PRAGMA journal_size_limit=27103364",
        "PRAGMA cache_size=-20000",
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": ";".join(pragmas) + ";"},
        "CONN_MAX_AGE": None,
    }


def _postgresql(url: str, *, statement_timeout: int) -> dict[str, Any]:
    mend = "Write postgres://user:password@host:5432/name"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong("DATABASE_URL", f"cannot be read ({error})", mend) from error
    name = unquote(parts.path.lstrip("/"))
    if not name or "/" in name:
        raise wrong("DATABASE_URL", "names no database after the host", mend)
    query = dict(parse_qsl(parts.query))
    # A transaction left open keeps the sweep slow for everybody; a lock that never comes or a server
    # that fell silent must become an error, which the loops answer by connecting anew.
    server_options = {
        "idle_in_transaction_session_timeout": "60s",
        "lock_timeout": "15s",
        "statement_timeout": f"{statement_timeout}s",
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket's folder cannot stand where the host stands: postgres:///name?host=/run/postgresql
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "antifraud",
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": " ".join(f"-c {key}={value}" for key, value in server_options.items()),
            **query,
        },
    }


def read_broker(environ: Mapping[str, str]) -> str:
    """Return Celery's address of the broker that ``REDIS_URL`` names, or ``memory://`` without one.

    ``memory://`` swallows what is published: without a broker the database still knows what is
    due, and ``keep_watch`` sweeps it.
    """
    url = environ.get("REDIS_URL", "").strip()
    if not url:
        return "memory://"
    mend = "Write redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError as error:
        raise wrong("REDIS_URL", f"cannot be read ({error})", mend) from error
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return url
    if parts.scheme == "unix" and parts.path.startswith("/"):
        return "redis+socket" + url.removeprefix("unix")
    raise wrong("REDIS_URL", f"begins with {parts.scheme!r} or names no host", mend)


def read_email(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return Django's ``EMAIL_…`` settings for ``EMAIL_URL``; without one, mail goes nowhere.

    ``smtp://`` is plain, ``smtp+tls://`` upgrades (port 587), ``smtps://`` is TLS from the start
    (port 465), ``console://`` writes mail to the log.
    """
    url = environ.get("EMAIL_URL", "").strip()
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    mend = "Write smtp+tls://user:password@host:587, smtps://user:password@host:465, smtp://host:25 or console://"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong("EMAIL_URL", f"cannot be read ({error})", mend) from error
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    default_ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in default_ports or not parts.hostname:
        raise wrong("EMAIL_URL", f"begins with {parts.scheme!r} or names no host", mend)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or default_ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
    }


def read_mailbox(environ: Mapping[str, str]) -> str:
    """Return ``INTAKE_MAIL_URL``, the mailbox that sources send alerts to; "" for none.

    ``imaps://`` is TLS from the start (port 993), ``imap+tls://`` upgrades (port 143), ``imap://`` is plain.
    """
    name = "INTAKE_MAIL_URL"
    url = environ.get(name, "").strip()
    if not url:
        return ""
    mend = "Write imaps://user:password@host/INBOX, imap+tls://… or imap://…; %40 for an @ in the name"
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise wrong(name, f"cannot be read ({error})", mend) from error
    if parts.scheme not in {"imaps", "imap+tls", "imap"} or not parts.hostname:
        raise wrong(name, f"begins with {parts.scheme!r} or names no host", mend)
    if not parts.username or not parts.password:
        raise wrong(name, "names no user or no password", mend)
    return url


# Secrets


@dataclass(frozen=True)
class Secrets:
    """The three secrets: Django's own, the keys of encrypted fields (the first writes), the search keys likewise."""

    secret_key: str
    field_keys: dict[str, bytes]
    index_key: bytes
    earlier_index_keys: tuple[bytes, ...] = ()


def read_secrets(environ: Mapping[str, str], *, data_dir: Path, may_make: bool) -> Secrets:
    """Return the secrets, from the environment or from ``data_dir``/secrets.json.

    All three come from one place. Where the environment has none of them they are read from the
    data folder, and made there on first start if ``may_make``: elsewhere two machines on one
    database would each make keys of their own, and neither could read what the other encrypted.
    """
    names = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")
    given = [name for name in names if environ.get(name, "").strip()]
    if len(given) == len(names):
        return _parse_secrets({name: environ[name].strip() for name in names}, where="")
    if given:
        missing = next(name for name in names if name not in given)
        raise wrong(
            missing,
            f"is missing while {' and '.join(given)} are set",
            "Set SECRET_KEY, FIELD_KEYS and INDEX_KEY together, or none of them",
        )
    file = data_dir / "secrets.json"
    if not file.exists() and not may_make:
        raise wrong(
            "SECRET_KEY",
            "is missing, and so are FIELD_KEYS and INDEX_KEY",
            "Set all three; or set DATA_DIR to a folder where they may be made and kept",
        )
    return _parse_secrets(_kept_secrets(file), where=f" in {file}")


def _parse_secrets(texts: Mapping[str, str], *, where: str) -> Secrets:
    if len(texts["SECRET_KEY"]) < SHORTEST_SECRET_KEY:
        raise wrong(
            "SECRET_KEY" + where,
            f"is shorter than {SHORTEST_SECRET_KEY} characters",
            f"Make one: {HOW_TO_MAKE_A_KEY}",
        )
    index_keys = tuple(_decode_key(key, name="INDEX_KEY" + where) for key in texts["INDEX_KEY"].split(","))
    return Secrets(
        secret_key=texts["SECRET_KEY"],
        field_keys=_parse_field_keys(texts["FIELD_KEYS"], name="FIELD_KEYS" + where),
        index_key=index_keys[0],
        earlier_index_keys=index_keys[1:],
    )


def _parse_field_keys(text: str, *, name: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, colon, key = part.strip().partition(":")
        if not (colon and key_id.isascii() and key_id.isalnum()):
            raise wrong(name, "has an entry without a name", "Write name:key,oldname:oldkey with the current key first")
        if key_id in keys:
            raise wrong(name, f"has two keys named {key_id!r}", "Give each key a name of its own")
        keys[key_id] = _decode_key(key, name=f"{name} ({key_id})")
    return keys


def _decode_key(text: str, *, name: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(name, "is not base64", f"Make one: {HOW_TO_MAKE_A_KEY}") from error
    if len(key) != FIELD_KEY_BYTES:
        raise wrong(name, f"is {len(key)} bytes long, not {FIELD_KEY_BYTES}", f"Make one: {HOW_TO_MAKE_A_KEY}")
    return key


def _kept_secrets(file: Path) -> dict[str, str]:
    if not file.exists():
        _make_secrets(file)
    mend = "Restore it from a backup: what is encrypted in the database can be read with these keys only"
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(texts[name]) for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")}
    except OSError as error:
        raise wrong("DATA_DIR", f"has secrets that cannot be read ({error})", "Run as the owner of the file") from error
    except (ValueError, KeyError, TypeError) as error:
        raise wrong("DATA_DIR", f"has a damaged {file}", mend) from error


def make_data_dir(folder: Path) -> None:
    """Make the data folder for its owner alone; one that is there already is left as it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise wrong("DATA_DIR", f"cannot be made ({error})", "Set it to a folder this user may write to") from error


def _make_secrets(file: Path) -> None:
    """Write new secrets so that of several processes starting at once one wins and all read the same.

    The file appears whole or not at all: it is written beside its place and linked there, and a
    link never replaces what is there.
    """
    make_data_dir(file.parent)
    texts = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(FIELD_KEY_BYTES)).decode(),
        "INDEX_KEY": base64.b64encode(secrets.token_bytes(FIELD_KEY_BYTES)).decode(),
    }
    try:
        handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".secrets-")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as writer:
            json.dump(texts, writer, indent=2)
            writer.flush()
            os.fsync(writer.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        Path(draft).unlink()
    except OSError as error:
        raise wrong(
            "DATA_DIR", f"cannot keep secrets ({error})", "Set it to a folder this user may write to"
        ) from error
