"""Texts keep their versions; stories are drafts until somebody releases them, and name nobody."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import database_now
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from knowledge import services
from knowledge.models import Text, TextVersion
from knowledge.policy import names_somebody
from knowledge.screens import library, texts_to_send
from knowledge.services import KnowledgeError
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

WORDS = {"title_zh": "我们的承诺", "title_en": "", "body_zh": "一\n二", "body_en": "", "origin": ""}


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, name="郭涛淑")


def write(place, worker, body):
    words = WORDS | {"body_zh": body}
    return services.keep_text("pledge", community_code=place.community.code, words=words, by=worker, now=database_now())


def test_every_change_is_a_version_with_who_wrote_it(place, worker):
    write(place, worker, "第一版")
    write(place, worker, "第二版")
    kept = TextVersion.objects.filter(key="pledge", community_code=place.community.code)
    assert [(one.body_zh, one.by) for one in kept] == [("第二版", worker), ("第一版", worker)]


def test_what_was_shipped_is_kept_before_it_is_changed(place):
    administrator, shipped = AdministratorFactory(), Text.objects.get(key="pledge", community_code="")
    services.keep_text("pledge", community_code="", words=WORDS, by=administrator, now=database_now())
    last, first = TextVersion.objects.filter(key="pledge", community_code="")
    assert (first.body_zh, first.by, last.body_zh) == (shipped.body_zh, None, "一\n二")


def test_one_press_brings_earlier_words_back_and_loses_none(client, place, worker):
    write(place, worker, "第一版")
    write(place, worker, "第二版")
    first = TextVersion.objects.get(body_zh="第一版")
    client.force_login(worker)
    address = reverse("knowledge:restore", args=[place.community.code, "pledge"])
    client.post(address, {"version": first.pk})
    assert Text.objects.get(key="pledge", community_code=place.community.code).body_zh == "第一版"
    assert TextVersion.objects.filter(key="pledge").count() == 3
    page = client.get(reverse("knowledge:text", args=[place.community.code, "pledge"])).content.decode()
    assert "第二版" in page


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40, "٣"])
def test_a_version_that_is_none_of_this_text_is_not_there(client, place, worker, number):
    write(place, worker, "第一版")
    client.force_login(worker)
    address = reverse("knowledge:restore", args=[place.community.code, "pledge"])
    assert client.post(address, {"version": number}).status_code == 404


def test_a_version_of_the_next_community_is_not_restored_here(client, place, worker):
    abroad = make_community(4)
    write(abroad, worker, "邻居的")
    write(place, worker, "我们的")
    client.force_login(worker)
    address = reverse("knowledge:restore", args=[place.community.code, "pledge"])
    assert client.post(address, {"version": TextVersion.objects.get(body_zh="邻居的").pk}).status_code == 404


# ── stories ─────────────────────────────────────────────────────────────────────────────────────────────────────────

STORY = {
    "title_zh": "差点转走的三万六",
    "title_en": "",
    "body_zh": "一位60多岁的居民\n挂了电话",
    "body_en": "",
    "origin": "",
}


def draft(place, worker, names=(), **words):
    return services.draft_story(place.community.code, words=STORY | words, names=names, by=worker, now=database_now())


def test_a_draft_is_read_by_who_writes_texts_alone_until_it_is_released(client, place, worker):
    story = draft(place, worker)
    address = reverse("knowledge:text", args=[place.community.code, story.key])
    public = reverse("knowledge:read", args=[story.key, place.community.code])
    assert client.get(public).status_code == 404
    client.force_login(make_staff(Role.WARNING_SPECIALIST, place.grid))
    assert client.get(address).status_code == 404
    assert story.key not in dict(texts_to_send(place.community.code))
    assert story.key not in str(library(place.community.code, with_drafts=False))
    client.force_login(worker)
    assert client.get(address).status_code == 200
    client.post(reverse("knowledge:release", args=[place.community.code, story.key]))
    client.logout()
    assert client.get(public).status_code == 200
    assert story.key in dict(texts_to_send(place.community.code))


@pytest.mark.parametrize(
    "words",
    ["电话19900001234", "卡号 6222 0212 3456", "１９９００００１２３４", "王某某说", "王 某某 说", "139-0000-123"],
)
def test_a_story_that_could_lead_to_somebody_is_refused(place, worker, words):
    with pytest.raises(KnowledgeError):
        draft(place, worker, names=["王某某"], body_zh=words)
    assert not Text.objects.filter(key__startswith="story.").exists()


def test_a_number_put_into_a_story_later_is_refused_as_well(place, worker):
    story = draft(place, worker)
    with pytest.raises(KnowledgeError):
        services.keep_text(
            story.key,
            community_code=place.community.code,
            words=STORY | {"body_zh": "打19900001234"},
            by=worker,
            now=database_now(),
        )


@given(st.text(alphabet="0123456789 -王一二三四五", max_size=40))
def test_seven_digits_never_pass_and_fewer_in_a_row_always_do(words):
    longest, run = 0, 0
    for sign in words:
        run = run + 1 if sign.isdigit() else run if sign in " -" else 0
        longest = max(longest, run)
    assert bool(names_somebody(words)) == (longest >= 7)


def test_a_story_is_taken_out_and_nothing_is_behind_it(client, place, worker):
    story = draft(place, worker)
    client.force_login(worker)
    answer = client.post(reverse("knowledge:reset", args=[place.community.code, story.key]))
    assert answer.headers["Location"].startswith(reverse("knowledge:texts"))
    assert not Text.objects.filter(key=story.key).exists()
