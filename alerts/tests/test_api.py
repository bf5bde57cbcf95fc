"""The way in over HTTP: answers are JSON, refusals name what is wrong, and nothing that can be kept is refused."""

import json
import re
from datetime import timedelta
from unittest import mock

import pytest
from django.db.utils import InterfaceError, OperationalError
from django.test import Client
from django.utils.dateparse import parse_datetime

from accounts.clock import database_now
from alerts import services
from alerts.api import LARGEST_BATCH, LARGEST_BODY, MOST
from alerts.models import Alert, IntakeMessage, Source
from alerts.policy import Objective, State
from alerts.tests.factories import SourceFactory, clock_of, ensure_policy, make_scene
from notifications.models import Notice
from residents.tests.factories import ResidentFactory, make_community

ONE, MANY = "/api/v1/alerts", "/api/v1/alerts/batch"


@pytest.fixture
def source(db) -> Source:
    ensure_policy()
    return SourceFactory()


@pytest.fixture
def token(source: Source) -> str:
    return services.make_token(source, by=None, now=database_now())[1]


@pytest.fixture
def send(client, token):
    def send(body, *, to=ONE, language="en", **options):
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        options = {"HTTP_AUTHORIZATION": f"Bearer {token}", "content_type": "application/json"} | options
        return client.post(to, content, HTTP_ACCEPT_LANGUAGE=language, **options)

    return send


def body(**fields):
    return {
        "external_id": "PG-1",
        "level": "high",
        "fraud_type": "fake_investment",
        "subject": {"name": "王秀英", "phone": "199 0000-0017", "address": "3号楼2单元401"},
        "area_code": make_community().grid.code,
        "description": "正在向陌生账户转账",
        "amount_at_risk": 50000,
        "warned_at": "2026-04-02T12:00:00+08:00",
    } | fields


def faults(response) -> dict[str, str]:
    """Return what was found wrong: field → code."""
    assert response["Content-Type"].startswith("application/json"), response.content
    return {error["field"]: error["code"] for error in response.json()["errors"]}


# ── taken in ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_is_answered_with_its_number_its_state_and_its_due_times(send) -> None:
    response = send(body())
    assert response.status_code == 201
    answer = response.json()
    alert = Alert.objects.get(pk=answer["id"])
    assert (answer["external_id"], answer["state"], answer["level"]) == ("PG-1", "received", "high")
    assert (answer["joined"], answer["unplaced"]) == (False, False)
    assert parse_datetime(answer["received_at"]) == alert.received_at.replace(
        microsecond=alert.received_at.microsecond // 1000 * 1000
    )
    assert parse_datetime(answer["due"]["dispatch"]) - parse_datetime(answer["received_at"]) == timedelta(minutes=5)
    assert answer["due"]["respond"] is None
    assert answer["respond_within_seconds"] == 600
    assert alert.subject_phone == "19900000017"
    assert alert.amount_at_risk == 50000
    assert alert.warned_at == parse_datetime("2026-04-02T04:00:00Z")


def test_two_fields_are_enough(send) -> None:
    response = send({"external_id": "PG-1", "level": "low"})
    assert response.status_code == 201
    assert response.json()["unplaced"] is True


def test_the_same_message_again_is_the_same_alert(send) -> None:
    first = send(body())
    again = send(body(subject={"name": " 王秀英", "phone": "19900000017", "address": "3号楼2单元401"}))
    assert again.status_code == 200
    assert again.json() == first.json()
    assert Alert.objects.count() == 1


def test_the_same_number_with_another_body_is_a_conflict(send) -> None:
    send(body())
    response = send(body(level="low"))
    assert response.status_code == 409
    assert faults(response) == {"external_id": "conflict"}


def test_the_same_number_of_another_source_is_another_message(send, client) -> None:
    send(body())
    other = services.make_token(SourceFactory(code="bank"), by=None, now=database_now())[1]
    response = send(body(subject={"name": "李建国", "phone": "19900000018"}), HTTP_AUTHORIZATION=f"Bearer {other}")
    assert response.status_code == 201
    assert Alert.objects.count() == 2


