import json
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from antifraud import environment
from antifraud.testing.environment import TEST_SECRETS


def database(url: str) -> dict:
    return environment.read_database({"DATABASE_URL": url}, default_file=Path("/data/a.sqlite3"), statement_timeout=60)


def start_settings(**variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, with these variables and no others of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import antifraud.settings"],
        cwd=settings.BASE_DIR,
        env=kept | variables,
        capture_output=True,
        text=True,
    )


def test_without_a_database_url_the_database_is_a_file_in_the_data_folder():
    entry = environment.read_database({}, default_file=Path("/data/a.sqlite3"), statement_timeout=60)
    assert entry["ENGINE"] == "django.db.backends.sqlite3"
    assert entry["NAME"] == "/data/a.sqlite3"


def test_sqlite_takes_the_write_lock_when_a_transaction_begins_and_lets_readers_go_on():
    options = database("sqlite:////tmp/a.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:////var/lib/a.sqlite3", "/var/lib/a.sqlite3"), ("sqlite:///a.sqlite3", "a.sqlite3")],
)
def test_a_sqlite_url_is_absolute_with_four_slashes_and_relative_with_three(url, path):
    assert database(url)["NAME"] == path


def test_a_postgres_url_gives_user_password_host_port_and_name_even_with_odd_letters():
    entry = database("postgres://zhang%40office:p%3Ass%2F@db.example:6432/alerts")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert entry["USER"] == "zhang@office"
    assert entry["PASSWORD"] == "p:ss/"
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", "6432", "alerts")


def test_a_postgres_socket_folder_stands_in_the_query():
    assert database("postgres://postgres@/alerts?host=/run/postgresql")["HOST"] == "/run/postgresql"


def test_an_idle_transaction_and_a_lock_that_never_comes_end_by_themselves_on_postgresql():
    options = database("postgres://a@b/c")["OPTIONS"]["options"]
    assert "idle_in_transaction_session_timeout=60s" in options
    assert "lock_timeout=15s" in options
    assert "statement_timeout=60s" in options


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root@localhost/a",
        "postgres//a",
        "/tmp/a.sqlite3",
        "sqlite://",
        "sqlite://:memory:",
        "postgres://a@b",
        "postgres://a@b:port/c",
    ],
)
def test_a_database_url_that_cannot_be_right_is_refused_by_name_with_its_mend(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL .+\. Write "):
        database(url)


@pytest.mark.parametrize(
    "url", ["http://localhost:6379", "localhost:6379", "redis://", "redis://host:port/0", "amqp://a"]
)
def test_a_redis_url_that_cannot_be_right_is_refused_by_name_with_its_mend(url):
    with pytest.raises(ImproperlyConfigured, match=r"^REDIS_URL .+\. Write redis://"):
        environment.read_broker({"REDIS_URL": url})


def test_a_redis_socket_is_written_as_celery_takes_it():
    assert environment.read_broker({"REDIS_URL": "unix:///data/b.sock"}) == "redis+socket:///data/b.sock"


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80.5", "８０"])
def test_a_port_that_is_none_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"PORT is .+ whole number from 1 to 65535"):
        environment.read_number({"PORT": text}, "PORT", default=8000, lowest=1, highest=65535)


def test_a_switch_is_yes_or_no_and_nothing_else():
    assert environment.read_switch({"DEBUG": "Yes"}, "DEBUG", default=False) is True
    assert environment.read_switch({"DEBUG": ""}, "DEBUG", default=True) is True
    with pytest.raises(ImproperlyConfigured, match="DEBUG is 'maybe'"):
        environment.read_switch({"DEBUG": "maybe"}, "DEBUG", default=False)


@pytest.mark.parametrize("text", ["alerts.example.org", "ftp://example.org", "https://"])
def test_a_web_address_without_scheme_or_host_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL"):
        environment.read_web_address({"PUBLIC_URL": text}, "PUBLIC_URL")


def test_a_mail_server_is_read_with_its_kind_of_encryption():
    mail = environment.read_email({"EMAIL_URL": "smtp+tls://office:p%40ss@mail.example:2525"})
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"], mail["EMAIL_HOST_PASSWORD"]) == ("mail.example", 2525, "p@ss")
    assert mail["EMAIL_USE_TLS"] is True
    assert mail["EMAIL_USE_SSL"] is False
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        environment.read_email({"EMAIL_URL": "pop3://mail.example"})


# Secrets


def read(environ: dict, folder: Path, *, may_make: bool = True) -> environment.Secrets:
    return environment.read_secrets(environ, data_dir=folder, may_make=may_make)


def test_secrets_are_made_on_first_start_for_their_owner_alone_and_stay_the_same(tmp_path):
    folder = tmp_path / "data"
    first = read({}, folder)
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert read({}, folder) == first
    assert [len(key) for key in first.field_keys.values()] == [32]


def test_of_many_processes_that_start_at_once_all_get_the_same_secrets(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: read({}, tmp_path / "data"), range(32)))
    assert all(secrets == made[0] for secrets in made)
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secrets.json"]


def test_in_production_secrets_are_never_made_up(tmp_path):
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY is missing.+DATA_DIR"):
        read({}, tmp_path / "data", may_make=False)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY"])
