"""Whatever is received is kept before it is read, becomes an alert or says why not, and somebody hears of it."""

import json
from datetime import timedelta
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import services
from alerts.models import (
    Alert,
    InboundMessage,
    IntakeMessage,
    MappingRule,
    MappingWord,
    Rule,
    Source,
    SourceMapping,
)
from alerts.policy import Became, RuleName, State, Way
from alerts.services import AlertError, take_in_left, tell_of_messages
from alerts.tests.factories import NOON, SourceFactory, after, ensure_policy, make_scene
from notifications.models import Notice
from residents.services import apply_retention, what_is_due
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

SENT = {"no": "YJ-1", "level": "红色预警", "who": {"xm": "王秀英", "sj": "19900000017"}, "what": "正在向陌生账户转账"}
RULES = (
    ("external_id", "path", "no", ""),
    ("level", "path", "level", ""),
    ("name", "path", "who.xm", ""),
    ("phone", "path", "who.sj", ""),
    ("description", "path", "what", ""),
)


@pytest.fixture
def source() -> Source:
    """The bank, of community 3: its messages are seen at that desk."""
    ensure_policy()
    return SourceFactory(code="bank", name="银行", area=make_community(3).community)


@pytest.fixture
def mapping(source: Source) -> SourceMapping:
    return map_source(source)


def map_source(source: Source, *, way: str = "webhook", on: bool = True, sample: str = "", **fields) -> SourceMapping:
    mapping = SourceMapping.objects.create(source=source, way=way, sample=sample or json.dumps(SENT), **fields)
    for field, how, where, otherwise in RULES:
        MappingRule.objects.create(mapping=mapping, field=field, how=how, where=where, otherwise=otherwise)
    MappingWord.objects.create(mapping=mapping, field="level", said="红色预警", means="high")
    return services.switch_mapping(mapping, on=True, by=None, now=NOON) if on else mapping


@pytest.fixture
def token(source: Source) -> str:
    return services.make_token(source, by=None, now=NOON)[1]


@pytest.fixture
def post(client, token):
    def post(body, *, source="bank", key=token, **options):
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        options = {"content_type": "application/json", "HTTP_ACCEPT_LANGUAGE": "en"} | options
        if key:
            options["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return client.post(f"/hooks/{source}/", content, **options)

    return post


def only() -> InboundMessage:
    return InboundMessage.objects.get()


# ── the webhook ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_of_the_sources_own_form_begins_an_alert(post, mapping):
    answer = post(SENT)
    assert answer.status_code == 201, answer.content
    alert = Alert.objects.get(pk=answer.json()["alert"])
    assert (alert.level, alert.subject_name, alert.subject_phone) == ("high", "王秀英", "19900000017")
    assert alert.area_code == mapping.source.area.code
    kept = only()
    assert (kept.became, kept.alert, kept.external_id, kept.way) == (Became.CREATED, alert, "YJ-1", Way.WEBHOOK)
    assert json.loads(kept.raw) == SENT


def test_what_was_received_lies_encrypted_in_the_database(post, mapping):
    post(SENT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM alerts_inboundmessage")
        body = bytes(cursor.fetchone()[0])
    assert b"19900000017" not in body
    assert "王秀英".encode() not in body


def test_the_token_may_stand_in_the_address_or_in_a_header_of_its_own(client, post, token, mapping):
    answer = client.post(f"/hooks/bank/{token}/", json.dumps(SENT), content_type="application/json")
    assert answer.status_code == 201
    answer = post(SENT | {"no": "YJ-2"}, key="", HTTP_X_TOKEN=token)
    assert answer.status_code == 200  # joined: the same person
    assert answer.json()["result"] == "joined"


def test_a_form_is_taken_like_json(post, mapping):
    MappingRule.objects.filter(mapping=mapping, field="phone").update(where="sj")
    form = urlencode({"no": "YJ-7", "level": "高", "sj": "19900000017", "what": "转账"}, encoding="gb18030")
    answer = post(form, content_type="application/x-www-form-urlencoded; charset=gb18030")
    assert answer.status_code == 201
    assert Alert.objects.get().description == "转账"


def test_the_same_message_again_is_the_same_alert(post, mapping):
    first, again = post(SENT), post(SENT)
    assert (again.status_code, again.json()["result"]) == (200, "same")
    assert again.json()["alert"] == first.json()["alert"]
    assert Alert.objects.count() == 1


def test_the_same_number_with_other_contents_is_kept_and_says_so(post, mapping):
    post(SENT)
    answer = post(SENT | {"what": "别的"})
    assert answer.status_code == 202
    assert answer.json()["errors"][0]["code"] == "conflict"
    assert InboundMessage.objects.filter(became=Became.REFUSED).count() == 1


def test_without_a_number_the_same_bytes_are_the_same_message(post, mapping):
    MappingRule.objects.filter(mapping=mapping, field="external_id").delete()
    assert [post(SENT).json()["result"] for _time in range(2)] == ["created", "same"]


@pytest.mark.parametrize("key", ["", "sw_wrong", "x" * 300])
def test_who_has_no_token_of_the_source_stores_nothing(post, mapping, key):
    assert post(SENT, key=key).status_code == 401
    assert not InboundMessage.objects.exists()


def test_another_sources_token_and_a_revoked_one_open_nothing(post, token, mapping):
    other = services.make_token(SourceFactory(), by=None, now=NOON)[1]
    assert post(SENT, key=other).status_code == 401
    services.revoke_token(mapping.source.tokens.get(), by=None, now=NOON)
    assert post(SENT).status_code == 401
    assert not InboundMessage.objects.exists()


def test_who_tries_keys_is_kept_from_asking(post, mapping):
    statuses = [post(SENT, key="sw_wrong").status_code for _time in range(40)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "json"),
        ("", "empty"),
        (b"\xff\xfe\xff", "charset"),
        ({"level": "不明", "what": "x"}, "word"),
        ({}, "missing"),
    ],
)
def test_what_cannot_be_read_is_kept_and_answered_with_the_reason(post, mapping, body, code):
    answer = post(body)
    assert answer.status_code == 202, answer.content
    assert code in {error["code"] for error in answer.json()["errors"]}
    assert only().became == Became.REFUSED
    assert only().raw == (
        body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    )


