"""The library of texts: a community's own, the general one, on paper, and read by anybody."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from knowledge.models import Text
from knowledge.policy import is_public, read_instead
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db
KEYS = ["five_rules", "ten_rules", "leaflet.elder", "leaflet.tenant", "pledge", "memory_card"]
OWN = {"title_zh": "我们的承诺", "body_zh": "一\n二", "title_en": "", "body_en": "", "origin": "本社区"}


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, name="郭涛淑")


def address(name, place, key="pledge"):
    return reverse(f"knowledge:{name}", args=[place.community.code, key])


@pytest.mark.parametrize("key", KEYS)
def test_a_text_for_residents_is_whole_in_both_languages_and_says_where_it_comes_from(key):
    text = Text.objects.get(key=key)
    assert len(text.body_zh.splitlines()) == len(text.body_en.splitlines()) >= 6
    assert text.origin
    assert not re.search(r"[㐀-鿿]", text.body_en + text.title_en)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "pledge"])
def test_whom_to_call_stands_in_every_text_that_is_handed_out(key):
    text = Text.objects.get(key=key)
    assert all(number in text.body_zh and number in text.body_en for number in ("110", "96110"))


def test_a_community_writes_its_own_text_and_goes_back_to_the_general_one(client, place, worker):
    client.force_login(worker)
    general = Text.objects.get(key="pledge")
    assert client.post(address("edit", place), OWN).status_code == 302
    assert "我们的承诺" in client.get(address("text", place)).content.decode()
    assert Text.objects.get(pk=general.pk).title_zh == general.title_zh
    assert client.post(address("reset", place)).status_code == 302
    page = client.get(address("text", place)).content.decode()
    assert "我们的承诺" not in page
    assert page.count("郭涛淑") >= 2  # who wrote it and who set it back is still there
    assert AuditEntry.objects.get(verb="knowledge.text_reset").detail["title_zh"] == "我们的承诺"


def test_a_refused_text_is_kept_as_it_was_typed(client, place, worker):
    client.force_login(worker)
    refused = client.post(address("edit", place), OWN | {"title_zh": ""})
    assert refused.status_code == 400
    assert "本社区" in refused.content.decode()


def test_a_grid_leader_reads_and_copies_but_writes_none(client, place):
    client.force_login(make_staff(Role.GRID_LEADER, place.grid))
    assert client.get(reverse("knowledge:texts")).status_code == 200
    assert client.get(address("text", place)).status_code == 200
    assert client.get(address("paper", place)).status_code == 200
    assert client.post(address("edit", place), OWN).status_code == 403


def test_the_next_communitys_texts_and_the_general_ones_are_not_there(client, place, worker):
    client.force_login(worker)
    abroad = make_community(4)
    for name in ("text", "edit", "paper"):
        assert client.get(address(name, abroad)).status_code == 404
    assert client.get(reverse("knowledge:general_text", args=["pledge"])).status_code == 403


def test_an_administrator_writes_the_general_text(client):
    client.force_login(AdministratorFactory())
    assert client.post(reverse("knowledge:general_edit", args=["pledge"]), OWN).status_code == 302
    assert Text.objects.get(key="pledge").title_zh == "我们的承诺"


def test_nobody_invents_a_key(client, place, worker):
    client.force_login(worker)
    assert client.post(address("edit", place, "no.such.key"), OWN).status_code == 404
    assert not Text.objects.filter(key="no.such.key").exists()


def test_anybody_reads_a_text_for_residents_without_logging_in_in_either_language(client, place):
    page = reverse("knowledge:read", args=["pledge", place.community.code])
    answer = client.get(page)
    assert "反诈承诺书" in answer.content.decode()
    assert "public" in answer.headers["Cache-Control"]
    assert "Anti-fraud pledge" in client.get(page, {"in": "en"}).content.decode()
    assert not answer.cookies


@pytest.mark.parametrize("key", ["dissuasion_card", "script.fake_loan", "no.such"])
def test_what_is_for_staff_is_read_by_nobody_else(client, place, key):
    assert not is_public(key)
    assert read_instead(key) == "memory_card"
    assert client.get(reverse("knowledge:read", args=[key, place.community.code])).status_code == 404


@pytest.mark.parametrize(("key", "sheet"), [("memory_card", "four"), ("dissuasion_card", "a6"), ("pledge", "a4")])
def test_paper_carries_a_code_and_the_numbers(client, place, worker, key, sheet):
    client.force_login(worker)
    page = client.get(address("paper", place, key), {"as": sheet}).content.decode()
    assert page.count('class="qrline"') == (4 if sheet == "four" else 1)
    assert "12337" in page
    assert " style=" not in page
