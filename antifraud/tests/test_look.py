"""The look is our own: vendored files as they were fetched, no other host, nothing inline, the same way in for all."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from django.views import defaults

from accounts.clock import today
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from antifraud.management.commands.vendor_assets import sha384
from antifraud.ways import ways_of
from residents.tests.factories import make_community, make_staff

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
OWN_FILES = sorted(
    path for folder in ("css", "js", "icons") for path in (settings.BASE_DIR / "static" / folder).iterdir()
)
VENDOR = settings.BASE_DIR / "static" / "vendor"
# What names no host that a browser would ask: the names of vocabularies.
NAMESPACES = ("http://www.w3.org/2000/svg",)


def test_every_vendored_file_is_as_it_was_fetched() -> None:
    call_command("vendor_assets", "--check")


def test_a_vendored_file_changed_by_hand_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "static" / "vendor" / "thing-1"
    folder.mkdir(parents=True)
    (folder / "thing.css").write_text("a { color: red }")
    files = [{"from": "thing.css", "to": "thing.css", "sha384": sha384(b"a { color: blue }")}]
    manifest = {"packages": [{"package": "thing", "version": "1", "folder": "thing-1", "files": files}]}
    (folder.parent / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    with pytest.raises(CommandError, match=r"thing-1/thing\.css"):
        call_command("vendor_assets", "--check")


def test_every_vendored_folder_is_in_the_manifest_with_version_and_licence() -> None:
    packages = json.loads((VENDOR / "manifest.json").read_text())["packages"]
    assert {package["folder"] for package in packages} == {path.name for path in VENDOR.iterdir() if path.is_dir()}
    assert all(package["folder"].endswith(package["version"]) and package["licence"] for package in packages)


@pytest.mark.parametrize("path", [*TEMPLATES, *OWN_FILES], ids=lambda path: path.name)
def test_no_template_and_no_file_of_the_look_names_another_host(path: Path) -> None:
    if path.suffix == ".png":
        return
    text = path.read_text()
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_script_or_style_of_its_own(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_that_a_template_draws_is_in_the_sprite(path: Path) -> None:
    (sprite,) = VENDOR.glob("tabler-icons-*/sprite.svg")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite.read_text()))
    assert set(re.findall(r"\{\{ icons \}\}#([a-z0-9-]+)\"", path.read_text())) <= known


def test_a_shared_piece_of_a_template_says_what_it_needs() -> None:
    pieces = [path for path in TEMPLATES if path.name.startswith("_") and path.name != "_error.html"]
    assert pieces
    assert [path.name for path in pieces if not path.read_text().startswith("{# Needs: ")] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "start", "sections"),
    [
        (Role.DUTY_OFFICER, "alerts:desk", 6),
        (Role.MANAGER, "alerts:desk", 9),
        (Role.WARNING_SPECIALIST, "alerts:tasks", 5),
        (Role.SUPERVISOR, "reports:dashboard", 4),
        (Role.CARER, "residents:visits", 1),
        (Role.OUTREACH_WORKER, "campaigns:home", 1),
        (Role.BUILDING_INFORMANT, "notifications:inbox", 0),
    ],
)
def test_everybody_begins_where_their_posts_lead_and_sees_no_section_that_is_shut(
    client: Client, role: Role, start: str, sections: int
) -> None:
    client.force_login(make_staff(role, make_community().community))
    assert client.get(reverse("home"))["Location"] == reverse(start)
    page = client.get(reverse("notifications:inbox")).content.decode()
    assert page.split('class="topbar-nav"')[1].split("</nav>")[0].count("<a ") == sections


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_way_that_is_shown_leads_somewhere_and_knows_where_it_is(client: Client, role: Role) -> None:
    user = make_staff(role, make_community().community)
    client.force_login(user)
    on = today()
    for section in ways_of(user, path="", on=on).sections:
        within = ways_of(user, path=section.url, on=on)
        assert within.here == replace(section, is_current=True)
        assert len(within.ways) != 1
        for way in within.ways:
            assert client.get(way.url).status_code == 200, way.url
            found = ways_of(user, path=f"{way.url}7/", on=on)
            assert [one.url for one in found.ways if one.is_current] == [way.url]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_the_pages_of_errors_need_nothing_and_say_what_to_do_next(language: str, name: str) -> None:
    with translation.override(language):
        page = render_to_string(f"{name}.html")
    assert 'href="/"' in page
    assert page.count("<h1>") == 1


def test_an_unknown_address_gets_our_own_page_in_chinese() -> None:
    request: HttpRequest = RequestFactory().get("/nowhere/")
    assert "页面不存在" in defaults.page_not_found(request, Http404()).content.decode()


@pytest.mark.django_db
def test_a_page_that_had_expired_gets_our_own_page() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())
    response = client.post(reverse("accounts:logout"))
    assert response.status_code == 403
    assert "expired" in response.content.decode()


@pytest.mark.django_db
def test_the_program_can_be_installed_on_a_phone(client: Client) -> None:
    manifest = json.loads(client.get(reverse("manifest")).content)
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).status_code == 200


@pytest.mark.django_db
def test_a_page_travels_compressed(client: Client) -> None:
    client.force_login(UserFactory())
    response = client.get(reverse("notifications:inbox"), headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