def test_one_secret_missing_beside_the_others_is_named(tmp_path, missing):
    given = {name: text for name, text in TEST_SECRETS.items() if name != missing}
    with pytest.raises(ImproperlyConfigured, match=f"^{missing} is missing"):
        read(given, tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("SECRET_KEY", "hunter2", "shorter than 32"),
        ("FIELD_KEYS", "no-colon-here", "without a name"),
        ("FIELD_KEYS", "k1:not base64!", "not base64"),
        ("FIELD_KEYS", "k1:YWJj", "3 bytes long"),
        ("FIELD_KEYS", f"{TEST_SECRETS['FIELD_KEYS']},{TEST_SECRETS['FIELD_KEYS']}", "two keys named 't1'"),
        ("INDEX_KEY", "YWJj", "3 bytes long"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_without_being_repeated(tmp_path, name, text, problem):
    with pytest.raises(ImproperlyConfigured, match=f"^{name}.*{problem}") as refusal:
        read(TEST_SECRETS | {name: text}, tmp_path)
    assert text not in str(refusal.value)


def test_of_several_field_keys_the_first_is_the_current_one(tmp_path):
    key = TEST_SECRETS["INDEX_KEY"]
    secrets = read(TEST_SECRETS | {"FIELD_KEYS": f"new:{key}, old:{key}"}, tmp_path)
    assert list(secrets.field_keys) == ["new", "old"]


def test_a_damaged_secrets_file_is_never_replaced(tmp_path):
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(ImproperlyConfigured, match=r"damaged.+backup"):
        read({}, tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{"


# The settings as a whole


def test_the_settings_need_nothing_but_a_data_folder(tmp_path):
    started = start_settings(DATA_DIR=str(tmp_path / "data"))
    assert started.returncode == 0, started.stderr
    assert json.loads((tmp_path / "data" / "secrets.json").read_text()).keys() == TEST_SECRETS.keys()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'"),
        ({"DATABASE_URL": "oracle://x/y"}, "DATABASE_URL begins with 'oracle'"),
        ({"REDIS_URL": "ftp://x"}, "REDIS_URL begins with 'ftp'"),
        ({"WATCHDOG_URL": "hc-ping"}, "WATCHDOG_URL is 'hc-ping'"),
    ],
)
def test_the_program_does_not_start_on_a_wrong_value(tmp_path, variables, message):
    started = start_settings(DATA_DIR=str(tmp_path), **variables)
    assert started.returncode != 0
    assert f"ImproperlyConfigured: {message}" in started.stderr


def test_every_variable_that_is_read_is_in_the_example():
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    source = (settings.BASE_DIR / "antifraud" / "settings.py").read_text(encoding="utf-8")
    source += (settings.BASE_DIR / "antifraud" / "environment.py").read_text(encoding="utf-8")
    read_names = set(re.findall(r'(?:environ|ENVIRON)(?:\.get\(|\[|, )\s*"([A-Z_]+)"', source)) | set(TEST_SECRETS)
    assert read_names >= {"DATABASE_URL", "PORT", "DATA_DIR"}
    assert {name for name in read_names if f"\n{name}=" not in example and f"\n# {name}=" not in example} == set()


# Production


def production(tmp_path: Path) -> dict[str, str]:
    """What docs/deploying.md tells an office to set, as .env.example writes it."""
    return {
        "DATABASE_URL": "postgres://antifraud:word@127.0.0.1:5432/antifraud",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "PUBLIC_URL": "https://alerts.example.org",
        "BEHIND_PROXY": "true",
        "DATA_DIR": str(tmp_path),
        **TEST_SECRETS,
        "SECRET_KEY": "aVery-long_secret.of/64~letters+that*nobody=guesses!0123456789abcdef",
    }


def manage(words: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=kept | variables, capture_output=True, text=True)


def test_djangos_own_check_of_a_deployment_has_nothing_to_say(tmp_path):
    done = manage(["manage.py", "check", "--deploy", "--fail-level", "INFO"], production(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_cookies_over_tls_are_for_this_very_host_alone_and_http_leads_to_https(tmp_path):
    script = """
import django; django.setup()
from django.conf import settings
from django.test import Client
client = Client(headers={"host": "alerts.example.org"})
moved = client.get("/accounts/language/")
assert moved.status_code == 301 and moved["Location"].startswith("https://alerts.example.org/"), moved
safe = Client(headers={"host": "alerts.example.org", "x-forwarded-proto": "https"})
answer = safe.get("/accounts/factor/x/")
assert "max-age=31536000" in answer["Strict-Transport-Security"], answer.headers
assert "upgrade-insecure-requests" in answer["Content-Security-Policy"]
for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.DEVICE_COOKIE_NAME):
    assert name.startswith("__Host-"), name
assert settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SESSION_COOKIE_HTTPONLY
assert settings.SESSION_COOKIE_PATH == settings.CSRF_COOKIE_PATH == "/" and not settings.SESSION_COOKIE_DOMAIN
"""
    variables = production(tmp_path) | {"DJANGO_SETTINGS_MODULE": "antifraud.settings"}
    variables.pop("DATABASE_URL")
    done = manage(["-c", script], variables)
    assert done.returncode == 0, done.stderr


def test_of_several_index_keys_the_first_is_the_current_one(tmp_path):
    first, second = TEST_SECRETS["INDEX_KEY"], "k" * 43 + "="
    secrets = read(TEST_SECRETS | {"INDEX_KEY": f"{first}, {second}"}, tmp_path)
    assert secrets.index_key == read(TEST_SECRETS, tmp_path).index_key
    assert len(secrets.earlier_index_keys) == 1


def test_a_mailbox_for_alerts_needs_a_user_and_a_password():
    assert environment.read_mailbox({}) == ""
    url = "imaps://warn%40office.example:secret@imap.example/INBOX"
    assert environment.read_mailbox({"INTAKE_MAIL_URL": url}) == url
    for wrong in ("pop3://a:b@c", "imaps://imap.example", "imaps://a@imap.example", "imaps://a:b@c:port"):
        with pytest.raises(ImproperlyConfigured, match="INTAKE_MAIL_URL"):
            environment.read_mailbox({"INTAKE_MAIL_URL": wrong})