def test_a_second_alert_about_the_same_phone_joins_the_first(send) -> None:
    first = send(body(level="medium")).json()
    second = send(body(external_id="PG-2"))
    assert second.status_code == 201
    assert (second.json()["id"], second.json()["joined"], second.json()["level"]) == (first["id"], True, "high")
    again = send(body(external_id="PG-2"))
    assert (again.status_code, again.json()["joined"]) == (200, True)


def test_an_alert_that_reached_its_grid_says_when_the_answer_is_due(send) -> None:
    scene = make_scene()
    answer = send(body(area_code=scene.grid.code)).json()
    now = database_now()
    services.dispatch_alert(Alert.objects.get(pk=answer["id"]), by=scene.officer, now=now)
    joined = send(body(external_id="PG-2")).json()
    alert = Alert.objects.get(pk=answer["id"])
    due = parse_datetime(joined["due"]["respond"])
    assert abs(due - clock_of(alert, Objective.RESPOND).due_at) < timedelta(milliseconds=1)
    assert joined["state"] == State.DISPATCHED


def test_who_holds_an_alert_is_told_that_another_joined_it_although_the_broker_is_away(
    send, settings, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    scene = make_scene()
    answer = send(body(area_code=scene.grid.code)).json()
    services.dispatch_alert(Alert.objects.get(pk=answer["id"]), by=scene.officer, now=database_now())
    monkeypatch.setattr("notifications.tasks.deliver.apply_async", mock.Mock(side_effect=OSError("refused")))
    with django_capture_on_commit_callbacks(execute=True):
        response = send(body(external_id="PG-2"))
    assert response.status_code == 201
    assert Notice.objects.filter(recipient=scene.first, kind="alert.joined").exists()


def test_a_new_alert_rings_nobody_so_a_dead_broker_costs_it_nothing(send, monkeypatch) -> None:
    ring = mock.Mock()
    monkeypatch.setattr("celery.app.task.Task.apply_async", ring)
    assert send(body()).status_code == 201
    ring.assert_not_called()


def test_the_resident_is_found_by_phone_and_gives_the_grid(send) -> None:
    resident = ResidentFactory(phone="19900000042")
    answer = send({"external_id": "PG-1", "level": "high", "subject": {"phone": "+86 199 0000 0042"}}).json()
    alert = Alert.objects.get(pk=answer["id"])
    assert (alert.resident, alert.grid) == (resident, resident.grid)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"area_code": "999999999999"}, {"grid": None}),
        ({"area_code": "no such place"}, {"grid": None}),
        ({"fraud_type": "跑分"}, {"fraud_type": None, "fraud_type_said": "跑分"}),
        ({"subject": None}, {"subject_name": ""}),
        ({"subject": {"name": None, "phone": None}}, {"subject_phone": ""}),
        ({"amount_at_risk": None}, {"amount_at_risk": None}),
        ({"amount_at_risk": ""}, {"amount_at_risk": None}),
        ({"warned_at": None}, {"warned_at": None}),
        ({"something_else": 1}, {"level": "high"}),
    ],
)
def test_what_is_unknown_or_left_out_is_no_reason_to_refuse(send, said, kept) -> None:
    response = send(body(**said))
    assert response.status_code == 201, response.content
    alert = Alert.objects.get(pk=response.json()["id"])
    assert {name: getattr(alert, name) for name in kept} == kept


@pytest.mark.parametrize("amount", [0, "0", 5000.5, "5000.50", "999999999999.99", "1e3", 1])
def test_amounts_come_as_numbers_or_as_text(send, amount) -> None:
    response = send(body(amount_at_risk=amount))
    assert response.status_code == 201, response.content


def test_one_amount_in_two_spellings_is_one_message(send) -> None:
    assert send(body(amount_at_risk=1000)).status_code == 201
    assert send(body(amount_at_risk="1000.00")).status_code == 200
    assert send(body(amount_at_risk="1e3")).status_code == 200


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-04-02T12:00:00", "2026-04-02T04:00:00Z"),
        ("2026-04-02 12:00", "2026-04-02T04:00:00Z"),
        ("2026-04-02T04:00:00Z", "2026-04-02T04:00:00Z"),
        ("2026-04-02T06:00:00.250+02:00", "2026-04-02T04:00:00.250Z"),
    ],
)
def test_a_time_without_a_zone_is_the_offices_own(send, said, meant) -> None:
    alert = Alert.objects.get(pk=send(body(warned_at=said)).json()["id"])
    assert alert.warned_at == parse_datetime(meant)


