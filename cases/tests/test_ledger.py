"""The ledger as people keep it: entered, corrected, withdrawn, carried over from an alert, found, taken out."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from accounts.clock import LOCAL_TZ
from accounts.models import AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts.models import Alert
from alerts.policy import Outcome
from alerts.services import close_alert
from alerts.tests.factories import EXCUSED, ending, make_scene
from antifraud.testing.at_once import at_once
from cases import services
from cases.models import Case, Rule
from cases.policy import Approach, RuleName, Said, Status, contradictions
from cases.services import CasesError
from cases.tasks import forget_victims
from cases.tests.factories import CaseFactory
from knowledge.models import FraudType
from residents.models import Membership, Resident
from residents.policy import Group
from residents.tests.factories import ResidentFactory, make_community, make_staff
from sheets.models import Export

NOW = datetime(2026, 5, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 5, 2)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community(3)


@pytest.fixture
def manager(place):
    return make_staff(Role.MANAGER, place.community, language="en")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(place, **fields) -> dict:
    return {
        "fraud_type": FraudType.objects.get(code="brushing_rebate").pk,
        "occurred_at": "2026-04-02T12:00",
        "reported_at": "2026-04-02T14:00",
        "amount_lost": "8000",
        "area": place.grid.pk,
        "victim_name": "王秀英",
        "status": "reported",
        **fields,
    }


def errors_of(answer, name: str) -> str:
    """What is said at a field; a request leaves the language that was active before it."""
    with translation.override("en"):
        return str(answer.context["form"].errors[name])


# ── what cannot be ────────────────────────────────────────────────────────────────────────────────────────────────────


def said(**fields) -> Said:
    noon = datetime(2026, 4, 2, 12, tzinfo=LOCAL_TZ)
    usual = {"occurred_at": noon, "reported_at": noon, "reported_on": noon.date(), "filed_on": noon.date()}
    return Said(
        **{**usual, "warned_at": noon, "lost": Decimal(9), "frozen": Decimal(9), "returned": Decimal(9), **fields}
    )


def wrong(case: Said) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in contradictions(case, now=NOW, on=TODAY)]


def test_a_case_that_can_be_has_nothing_wrong() -> None:
    assert wrong(said()) == []
    assert wrong(said(occurred_at=None, filed_on=None, warned_at=None)) == []


def test_nothing_lies_ahead() -> None:
    later = NOW + timedelta(seconds=1)
    case = said(occurred_at=later, reported_at=later, reported_on=TODAY, filed_on=date(2026, 5, 3), warned_at=later)
    assert wrong(case) == [(name, "in_future") for name in ("filed_on", "occurred_at", "reported_at", "warned_at")]


def test_it_happened_then_was_reported_then_filed() -> None:
    before = datetime(2026, 4, 1, 12, tzinfo=LOCAL_TZ)
    assert wrong(said(reported_at=before, reported_on=before.date())) == [("occurred_at", "after_report")]
    assert wrong(said(filed_on=date(2026, 4, 1))) == [("filed_on", "before_report")]


def test_no_more_is_frozen_or_returned_than_was_lost() -> None:
    assert wrong(said(frozen=Decimal("9.01"), returned=Decimal(10))) == [
        ("amount_frozen", "more_than_lost"),
        ("amount_returned", "more_than_lost"),
    ]


# ── entered ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_entered_and_stands_in_the_trail_without_a_name(place, manager) -> None:
    answer = as_(manager).post("/cases/new/", typed(place, amount_lost="1.8万", approach="wechat"), follow=True)
    case = Case.objects.get()
    assert answer.redirect_chain[-1][0] == f"/cases/{case.pk}/"
    assert (case.amount_lost, case.approach, case.grid) == (Decimal(18000), Approach.WECHAT, place.grid)
    assert (case.community, case.area_code, case.created_by) == (place.community, place.grid.code, manager)
    assert case.occurred_at == datetime(2026, 4, 2, 12, tzinfo=LOCAL_TZ)
    entry = AuditEntry.objects.get(verb="cases.entered")
    assert (entry.object_id, entry.detail) == (str(case.pk), {})


def test_a_community_is_place_enough(place, manager) -> None:
    as_(manager).post("/cases/new/", typed(place, area=place.community.pk))
    assert Case.objects.get().area_code == place.community.code


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("occurred_at", "2026-04-02T15:00", "This lies after the report"),
        ("reported_at", "2199-01-01T10:00", "has not come yet"),
        ("filed_on", "2026-04-01", "before the day of the report"),
        ("amount_returned", "8001", "more than was lost"),
        ("amount_lost", "many", "Enter an amount in yuan"),
        ("victim_phone", "123", "phone"),
        ("victim_age", "200", "130"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(place, manager, field, value, words) -> None:
    answer = as_(manager).post("/cases/new/", typed(place, story="三次垫付", **{field: value}))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert words in errors_of(answer, field)
    assert "三次垫付" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_loss_above_a_million_is_asked_for_again_and_taken_once_ticked(place, manager) -> None:
    client = as_(manager)
    answer = client.post("/cases/new/", typed(place, amount_lost="1200万", story="三次垫付"))
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "1,200.00 ten thousands" in page
    assert "Yes, 12,000,000 yuan is right" in page
    assert "三次垫付" in page
    assert not Case.objects.exists()
    asked = answer.context["form"].sure[1]
    client.post("/cases/new/", typed(place, amount_lost="1200万", is_sure="on", sure_of=asked))
    assert Case.objects.get().amount_lost == 12_000_000


def test_a_tick_holds_for_the_amount_it_was_made_for_alone(place, manager) -> None:
    data = typed(place, amount_lost="1300万", is_sure="on", sure_of="12000000.00")
    assert as_(manager).post("/cases/new/", data).status_code == HTTPStatus.BAD_REQUEST
    assert not Case.objects.exists()


def test_a_million_itself_is_not_asked_about(place, manager) -> None:
    as_(manager).post("/cases/new/", typed(place, amount_lost="1000000"))
    assert Case.objects.get().amount_lost == 1_000_000


def test_a_large_loss_that_stands_is_not_asked_about_when_something_else_is_corrected(place, manager) -> None:
    case = CaseFactory(grid=place.grid, amount_lost=2_000_000, occurred_at=None, changed_at=NOW)
    data = typed(place, amount_lost="2000000", note="新", seen_at=NOW.isoformat())
    as_(manager).post(f"/cases/{case.pk}/edit/", data)
    case.refresh_from_db()
    assert case.note == "新"


def test_the_victim_is_found_on_the_roster_and_carried_over_with_what_was_typed_kept(place, manager) -> None:
    resident = ResidentFactory(
        name="王秀英", grid=place.grid, sex="female", birth_on=date(1957, 6, 1), occupation="退休", residence="tenant"
    )
    Membership.objects.create(resident=resident, group=Group.ELDER_ALONE)
    client, data = as_(manager), typed(place, victim_name="", amount_lost="1.8万", story="买保健品")
    found = client.post("/cases/new/", data | {"find": "1", "who": "秀英"})
    assert [one.pk for one in found.context["found"]] == [resident.pk]
    assert "王秀英" not in found.content.decode()
    taken = client.post("/cases/new/", data | {"take": str(resident.pk)})
    initial = taken.context["form"].initial
    assert (initial["victim_name"], initial["victim_age"], initial["victim_sex"]) == ("王秀英", 68, "female")
    assert (initial["victim_group"], initial["victim_residence"], initial["area"]) == (
        Group.ELDER_ALONE,
        "tenant",
        place.grid.pk,
    )
    assert (initial["amount_lost"], initial["story"]) == ("1.8万", "买保健品")
    assert AuditEntry.objects.filter(verb="residents.revealed", object_id=str(resident.pk)).count() == 1
    client.post("/cases/new/", data | {"resident": resident.pk, "victim_name": "王秀英", "victim_age": "68"})
    assert Case.objects.get().resident == resident


def test_nobody_of_another_community_is_found_or_taken(place, manager) -> None:
    stranger = ResidentFactory(name="王秀英", grid=make_community(4).grid)
    client = as_(manager)
    for text in ("王", "\x00王", "3号楼"):
        assert client.post("/cases/new/", typed(place, find="1", who=text)).context["found"] == []
    assert client.post("/cases/new/", typed(place, take=str(stranger.pk))).status_code == HTTPStatus.NOT_FOUND
    answer = client.post("/cases/new/", typed(place, resident=str(stranger.pk)))
    assert "not on the roster here" in errors_of(answer, "resident")


# ── corrected ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_correction_writes_down_which_fields_and_no_values(place, manager) -> None:
    case = CaseFactory(grid=place.grid, changed_at=NOW)
    as_(manager).post(f"/cases/{case.pk}/edit/", typed(place, note="张三已认领", seen_at=NOW.isoformat()))
    entry = AuditEntry.objects.get(verb="cases.corrected")
    assert entry.detail == {"fields": ["note", "reported_at"]}
    assert "张三" not in str(entry.detail)


def test_two_who_edit_at_once_the_second_is_told_and_loses_nothing(place, manager) -> None:
    case = CaseFactory(grid=place.grid, changed_at=NOW)
    other = make_staff(Role.DUTY_OFFICER, place.community, name="李值班")
    as_(other).post(f"/cases/{case.pk}/edit/", typed(place, note="第一个", seen_at=NOW.isoformat()))
    client = as_(manager)
    answer = client.post(f"/cases/{case.pk}/edit/", typed(place, note="第二个", seen_at=NOW.isoformat()))
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "李值班 changed this case while you were typing" in page
    assert "第二个" in page
    case.refresh_from_db()
    assert case.note == "第一个"
    client.post(f"/cases/{case.pk}/edit/", typed(place, note="第二个", seen_at=answer.context["form"].data["seen_at"]))
    case.refresh_from_db()
    assert case.note == "第二个"


def test_a_press_opens_the_form_with_the_victim_whole_and_is_recorded(place, manager) -> None:
    case = CaseFactory(grid=place.grid)
    client, url = as_(manager), f"/cases/{case.pk}/edit/"
    assert "王秀英" not in client.get(url).content.decode()
    assert not AuditEntry.objects.filter(verb="cases.revealed").exists()
    for _time in range(2):
        assert "王秀英" in client.post(url, {"open": "1"}, follow=True).content.decode()
    assert "王秀英" in client.get(url).content.decode()
    assert AuditEntry.objects.get(verb="cases.revealed").object_id == str(case.pk)


def test_a_form_saved_as_it_was_opened_changes_nothing(place, manager) -> None:
    case = CaseFactory(grid=place.grid, victim_age=68, was_warned=False, filed_on=date(2026, 4, 5), status="filed")
    client = as_(manager)
    form = client.post(f"/cases/{case.pk}/edit/", {"open": "1"}, follow=True).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in {None, False}}
    moments = {
        name: value.astimezone(LOCAL_TZ).strftime("%Y-%m-%dT%H:%M")
        for name, value in data.items()
        if hasattr(value, "hour")
    }
    client.post(f"/cases/{case.pk}/edit/", data | moments)
    assert not AuditEntry.objects.filter(verb="cases.corrected").exists()


# ── withdrawn ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_withdrawn_case_counts_nowhere_and_comes_back_as_it_stood(place, manager) -> None:
    case = CaseFactory(grid=place.grid, status=Status.SOLVED)
    client = as_(manager)
    assert client.post(f"/cases/{case.pk}/withdraw/", {"why": " "}).status_code == HTTPStatus.BAD_REQUEST
    client.post(f"/cases/{case.pk}/withdraw/", {"why": "重复登记"})
    case.refresh_from_db()
    assert (case.status, case.withdrawn_why) == (Status.WITHDRAWN, "重复登记")
    assert not Case.objects.counted().exists()
    assert client.get("/cases/").context["page"].rows == []
    assert len(client.get("/cases/?status=withdrawn").context["page"].rows) == 1
    client.post(f"/cases/{case.pk}/bring-back/")
    case.refresh_from_db()
    assert (case.status, case.withdrawn_why) == (Status.SOLVED, "")


def test_nothing_is_withdrawn_or_brought_back_twice_or_corrected_meanwhile(place, manager) -> None:
    case = CaseFactory(grid=place.grid)
    with pytest.raises(CasesError):
        services.bring_case_back(case, by=manager, now=NOW)
    services.withdraw_case(case, why="重复", by=manager, now=NOW)
    with pytest.raises(CasesError):
        services.withdraw_case(case, why="重复", by=manager, now=NOW)
    with pytest.raises(CasesError, match="Bring it back first"):
        services.correct_case(case, {"note": "x"}, seen_at=NOW, by=manager, now=NOW)


# ── from an alert ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def scene():
    return make_scene(3)


def closed(scene, *, outcome=Outcome.DEFRAUDED, **fields) -> Alert:
    """An alert that ended, half an hour after it came."""
    at = timezone.now() - timedelta(hours=2)
    alert = scene.accepted(at=at, **fields)
    kind = FraudType.objects.get(code="health_products")
    lost = Decimal(18000) if outcome == Outcome.DEFRAUDED else None
    said = ending(outcome=outcome, lost=lost, fraud_type=kind, note="已报警", excuses=EXCUSED)
    return close_alert(alert, ending=said, by=alert.holder, now=at + timedelta(minutes=30))


def test_a_closed_alert_becomes_a_case_with_all_it_says(scene) -> None:
    resident = ResidentFactory(name="王秀英", grid=scene.grid, sex="female", birth_on=date(1957, 6, 1))
    alert = closed(scene)
    Alert.objects.filter(pk=alert.pk).update(resident=resident, description="要求转账")
    alert.refresh_from_db()
    client = as_(scene.manager)
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    url = f"/cases/new/?alert={alert.pk}"
    assert f'action="{url}"' in page
    assert "王秀英" not in client.get(url).content.decode()
    assert not AuditEntry.objects.filter(verb="alerts.contact_revealed", object_id=str(alert.pk)).exists()
    initial = client.post(url, {"open": "1"}, follow=True).context["form"].initial
    assert AuditEntry.objects.filter(verb="alerts.contact_revealed", object_id=str(alert.pk)).count() == 1
    assert initial["fraud_type"] == FraudType.objects.get(code="health_products").pk
    assert (initial["amount_lost"], initial["is_elder_fraud"], initial["resident"]) == (18000, True, resident.pk)
    assert (initial["occurred_at"], initial["reported_at"]) == (alert.warned_at or alert.received_at, alert.closed_at)
    assert (initial["story"], initial["victim_name"], initial["was_warned"]) == ("要求转账\n已报警", "王秀英", "yes")


def test_one_alert_gives_one_case(scene) -> None:
    alert = closed(scene)
    client, url = as_(scene.manager), f"/cases/new/?alert={alert.pk}"
    then = (timezone.now() - timedelta(hours=1)).astimezone(LOCAL_TZ).strftime("%Y-%m-%dT%H:%M")
    client.post(url, typed(scene.place, occurred_at=then, reported_at=then))
    case = Case.objects.get()
    assert case.alert == alert
    assert client.get(url)["Location"] == f"/cases/{case.pk}/"
    page = client.get(f"/alerts/{alert.pk}/").content.decode()
    assert f"/cases/{case.pk}/" in page
    assert "/cases/new/" not in page
    with translation.override("en"), pytest.raises(CasesError, match=f"This alert is case #{case.pk} already"):
        services.enter_case({"alert": alert}, by=scene.manager, now=NOW)


TYPES_HERE = ("brushing_rebate", "health_products")


def test_the_page_of_a_closed_alert_that_refreshes_itself_shows_the_case_once_it_is_entered(scene) -> None:
    alert = closed(scene)
    client, url = as_(scene.manager), f"/alerts/{alert.pk}/"
    etag = client.get(url, headers={"HX-Request": "true"})["ETag"]
    asked = {"HX-Request": "true", "If-None-Match": etag}
    assert client.get(url, headers=asked).status_code == HTTPStatus.NOT_MODIFIED
    kind = FraudType.objects.get(code="health_products")
    values = {"alert": alert, "reported_at": NOW, "fraud_type": kind, "community": scene.grid.parent}
    case = services.enter_case(values, by=scene.manager, now=NOW)
    again = client.get(url, headers=asked)
    assert again.status_code == HTTPStatus.OK
    assert f"/cases/{case.pk}/" in again.content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_one_alert_at_once_the_second_is_told() -> None:
    # A test before this one may have emptied the tables, and the types of fraud with them.
    kinds = [FraudType.objects.get_or_create(code=code, defaults={"name_zh": code})[0] for code in TYPES_HERE]
    kind = kinds[0]
    scene = make_scene()
    alert = closed(scene)

    def enter() -> str:
        values = {"alert": alert, "reported_at": NOW, "fraud_type": kind, "community": scene.grid.parent}
        with translation.override("en"):
            try:
                services.enter_case(values, by=scene.manager, now=NOW)
            except CasesError as error:
                return str(error)
        return "entered"

    answers = at_once(enter, enter)
    assert sorted(answers) == [f"This alert is case #{Case.objects.get().pk} already.", "entered"]


def test_an_alert_that_is_open_a_drill_or_anothers_gives_none(scene) -> None:
    running = scene.accepted(at=timezone.now() - timedelta(minutes=1), name="甲", phone="19900000401")
    drill = closed(scene, is_drill=True, name="乙", phone="19900000402")
    real = closed(scene, name="丙", phone="19900000403")
    client = as_(scene.manager)
    for alert in (running, drill):
        assert client.get(f"/cases/new/?alert={alert.pk}").status_code == HTTPStatus.NOT_FOUND
        assert "/cases/new/" not in client.get(f"/alerts/{alert.pk}/").content.decode()
    other = as_(make_staff(Role.MANAGER, make_community(4).community))
    assert other.get(f"/cases/new/?alert={real.pk}").status_code == HTTPStatus.NOT_FOUND
    assert "/cases/new/" not in as_(scene.leader).get(f"/alerts/{real.pk}/").content.decode()
    for rubbish in ("x", "9" * 30, "٣"):
        assert client.get(f"/cases/new/?alert={rubbish}").status_code == HTTPStatus.NOT_FOUND


# ── found ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(client: Client, query: str) -> set[int]:
    return {row.pk for row in client.get(f"/cases/?{query}").context["page"].rows}


def test_each_filter_that_reports_link_with_narrows_the_list(place, manager) -> None:
    noon = datetime(2026, 4, 2, 12, tzinfo=LOCAL_TZ)
    elder = FraudType.objects.get(code="health_products")
    old = CaseFactory(
        grid=place.grids[1],
        reported_at=noon,
        occurred_at=noon - timedelta(days=3, hours=2),
        filed_on=date(2026, 4, 9),
        fraud_type=elder,
        is_elder_fraud=True,
        victim_age=79,
        victim_sex="female",
        victim_residence="tenant",
        victim_occupation="退休",
        approach="phone",
        amount_lost=10_000,
        was_warned=True,
        number="A3701",
    )
    plain = CaseFactory(
        grid=place.grids[0],
        reported_at=noon - timedelta(days=30),
        occurred_at=None,
        victim_name="李雷",
        amount_lost=9_999,
    )
    client = as_(manager)
    both = {old.pk, plain.pk}
    expected = {
        "": both,
        "since=2026-04-02&until=2026-04-02": {old.pk},
        "since=2026-04-03": set(),
        "since=2026-03-30&until=2026-03-30&dated_by=occurred": {old.pk},
        "since=2026-04-09&until=2026-04-09&dated_by=filed": {old.pk},
        f"area={place.grids[0].code}": {plain.pk},
        f"area={place.community.code}": both,
        "type=health_products": {old.pk},
        "type=elder": {old.pk},
        "elder=no": {plain.pk},
        "warned=yes": {old.pk},
        "warned=no": {plain.pk},
        "age=60-79": {old.pk},
        "age=60%E2%80%9379": {old.pk},
        "age=80-": set(),
        "age=unknown": {plain.pk},
        "amount=0-10000": {plain.pk},
        "amount=10000-50000": {old.pk},
        "amount=10000-": {old.pk},
        "approach=phone": {old.pk},
        "approach=unknown": {plain.pk},
        "occupation=%E9%80%80%E4%BC%91": {old.pk},
        "residence=tenant": {old.pk},
        "hour=10": {old.pk},
        "hour=unknown": {plain.pk},
        "sex=female": {old.pk},
        "sex=unknown": {plain.pk},
        "status=reported": both,
        # Words stand in no address: an old one that holds some finds what it finds without them.
        "q=A3701": both,
    }
    assert {query: shown(client, query) for query in expected} == expected
    typed_words = {"A3701": {old.pk}, "王": {old.pk}, "李雷": {plain.pk}, f"#{plain.pk}": {plain.pk}}
    for words, found in typed_words.items():
        answer = client.post("/cases/", {"q": words, "since": "2026-01-01"})
        assert words not in unquote(answer["Location"])
        assert shown(client, answer["Location"].partition("?")[2]) == found


def test_a_search_is_written_down_without_what_was_searched(place, manager) -> None:
    CaseFactory(grid=place.grid)
    as_(manager).post("/cases/", {"q": "王秀"}, follow=True)
    entry = AuditEntry.objects.get(verb="cases.searched")
    assert entry.detail == {"characters": 2, "found": 1}


def test_the_list_masks_names_and_adds_up_what_it_shows(place, manager) -> None:
    for lost in (8_000, 12_000):
        CaseFactory(grid=place.grid, victim_name="赵丽华", amount_lost=lost, amount_returned=500, amount_prevented=300)
    answer = as_(manager).get("/cases/")
    sums = answer.context["sums"]
    assert (sums.number, sums.lost, sums.returned, sums.prevented) == (2, "20,000 yuan", "1,000 yuan", "600 yuan")
    assert "赵**" in answer.content.decode()
    assert "赵丽华" not in answer.content.decode()


def test_the_list_asks_a_fixed_number_of_questions(place, manager) -> None:
    def asked() -> int:
        client = as_(manager)
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/cases/", {"q": "王"}, follow=True).status_code == HTTPStatus.OK
        return len(queries)

    CaseFactory.create_batch(5, grid=place.grid)
    few = asked()
    CaseFactory.create_batch(45, grid=place.grids[1])
    assert asked() == few


# ── one case ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_is_masked_until_somebody_says_why_and_each_is_written_down_once(place, manager) -> None:
    case = CaseFactory(grid=place.grid, victim_phone="19900000017")
    client, url = as_(manager), f"/cases/{case.pk}/"
    for _time in range(2):
        page = client.get(url).content.decode()
    assert "王秀英" not in page
    assert "199****0017" in page
    assert client.post(f"{url}reveal/", {}, follow=True).content.decode().count("王秀英") == 0
    assert "王秀英" in client.post(f"{url}reveal/", {"usual": "call"}, follow=True).content.decode()
    verbs = list(AuditEntry.objects.filter(verb__startswith="cases.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["cases.viewed", "cases.revealed"]


def test_the_page_says_in_words_what_was_done(place, manager) -> None:
    as_(manager).post("/cases/new/", typed(place))
    case = Case.objects.get()
    services.correct_case(case, {"note": "x"}, seen_at=case.changed_at, by=manager, now=timezone.now())
    lines = [line.words for line in as_(manager).get(f"/cases/{case.pk}/").context["page"].timeline]
    assert lines == ["Entered into the ledger", "Corrected: note"]


def test_a_case_of_a_minor_is_for_those_who_may_see_minors(place, manager) -> None:
    case = CaseFactory(grid=place.grid, victim_age=13)
    liaison = make_staff(Role.POLICE_LIAISON, place.community)
    assert as_(liaison).get(f"/cases/{case.pk}/").status_code == HTTPStatus.NOT_FOUND
    assert as_(manager).get(f"/cases/{case.pk}/").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("role", "sees", "keeps"),
    [
        (Role.MANAGER, True, True),
        (Role.DUTY_OFFICER, True, True),
        (Role.POLICE_LIAISON, True, True),
        (Role.GRID_LEADER, True, False),
        (Role.SUPERVISOR, True, False),
        (Role.WARNING_SPECIALIST, False, False),
        (Role.OUTREACH_WORKER, False, False),
    ],
)
def test_who_sees_the_ledger_and_who_keeps_it(place, role, sees, keeps) -> None:
    case = CaseFactory(grid=place.grid)
    grids = (Role.GRID_LEADER, Role.WARNING_SPECIALIST)
    client = as_(make_staff(role, place.grid if role in grids else place.community))
    for path in ("/cases/", f"/cases/{case.pk}/"):
        assert (client.get(path).status_code == HTTPStatus.OK) == sees
    for path in (
        "/cases/new/",
        "/cases/export/",
        f"/cases/{case.pk}/edit/",
        f"/cases/{case.pk}/withdraw/",
        "/imports/cases/",
    ):
        assert (client.get(path).status_code == HTTPStatus.OK) == keeps


# ── taken out ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def names_in(answer) -> list[str]:
    sheet = load_workbook(io.BytesIO(answer.content)).active
    column = [cell.value for cell in sheet[2]].index("受害人") + 1
    return [sheet.cell(row, column).value for row in range(3, sheet.max_row + 1)]


def test_what_is_shown_leaves_masked_and_stands_in_the_register(place, manager) -> None:
    CaseFactory(grid=place.grid)
    CaseFactory(grid=place.grid, victim_name="李雷", victim_age=12)
    CaseFactory(grid=place.grid, victim_name="赵六", status=Status.FILED)
    answer = as_(manager).post("/cases/export/?status=reported", {})
    assert names_in(answer) == ["王**"]
    made = Export.objects.get()
    assert (made.kind, made.rows, made.is_whole, made.area_code) == ("cases", 1, False, place.community.code)
    assert AuditEntry.objects.get(verb="cases.exported").object_id == str(made.pk)


def test_names_leave_whole_with_recipient_and_purpose_alone_and_for_whom_that_is_allowed(place, manager) -> None:
    CaseFactory(grid=place.grid)
    client = as_(manager)
    assert client.post("/cases/export/", {"is_whole": "on"}).status_code == HTTPStatus.BAD_REQUEST
    handed = {"is_whole": "on", "recipient": "派出所", "purpose": "核对"}
    whole = client.post("/cases/export/", handed)
    assert names_in(whole) == ["王秀英"]
    assert "派出所" in load_workbook(io.BytesIO(whole.content)).active["A1"].value
    officer = as_(make_staff(Role.DUTY_OFFICER, place.community))
    assert names_in(officer.post("/cases/export/", handed)) == ["王**"]


# ── beside ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_is_a_line_in_the_dossier_for_who_may_see_it(place, manager) -> None:
    resident = ResidentFactory(grid=place.grid)
    case = CaseFactory(grid=place.grid, resident=resident)
    CaseFactory(grid=place.grid, resident=resident, status=Status.WITHDRAWN)
    page = as_(manager).get(f"/residents/{resident.pk}/").content.decode()
    assert page.count("/cases/") - page.count('href="/cases/"') == 1
    assert f"/cases/{case.pk}/" in page
    specialist = as_(make_staff(Role.WARNING_SPECIALIST, place.grid))
    assert f"/cases/{case.pk}/" not in specialist.get(f"/residents/{resident.pk}/").content.decode()


def test_the_log_of_access_shows_searches_and_exports_of_cases(place, manager) -> None:
    CaseFactory(grid=place.grid)
    client = as_(manager)
    client.post("/cases/", {"q": "王"})
    client.post("/cases/export/", {})
    page = client.get(reverse("residents:access_log")).content.decode()
    assert "Searched the ledger of cases" in page
    assert "Took cases out as a file" in page


# ── let go of ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_of_old_cases_are_let_go_of_and_figures_stay(place) -> None:
    fields = {"victim_phone": "19900000017", "story": "王秀英被骗", "note": "女儿李梅"}
    old = CaseFactory(grid=place.grid, reported_at=NOW - timedelta(days=1097), victim_age=68, **fields)
    new = CaseFactory(grid=place.grid, reported_at=NOW - timedelta(days=1090), **fields)
    assert services.forget_victims(now=NOW) == 1
    assert services.forget_victims(now=NOW) == 0
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.victim_name, old.victim_phone, old.victim_phone_hash, old.story, old.note) == ("", "", "", "", "")
    assert (old.victim_age, old.amount_lost, old.grid) == (68, 8_000, place.grid)
    assert new.victim_name == "王秀英"
    assert AuditEntry.objects.get(verb="cases.victims_forgotten").detail == {"cases": 1}


def test_the_cases_of_residents_who_are_made_anonymous_lose_their_names(place) -> None:
    resident = ResidentFactory(grid=place.grid)
    mine, other = CaseFactory(grid=place.grid, resident=resident), CaseFactory(grid=place.grid)
    assert services.forget_victims(now=NOW, residents=[resident.pk]) == 1
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.victim_name, mine.resident, other.victim_name) == ("", resident, "王秀英")


def test_the_number_of_days_is_an_administrators_and_the_nightly_task_keeps_it(place) -> None:
    CaseFactory(grid=place.grid, reported_at=timezone.now() - timedelta(days=40))
    assert forget_victims() == 0
    client = as_(AdministratorFactory())
    assert client.get("/cases/rules/").status_code == HTTPStatus.OK
    client.post("/cases/rules/", {**Rule.objects.numbers(), "keep_victims_days": "30"})
    assert Rule.objects.number(RuleName.KEEP_VICTIMS_DAYS) == 30
    assert forget_victims() == 1
    assert Resident.objects.count() == 0