def test_what_is_too_large_is_cut_and_says_so(post, mapping):
    answer = post(b'{"a": "' + b"x" * services.LARGEST_KEPT + b'"}')
    assert answer.status_code == 202
    assert answer.json()["errors"][0]["code"] == "too_large"
    kept = only()
    assert (kept.is_cut, kept.size, len(kept.raw)) == (True, services.LARGEST_KEPT + 9, services.LARGEST_KEPT)


def test_what_comes_while_the_mapping_is_off_waits_for_it(post, mapping):
    services.switch_mapping(mapping, on=False, by=None, now=NOON)
    assert post(SENT).json()["errors"][0]["code"] == "no_mapping"
    services.switch_mapping(mapping, on=True, by=None, now=NOON)
    administrator = AdministratorFactory()
    taken = services.try_again(only(), by=administrator, now=database_now())
    assert taken.is_taken_in
    assert AuditEntry.objects.filter(verb="alerts.message_tried", actor=administrator).exists()


def test_a_database_that_is_away_asks_the_sender_to_come_again(post, mapping, monkeypatch):
    monkeypatch.setattr(services, "keep", mock.Mock(side_effect=OperationalError("away")))
    answer = post(SENT)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


@pytest.mark.django_db(transaction=True)
def test_a_message_is_committed_before_it_is_read(client):
    source = SourceFactory(code="bank", name="银行")
    token = services.make_token(source, by=None, now=NOON)[1]
    stood = []

    def fail(*_arguments, **_options):
        stood.append((InboundMessage.objects.count(), connection.in_atomic_block))
        raise SystemExit  # as if the process were killed

    with mock.patch("alerts.views.received.services.take_in", fail), pytest.raises(SystemExit):
        client.post(f"/hooks/bank/{token}/", b"{}", content_type="application/json")
    assert stood == [(1, False)]
    assert only().became == Became.WAITING


def test_what_was_kept_and_left_is_read_a_little_later(source, mapping):
    kept = services.keep(way=Way.WEBHOOK, source=source, body=json.dumps(SENT).encode(), now=NOON)
    assert take_in_left(now=after(seconds=5)) == 0  # whoever kept it may be at it
    assert take_in_left(now=after(seconds=20)) == 1
    kept.refresh_from_db()
    assert kept.became == Became.CREATED


def test_what_is_read_late_shows_when_it_came(source, mapping):
    kept = services.keep(way=Way.WEBHOOK, source=source, body=json.dumps(SENT).encode(), now=NOON)
    alert = services.take_in(kept, now=after(minutes=40)).alert
    assert (alert.warned_at, alert.received_at) == (NOON, after(minutes=40))