# ── refused, field by field ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"external_id": ""}, "external_id", "empty"),
        ({"external_id": "   "}, "external_id", "empty"),
        ({"external_id": None}, "external_id", "empty"),
        ({"external_id": 17}, "external_id", "text"),
        ({"external_id": "x" * 101}, "external_id", "too_long"),
        ({"external_id": "a\0b"}, "external_id", "nul"),
        ({"level": "urgent"}, "level", "choice"),
        ({"level": None}, "level", "choice"),
        ({"fraud_type": "x" * 81}, "fraud_type", "too_long"),
        ({"subject": []}, "subject", "object"),
        ({"subject": "王秀英"}, "subject", "object"),
        ({"subject": {"name": "x" * 61}}, "subject.name", "too_long"),
        ({"subject": {"name": "王\0"}}, "subject.name", "nul"),
        ({"subject": {"phone": "call me"}}, "subject.phone", "phone"),
        ({"subject": {"phone": "1234"}}, "subject.phone", "phone"),
        ({"subject": {"phone": "1" * 21}}, "subject.phone", "phone"),
        ({"subject": {"phone": 19900000017}}, "subject.phone", "text"),
        ({"subject": {"address": "x" * 201}}, "subject.address", "too_long"),
        ({"area_code": "1" * 65}, "area_code", "too_long"),
        ({"description": "x" * 4001}, "description", "too_long"),
        ({"description": "\0"}, "description", "nul"),
        ({"amount_at_risk": -1}, "amount_at_risk", "negative"),
        ({"amount_at_risk": "much"}, "amount_at_risk", "number"),
        ({"amount_at_risk": True}, "amount_at_risk", "number"),
        ({"amount_at_risk": [1]}, "amount_at_risk", "number"),
        ({"amount_at_risk": "NaN"}, "amount_at_risk", "number"),
        ({"amount_at_risk": float("nan")}, "amount_at_risk", "number"),
        ({"amount_at_risk": float("inf")}, "amount_at_risk", "number"),
        ({"amount_at_risk": "1e400"}, "amount_at_risk", "too_large"),
        ({"amount_at_risk": "1e999999999"}, "amount_at_risk", "too_large"),
        ({"amount_at_risk": 10**12}, "amount_at_risk", "too_large"),
        ({"amount_at_risk": 10**60}, "amount_at_risk", "too_large"),
        ({"amount_at_risk": "1.005"}, "amount_at_risk", "decimals"),
        ({"warned_at": "yesterday"}, "warned_at", "time"),
        ({"warned_at": 1775102400}, "warned_at", "time"),
        ({"warned_at": "2026-02-30T12:00:00"}, "warned_at", "time"),
        ({"warned_at": "0001-01-01T00:00:00+14:00"}, "warned_at", "time"),
        ({"warned_at": "9999-12-31T23:59:59-12:00"}, "warned_at", "time"),
        ({"warned_at": "2226-01-01T00:00:00Z"}, "warned_at", "future"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_wrong(send, wrong, field, code) -> None:
    response = send(body(**wrong))
    assert response.status_code == 422, response.content
    assert faults(response) == {field: code}
    assert not Alert.objects.exists()


def test_every_wrong_field_is_named_at_once(send) -> None:
    response = send({"level": "x", "subject": {"phone": "?"}, "amount_at_risk": "?", "warned_at": "?"})
    assert faults(response) == {
        "external_id": "missing",
        "level": "choice",
        "subject.phone": "phone",
        "amount_at_risk": "number",
        "warned_at": "time",
    }


@pytest.mark.parametrize("code", ["text", "empty", "too_long", "choice", "number", "phone", "time"])
def test_no_message_shows_the_machine_behind_it(send, code) -> None:
    response = send({"external_id": "x" * 101, "level": 1, "subject": {"phone": "?"}, "warned_at": 1})
    for error in response.json()["errors"]:
        assert "{" not in error["message"]
        assert "pydantic" not in error["message"]
        assert error["message"].endswith(".")


def test_chinese_is_the_language_of_who_names_none(client, token) -> None:
    response = client.post(ONE, "{}", content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.headers["Content-Language"] == "zh-hans"
    assert faults(response) == {"external_id": "missing", "level": "missing"}
    assert b"\\u" not in response.content, "a person reads this in a log"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b" ", 400, "json"),
        (b"{", 400, "json"),
        (b"\xff\xfe", 400, "json"),
        (b'{"external_id": "\\ud800"}', 400, "json"),
        (b"[" * 100_000, 400, "json"),
        (b"null", 422, "object"),
        (b"[]", 422, "object"),
        (b'"alert"', 422, "object"),
        (b'{"external_id": "a", "level": "high", "amount_at_risk": ' + b"9" * 5000 + b"}", 400, "json"),
        (b'{"external_id": "a", "level": "high", "amount_at_risk": 1e999}', 422, "number"),
    ],
)
def test_what_is_no_alert_at_all_gets_a_clear_answer(send, content, status, code) -> None:
    response = send(content)
    assert response.status_code == status, response.content
    assert list(faults(response).values()) == [code]


