"""What the office knows: which words somebody gets, where, in which language."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.models import AuditEntry
from accounts.tests.factories import AdministratorFactory
from knowledge.models import DISSUASION_CARD, FraudType, Text
from knowledge.tests.factories import FraudTypeFactory, TextFactory

pytestmark = pytest.mark.django_db
COMMUNITY = "370105012003"
COMMONEST = [
    "brushing_rebate",
    "fake_investment",
    "fake_shopping",
    "fake_customer_service",
    "fake_loan",
    "fake_credit_report",
    "impersonating_acquaintance",
    "impersonating_authority",
    "online_dating",
    "game_trade",
]
ELDER = ["health_products", "pension_fraud", "low_price_tour", "house_for_pension"]


def test_an_office_starts_with_the_ten_commonest_types_the_elder_ones_and_other_last() -> None:
    assert list(FraudType.objects.values_list("code", flat=True)) == [*COMMONEST, *ELDER, "other"]
    assert list(FraudType.objects.elder().values_list("code", flat=True)) == ELDER


@pytest.mark.parametrize("code", [*COMMONEST, *ELDER])
def test_every_type_that_has_a_name_has_a_script_in_both_languages(code: str) -> None:
    text = Text.objects.for_area(FraudType.objects.get(code=code).script_key, "")
    assert text is not None
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert text.title
            assert len(text.lines) == 5


@pytest.mark.parametrize("key", [DISSUASION_CARD, "rules.hang_up", "rules.five_nots", "hotlines"])
def test_a_shipped_text_has_the_same_lines_in_both_languages_and_says_where_it_comes_from(key: str) -> None:
    text = Text.objects.get(key=key)
    assert len(text.body_zh.splitlines()) == len(text.body_en.splitlines()) >= 4
    assert text.origin
    assert not re.search(r"[㐀-鿿]", text.body_en + text.title_en)


def test_the_card_has_the_eight_steps_and_the_numbers_to_call() -> None:
    text = Text.objects.get(key=DISSUASION_CARD)
    assert len(text.lines) == 8
    assert "110" in text.body_zh
    assert "96110" in text.body_zh


def test_a_name_is_in_the_active_language_and_in_chinese_where_english_is_missing() -> None:
    known = FraudTypeFactory(code="brushing_rebate")
    own = FraudTypeFactory(code="of_this_office", name_zh="本地骗局", name_en="")
    with translation.override("en"):
        assert (known.name, str(own)) == ("Fake orders for a rebate", "本地骗局")
    with translation.override("zh-hans"):
        assert known.name == "刷单返利"


def test_a_community_gets_its_own_text_and_its_neighbour_the_general_one() -> None:
    general = TextFactory(key="card")
    own = TextFactory(key="card", community_code=COMMUNITY)
    assert Text.objects.for_area("card", f"{COMMUNITY}001") == own
    assert Text.objects.for_area("card", COMMUNITY) == own
    assert Text.objects.for_area("card", "370105012004001") == general
    assert Text.objects.for_area("card", "") == general
    assert Text.objects.for_area("no such text", COMMUNITY) is None


def test_a_text_is_read_line_by_line_without_empty_ones() -> None:
    text = TextFactory(body_zh=" 一 \n\n二\n", body_en="")
    with translation.override("en"):
        assert text.lines == ["一", "二"]


def test_there_is_one_text_per_key_and_community() -> None:
    TextFactory(key="card")
    with pytest.raises(IntegrityError), transaction.atomic():
        TextFactory(key="card")


def test_changing_a_text_in_the_administration_dates_it_and_is_in_the_trail(client) -> None:
    client.force_login(AdministratorFactory())
    text = TextFactory()
    before = text.updated_at
    form = {"key": text.key, "title_zh": "新标题", "body_zh": "一步"}
    assert client.post(f"/admin/knowledge/text/{text.pk}/change/", form).status_code == 302
    text.refresh_from_db()
    assert text.title_zh == "新标题"
    assert text.updated_at >= before
    assert AuditEntry.objects.about(text).get().verb == "knowledge.text_changed"
