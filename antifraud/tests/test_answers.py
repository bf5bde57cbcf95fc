"""What every answer carries, and how the files of the look are served."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from antifraud import collected
from antifraud.collected import CollectedFiles, collect_where_changed


@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/", "/healthz", "/admin/login/", "/api/v1/docs"])
@pytest.mark.django_db
def test_every_answer_forbids_what_no_page_of_ours_does(path: str) -> None:
    answer = Client().get(path)
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_page_travels_compressed_and_never_twice_at_the_same_length() -> None:
    answers = [Client(headers={"accept-encoding": "gzip"}).get("/accounts/login/") for _one in range(5)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert len({answer["Content-Length"] for answer in answers}) > 1


@pytest.fixture
def small_look(tmp_path: Path, settings: LazySettings) -> Path:
    """A look of two files that nobody else has."""
    source = tmp_path / "look"
    (source / "css").mkdir(parents=True)
    (source / "css" / "one.css").write_text(
        "a { background: url(picture.svg) }\n/*# sourceMappingURL=gone.map */\n" * 50
    )
    (source / "css" / "picture.svg").write_text("<svg/>")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    return source


def test_a_file_that_was_not_collected_keeps_its_name(small_look: Path) -> None:
    assert CollectedFiles().url("css/one.css") == "/static/css/one.css"
    assert staticfiles_storage.url("no/such.css") == "/static/no/such.css"


def test_collected_files_are_named_by_their_content_and_compressed(small_look: Path) -> None:
    assert collect_where_changed()
    address = CollectedFiles().url("css/one.css")
    assert re.fullmatch(r"/static/css/one\.[0-9a-f]{12}\.css", address)
    assert settings.WHITENOISE_IMMUTABLE_FILE_TEST("", address)
    file = Path(settings.STATIC_ROOT) / address.removeprefix("/static/")
    assert re.search(r"picture\.[0-9a-f]{12}\.svg", file.read_text())
    assert gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes()) == file.read_bytes()


def test_files_are_collected_again_only_where_one_has_changed(
    small_look: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert collect_where_changed()
    before = CollectedFiles().url("css/one.css")
    monkeypatch.setattr(collected, "call_command", lambda *_, **__: pytest.fail("collected without need"))
    assert not collect_where_changed()
    monkeypatch.undo()
    (small_look / "css" / "one.css").write_text("a { color: red }")
    assert collect_where_changed()
    assert CollectedFiles().url("css/one.css") != before


@pytest.mark.parametrize("address", ["/static/css/app.css", "/static/admin/css/base.css"])
def test_what_may_change_under_its_name_is_not_kept_for_ever(address: str) -> None:
    assert not settings.WHITENOISE_IMMUTABLE_FILE_TEST("", address)