def test_half_a_character_or_a_lone_surrogate_never_reaches_the_database(send) -> None:
    response = send('{"external_id": "a", "level": "high", "description": "\\udfff"}')
    assert response.status_code == 400
    assert not Alert.objects.exists()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(send, content_type) -> None:
    response = send(body(), content_type=content_type)
    assert response.status_code == 415
    assert faults(response) == {"": "content_type"}


def test_a_charset_beside_the_content_type_is_fine(send) -> None:
    assert send(body(), content_type="application/json; charset=utf-8").status_code == 201


def test_a_body_of_more_than_a_mebibyte_is_refused(send) -> None:
    response = send(body(description="x" * LARGEST_BODY))
    assert response.status_code == 413
    assert faults(response) == {"": "too_large"}


# ── who may send ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "no_token"),
        ({"HTTP_AUTHORIZATION": ""}, "no_token"),
        ({"HTTP_AUTHORIZATION": "Basic YTpi"}, "no_token"),
        ({"HTTP_AUTHORIZATION": "Bearer"}, "token"),
        ({"HTTP_AUTHORIZATION": "Bearer sw_wrong"}, "token"),
        ({"HTTP_AUTHORIZATION": "Bearer \xe9\x00"}, "token"),
    ],
)
@pytest.mark.parametrize("address", [ONE, MANY])
def test_without_a_token_that_is_known_nothing_comes_in(client, source, address, header, code) -> None:
    response = client.post(address, json.dumps(body()), content_type="application/json", **header)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert faults(response) == {"": code}
    assert not Alert.objects.exists()


def test_a_revoked_token_opens_nothing(send, source) -> None:
    services.revoke_token(source.tokens.get(), by=None, now=database_now())
    response = send(body())
    assert response.status_code == 401
    assert "invalid_token" in response.headers["WWW-Authenticate"]


def test_a_logged_in_person_is_no_source(client, source) -> None:
    client.force_login(make_scene().officer)
    assert client.post(ONE, json.dumps(body()), content_type="application/json").status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
@pytest.mark.parametrize("address", [ONE, MANY])
def test_another_method_is_answered_with_the_one_there_is(client, db, method, address) -> None:
    response = getattr(client, method)(address)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    if method != "head":
        assert faults(response) == {"": "method"}


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1/alerts/17", "/api/v1/alerts/"])
def test_an_address_that_is_not_there_is_said_in_json(client, db, address) -> None:
    assert faults(client.get(address)) == {"": "address"}
    assert client.post(address).status_code == 404


def test_a_sender_needs_no_cookie_against_forgery(token) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        ONE, json.dumps(body()), content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
    )
    assert response.status_code == 201


# ── a batch ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_answered_one_by_one_and_a_bad_one_holds_up_nobody(send) -> None:
    send(body(external_id="old"))
    response = send(
        {
            "alerts": [
                body(external_id="new", subject={"name": "李建国"}),
                body(external_id="bad", level="x", amount_at_risk=-1),
                body(external_id="old"),
                body(external_id="old", level="low"),
                body(external_id="joins"),
                body(external_id="new", subject={"name": "李建国"}),
                17,
            ]
        },
        to=MANY,
    )
    assert response.status_code == 200
    results = response.json()["results"]
    assert [(it["external_id"], it["status"]) for it in results] == [
        ("new", 201),
        ("bad", 422),
        ("old", 200),
        ("old", 409),
        ("joins", 201),
        ("new", 200),
        (None, 422),
    ]
    assert {error["field"] for error in results[1]["errors"]} == {"level", "amount_at_risk"}
    assert results[4]["alert"]["joined"] is True
    assert results[0]["alert"] == results[5]["alert"]
    assert Alert.objects.count() == 2