def test_a_program_that_fails_at_a_message_keeps_it(source, mapping):
    kept = services.keep(way=Way.WEBHOOK, source=source, body=json.dumps(SENT).encode(), now=NOON)
    with mock.patch("alerts.services.inbound.receive", side_effect=RuntimeError("a defect")):
        assert services.take_in(kept, now=NOON).became == Became.FAILED
    assert services.take_in(kept, now=NOON).became == Became.CREATED


# ── the mapping is tried before it is switched on ───────────────────────────────────────────────────────────────────


def test_a_mapping_that_does_not_read_its_sample_cannot_be_switched_on(source):
    mapping = map_source(source, on=False, sample='{"level": "不明", "what": "x"}')
    with pytest.raises(AlertError, match="不明"):
        services.switch_mapping(mapping, on=True, by=None, now=NOON)
    assert not services.try_mapping(mapping, now=NOON).is_well


def test_trying_a_mapping_receives_nothing(source):
    mapping = map_source(source, on=False)
    tried = services.try_mapping(mapping, now=NOON)
    assert tried.is_well
    assert tried.reading.found["name"] == "王秀英"
    assert not Alert.objects.exists()


# ── what the interface refuses ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def send(client, token):
    def send(body, *, to="/api/v1/alerts", **options):
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        options = {"content_type": "application/json", "HTTP_AUTHORIZATION": f"Bearer {token}"} | options
        return client.post(to, content, HTTP_ACCEPT_LANGUAGE="en", **options)

    return send


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        ({"external_id": "A", "level": "urgent"}, {}, 422),
        ("{", {}, 400),
        (b"\xff", {}, 400),
        ({"external_id": "A", "level": "high"}, {"content_type": "text/plain"}, 415),
    ],
)
def test_what_the_interface_refuses_is_kept_as_it_came(send, body, options, status):
    assert send(body, **options).status_code == status
    kept = only()
    assert (kept.became, kept.way) == (Became.REFUSED, Way.API)
    assert kept.raw == (
        body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    )


def test_what_the_interface_takes_in_is_not_kept_twice(send):
    assert send({"external_id": "A", "level": "high"}).status_code == 201
    assert not InboundMessage.objects.exists()


def test_a_sender_that_tries_the_same_again_and_again_has_one_row(send):
    for _time in range(5):
        send({"external_id": "A", "level": "urgent"})
    assert only().times == 5


def test_of_a_batch_each_refused_alert_is_kept_by_itself(send):
    batch = {"alerts": [{"external_id": "A", "level": "high"}, {"external_id": "B", "level": "x"}, 7]}
    answer = send(batch, to="/api/v1/alerts/batch")
    assert [one["status"] for one in answer.json()["results"]] == [201, 422, 422]
    kept = sorted(message.raw for message in InboundMessage.objects.all())
    assert [json.loads(raw) for raw in kept] == [7, {"external_id": "B", "level": "x"}]


def test_a_conflict_is_kept(send):
    send({"external_id": "A", "level": "high"})
    assert send({"external_id": "A", "level": "low"}).status_code == 409
    assert only().kept_faults[0]["kind"] == "conflict"


def test_what_the_interface_failed_at_is_kept_and_becomes_an_alert_when_it_is_tried_again(send, client):
    client.raise_request_exception = False
    batch = {"alerts": [{"external_id": "A", "level": "high"}, {"external_id": "B", "level": "medium"}]}
    with mock.patch("alerts.api.services.receive", side_effect=RuntimeError("a defect")):
        assert send(batch, to="/api/v1/alerts/batch").status_code == 500
    assert only().became == Became.FAILED
    services.try_again(only(), by=AdministratorFactory(), now=database_now())
    assert sorted(IntakeMessage.objects.values_list("external_id", flat=True)) == ["A", "B"]
    assert sorted(InboundMessage.objects.values_list("became", flat=True)) == ["aside", "created", "created"]


def test_what_the_interface_refused_can_be_read_by_a_mapping_made_since(send, source):
    send(SENT)
    assert only().became == Became.REFUSED
    map_source(source)
    assert services.try_again(only(), by=AdministratorFactory(), now=database_now()).alert.subject_name == "王秀英"


def test_a_refusal_that_cannot_be_kept_is_answered_all_the_same(send):
    with mock.patch("alerts.api.services.keep_refused", side_effect=OperationalError("away")):
        assert send({"external_id": "A", "level": "urgent"}).status_code == 422


