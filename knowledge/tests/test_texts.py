"""What the office knows: which words somebody gets, where, in which language."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.models import AuditEntry
from accounts.tests.factories import AdministratorFactory
from knowledge.models import DISSUASION_CARD, FraudType, FraudTypeAlias, Text, bare_type
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


SECOND = ["illegal_fundraising", "credit_card_agent", "posing_as_child"]


def test_an_office_starts_with_the_ten_commonest_types_the_elder_ones_and_other_last() -> None:
    assert list(FraudType.objects.top().values_list("code", flat=True)) == [*COMMONEST, "elder", "other"]
    assert list(FraudType.objects.filter(parent__code="elder").values_list("code", flat=True)) == ELDER
    named = FraudType.objects.filter(parent__isnull=False).exclude(parent__code="elder")
    assert list(named.values_list("code", flat=True)) == SECOND
    assert set(FraudType.objects.elder().values_list("code", flat=True)) == {"elder", "posing_as_child", *ELDER}


def test_no_name_that_is_delivered_stands_for_two_types() -> None:
    said = [(kind.pk, name) for kind in FraudType.objects.all() for name in (kind.code, kind.name_zh, kind.name_en)]
    said += list(FraudTypeAlias.objects.values_list("fraud_type_id", "name"))
    meant: dict[str, set[int]] = {}
    for pk, name in said:
        meant.setdefault(bare_type(name), set()).add(pk)
    assert {name: kinds for name, kinds in meant.items() if len(kinds) > 1} == {}


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("刷单返利类诈骗", "刷单返利"),
        ("刷单 返利（诈骗）", "刷单返利"),
        ("冒充领导、熟人", "冒充领导熟人"),
        ("养老诈骗案件", "养老"),
        ("诈骗", ""),
    ],
)
def test_a_type_is_compared_without_signs_and_without_the_words_that_all_have(said: str, bare: str) -> None:
    assert bare_type(said) == bare


def test_the_types_under_one_are_it_and_those_below_it() -> None:
    assert set(FraudType.objects.under("elder").values_list("code", flat=True)) == {"elder", *ELDER}
    assert set(FraudType.objects.under("low_price_tour").values_list("code", flat=True)) == {"low_price_tour"}


def test_the_words_of_a_platform_are_types_by_exactly_their_names_and_other_names() -> None:
    types = {kind.code: kind.pk for kind in FraudType.objects.all()}
    assert FraudType.objects.meant_by({"虚假贷款", "网贷诈骗", "Fake loan", "谜"}) == {
        "虚假贷款": types["fake_loan"],
        "网贷诈骗": types["fake_loan"],
        "Fake loan": types["fake_loan"],
    }


@pytest.mark.parametrize("code", [*COMMONEST, "elder", *ELDER, *SECOND])
def test_every_type_that_has_a_name_has_a_script_in_both_languages(code: str) -> None:
    text = Text.objects.for_area(FraudType.objects.get(code=code).script_key, "")
    assert text is not None
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert text.title
            assert len(text.lines) == 5


def test_a_type_of_the_second_level_without_a_script_of_its_own_has_that_of_the_type_above() -> None:
    above = FraudType.objects.get(code="fake_loan")
    local = FraudTypeFactory(code="loan_by_telephone", parent=above)
    assert Text.objects.script_of(local, "") == Text.objects.for_area("script.fake_loan", "")
    assert Text.objects.script_of(FraudTypeFactory(code="of_nobody"), "") is None


@pytest.mark.parametrize("key", [DISSUASION_CARD, "rules.hang_up", "rules.five_nots", "hotlines", "script.elder"])
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