def test_five_hundred_alerts_come_in_at_once(send) -> None:
    alerts = [
        body(external_id=f"N{n}", subject={"name": f"人{n}", "phone": f"1990000{n:04d}"}, warned_at=None)
        for n in range(MOST)
    ]
    response = send({"alerts": alerts}, to=MANY)
    assert {it["status"] for it in response.json()["results"]} == {201}
    assert (Alert.objects.count(), IntakeMessage.objects.count()) == (MOST, MOST)


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        ({"alerts": [{}] * (MOST + 1)}, "alerts", "too_many"),
        ({"alerts": {}}, "alerts", "list"),
        ({}, "alerts", "missing"),
        ([], "", "object"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(send, content, field, code) -> None:
    response = send(content, to=MANY)
    assert response.status_code == 422
    assert faults(response) == {field: code}


def test_an_empty_batch_has_no_results(send) -> None:
    assert send({"alerts": []}, to=MANY).json() == {"results": []}


def test_a_batch_may_be_larger_than_an_alert_but_has_its_end(send) -> None:
    assert send({"alerts": [], "note": "x" * (LARGEST_BODY * 3)}, to=MANY).status_code == 200
    assert send({"alerts": [], "note": "x" * LARGEST_BATCH}, to=MANY).status_code == 413


def test_a_batch_of_a_hundred_costs_a_handful_of_queries(send, django_assert_max_num_queries) -> None:
    alerts = [body(external_id=f"N{n}", subject={"name": f"人{n}", "phone": f"1990000{n:04d}"}) for n in range(100)]
    with django_assert_max_num_queries(25):  # SQLite splits long inserts
        send({"alerts": alerts}, to=MANY)


# ── when something is down ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_database_that_is_away_asks_the_sender_to_come_again(send, monkeypatch) -> None:
    monkeypatch.setattr("alerts.services.receive", mock.Mock(side_effect=OperationalError("gone")))
    response = send(body())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert faults(response) == {"": "database"}


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("connection already closed")])
def test_a_refusal_is_one_also_where_the_database_goes_away_before_it_could_be_kept(send, monkeypatch, error) -> None:
    moments = iter([database_now()])

    def clock():
        for moment in moments:
            return moment
        raise error

    monkeypatch.setattr("alerts.api.database_now", clock)
    response = send(body(level="urgent"))
    assert response.status_code == 422
    assert "level" in faults(response)


def test_even_a_defect_is_answered_in_json(send, monkeypatch) -> None:
    monkeypatch.setattr("alerts.services.receive", mock.Mock(side_effect=RuntimeError("poison")))
    response = send(body())
    assert response.status_code == 500
    assert faults(response) == {"": "defect"}
    assert b"poison" not in response.content


# ── its own description ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_description_names_both_addresses_their_bodies_and_every_answer(client, db) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert set(document["paths"]) == {ONE, MANY}
    one = document["paths"][ONE]["post"]
    assert set(one["responses"]) >= {"200", "201", "400", "401", "409", "413", "415", "422"}
    assert one["security"]
    alert = document["components"]["schemas"]["AlertIn"]
    assert set(alert["properties"]) == {
        "external_id",
        "level",
        "fraud_type",
        "subject",
        "area_code",
        "description",
        "amount_at_risk",
        "warned_at",
    }
    assert alert["required"] == ["external_id", "level"]


def test_every_reference_in_the_description_leads_somewhere(client, db) -> None:
    text = client.get("/api/v1/openapi.json").content.decode()
    document = json.loads(text)
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in document["components"]["schemas"]


def test_the_page_of_the_api_needs_no_log_in_and_no_host_outside(client, db) -> None:
    response = client.get("/api/v1/docs")
    assert response.status_code == 200
    page = response.content.decode()
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "http://" not in page
    assert "https://" not in page
    assert '"validatorUrl": null' in page
    for address in re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page):
        assert client.get(address).status_code == 200, address