def test_a_stranger_fills_no_disk(client):
    assert client.post("/api/v1/alerts", "{", content_type="application/json").status_code == 401
    assert not InboundMessage.objects.exists()


# ── somebody hears of it ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_desk_is_told_once_an_hour_and_source_with_the_number(source, mapping):
    scene = make_scene(3)
    elsewhere = make_staff(Role.DUTY_OFFICER, make_community(4).community)
    for number in range(3):
        message = services.keep(way=Way.WEBHOOK, source=source, body=b"{%d" % number, now=NOON)
        services.take_in(message, now=NOON)
    tell_of_messages(now=NOON)
    told = Notice.objects.filter(kind="inbound.refused")
    assert set(told.values_list("recipient", flat=True)) == {scene.officer.pk}
    assert not told.filter(recipient=elsewhere).exists()
    assert "3" in told.get().title
    assert "王" not in told.get().body
    later = services.keep(way=Way.WEBHOOK, source=source, body=b"{", now=after(minutes=10))
    services.take_in(later, now=after(minutes=10))
    assert tell_of_messages(now=after(minutes=10)) == 0
    assert tell_of_messages(now=after(minutes=61)) == 1
    assert "1" in told.latest("pk").title
    assert tell_of_messages(now=after(minutes=200)) == 0  # nothing new


def test_of_a_sender_that_nobody_knows_administrators_and_all_desks_hear(source):
    scene, administrator = make_scene(3), AdministratorFactory()
    message = services.keep(way=Way.EMAIL, source=None, body=b"Subject: x\n\ny", now=NOON, sender="a@b.example")
    services.take_in(message, now=NOON)
    tell_of_messages(now=NOON)
    told = set(Notice.objects.filter(kind="inbound.refused").values_list("recipient", flat=True))
    assert {scene.officer.pk, administrator.pk} <= told


def test_readiness_says_what_waits(client, source, mapping):
    scene = make_scene(3)
    services.take_in(services.keep(way=Way.WEBHOOK, source=source, body=b"{", now=NOON), now=NOON)
    client.force_login(scene.manager)
    assert "received/?became=unread" in client.get(reverse("alerts:readiness")).content.decode()


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────────────────


def seen_by(client, user, **query) -> str:
    client.force_login(user)
    answer = client.get(reverse("alerts:received"), query, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_came_by_every_way(client, post, send, mapping):
    scene = make_scene(3)
    post(SENT)
    send({"external_id": "A-77", "level": "high", "subject": {"phone": "19900000019"}})
    send({"external_id": "B", "level": "urgent"})
    page = seen_by(client, scene.officer)
    rows = page.split("<tbody>")[1].count("<tr>")
    assert rows == 3
    for alert in Alert.objects.all():
        assert f"#{alert.pk}" in page
    only_unread = seen_by(client, scene.officer, became="unread", source=str(mapping.source.pk))
    assert only_unread.split("<tbody>")[1].count("<tr>") == 1


def test_a_desk_elsewhere_sees_neither_the_message_nor_its_page(client, post, mapping):
    post("{")
    elsewhere = make_staff(Role.DUTY_OFFICER, make_community(4).community)
    assert "<tbody>" not in seen_by(client, elsewhere)
    for name in ("message", "message_reveal", "message_again", "message_aside"):
        method = client.get if name == "message" else client.post
        assert method(reverse(f"alerts:{name}", args=[only().pk])).status_code == 404


def test_who_has_no_desk_stays_outside(client, post, mapping):
    post("{")
    client.force_login(make_scene(3).first)
    assert client.get(reverse("alerts:received")).status_code == 403
    assert client.get(reverse("alerts:message", args=[only().pk])).status_code == 403
    assert client.post(reverse("alerts:messages_again")).status_code == 403


def test_a_message_is_masked_until_somebody_opens_it_and_that_is_written_down_once(client, post, mapping):
    post(SENT | {"level": "不明"})
    officer, address = make_scene(3).officer, reverse("alerts:message", args=[only().pk])
    client.force_login(officer)
    page = client.get(address).content.decode()
    assert "19900000017" not in page
    assert "王秀英" not in page
    for _time in range(2):
        assert client.post(reverse("alerts:message_reveal", args=[only().pk])).status_code == 302
    page = client.get(address).content.decode()
    assert "19900000017" in page
    assert AuditEntry.objects.filter(verb="alerts.message_revealed", actor=officer).count() == 1


@pytest.mark.parametrize("raw", [b'{"a": "\\ud800"}', b"\x00\xff\x00", b'"' + b"[" * 5000, "王".encode()[:2]])
def test_no_message_however_odd_breaks_its_page(client, post, mapping, raw):
    client.force_login(make_scene(3).officer)
    post(raw)
    address = reverse("alerts:message", args=[only().pk])
    assert client.get(address).status_code == 200
    client.post(reverse("alerts:message_reveal", args=[only().pk]))
    assert client.get(address).status_code == 200


def test_after_mending_the_mapping_one_press_tries_all_of_a_source(client, post, mapping):
    officer = make_scene(3).officer
    for number in range(3):
        post({"no": str(number), "level": "特急", "who": {"sj": f"1990000010{number}"}})
    post("{")
    client.force_login(officer)
    MappingWord.objects.create(mapping=mapping, field="level", said="特急", means="high")
    client.post(reverse("alerts:messages_again"), {"source": mapping.source.pk})
    assert InboundMessage.objects.filter(became=Became.CREATED).count() == 3
    assert InboundMessage.objects.not_taken_in().count() == 1


def test_one_press_tries_one_message_and_says_why_it_still_cannot_be_read(client, post, mapping):
    client.force_login(make_scene(3).officer)
    post(SENT | {"level": "特急"})
    answer = client.post(reverse("alerts:message_again", args=[only().pk]), follow=True)
    assert "特急" in answer.content.decode()
    MappingWord.objects.create(mapping=mapping, field="level", said="特急", means="high")
    client.post(reverse("alerts:message_again", args=[only().pk]))
    assert only().alert.state == State.RECEIVED
    answer = client.post(reverse("alerts:message_again", args=[only().pk]), follow=True)
    assert Alert.objects.count() == 1


def test_what_needs_no_alert_is_set_aside_and_waits_no_more(client, post, mapping):
    client.force_login(make_scene(3).officer)
    post("{")
    client.post(reverse("alerts:message_aside", args=[only().pk]))
    assert only().became == Became.ASIDE
    assert not InboundMessage.objects.not_taken_in().exists()
    with pytest.raises(AlertError):
        services.set_aside(only(), by=AdministratorFactory(), now=database_now())


@pytest.mark.parametrize(
    "query", [{"source": "x"}, {"source": "9" * 30}, {"became": "\0"}, {"page": "-1"}, {"page": "9" * 20}]
)
def test_no_filter_however_odd_breaks_the_list(client, query, post, mapping):
    post("{")
    seen_by(client, AdministratorFactory(), **query)


def test_the_list_costs_the_same_queries_for_five_messages_as_for_fifty(
    client, source, mapping, django_assert_max_num_queries
):
    officer = make_scene(3).officer
    client.force_login(officer)
    for number in range(50):
        services.take_in(services.keep(way=Way.WEBHOOK, source=source, body=b"{%d" % number, now=NOON), now=NOON)
    client.get(reverse("alerts:received"))
    with django_assert_max_num_queries(25):
        client.get(reverse("alerts:received"))


# ── kept thirty days ────────────────────────────────────────────────────────────────────────────────────────────────


def test_messages_are_let_go_of_after_their_days_and_not_before(source, mapping):
    old = services.keep(way=Way.WEBHOOK, source=source, body=b"{", now=NOON)
    services.take_in(old, now=NOON)
    young = services.keep(way=Way.WEBHOOK, source=source, body=b"{1", now=after(days=2))
    assert what_is_due(now=after(days=30)).beside["inbound_messages"] == 0
    assert what_is_due(now=after(days=31)).beside["inbound_messages"] == 1
    apply_retention(now=after(days=31))
    assert only() == young
    Rule.objects.create(name=RuleName.MESSAGES_DAYS, number=1)
    apply_retention(now=after(days=31) + timedelta(hours=1))
    assert not InboundMessage.objects.exists()


def test_what_was_received_about_somebody_who_has_gone_goes_with_them(post, source, mapping):
    grid = make_community(3).grid
    resident = ResidentFactory(grid=grid, name="王秀英", phone="19900000017")
    post(SENT)
    assert only().alert.resident == resident
    services.retention.MessagesKeeper().forget([resident.pk], on=NOON.date())
    assert not InboundMessage.objects.exists()
