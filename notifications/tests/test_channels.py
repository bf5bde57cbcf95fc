"""Each adapter against a real server that takes, refuses politely, breaks, hangs, resets, or is not there."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from notifications.channels import Message, Outlet, complaint_about, masked_address, robot_key, robot_of, send
from notifications.tests.factories import NOON
from notifications.tests.outside import BROKEN, HANG, REFUSED, RESET, TRICKLE, MailServer, WebServer, closed_port

MESSAGE = Message(to="19900000001", title="高危预警", text="请立即处置", url="https://desk.example/alerts/1/")
ROBOTS = ("wecom", "dingtalk", "feishu")
CHECKED = {"ok_field": "errcode", "ok_value": 0}


def outlet(kind: str, web: WebServer, **fields) -> Outlet:
    address = f"{web.url}/sms" if kind == "sms" else "the-key"
    return Outlet(kind, address, options=CHECKED if kind == "sms" else {}, **fields)


@pytest.mark.parametrize("kind", [*ROBOTS, "sms"])
def test_a_channel_that_takes_a_message_answers_nothing(web, kind):
    assert send(outlet(kind, web), [MESSAGE], now=NOON) == [""]
    assert len(web.asked) == 1


@pytest.mark.parametrize("kind", [*ROBOTS, "sms"])
def test_a_refusal_inside_a_200_is_a_failure_with_the_channel_s_own_words(web, kind):
    web.behaviour[kind] = REFUSED
    (answer,) = send(outlet(kind, web), [MESSAGE], now=NOON)
    assert ("sign match fail" if kind == "feishu" else "api freq out of limit") in answer


@pytest.mark.parametrize("kind", [*ROBOTS, "sms"])
@pytest.mark.parametrize(
    "behaviour", [BROKEN, HANG, RESET, TRICKLE, (200, b"<html>login</html>"), (200, []), (302, {})]
)
def test_a_channel_that_misbehaves_answers_why_and_never_names_its_key(web, kind, behaviour):
    web.behaviour[kind] = behaviour
    (answer,) = send(outlet(kind, web), [MESSAGE], now=NOON)
    assert answer
    assert "the-key" not in answer
    assert web.url not in answer


def test_a_closed_port_is_said_plainly(settings, web):
    settings.ROBOT_URLS = {"wecom": f"http://127.0.0.1:{closed_port()}/?key="}
    (answer,) = send(Outlet("wecom", "the-key"), [MESSAGE], now=NOON)
    assert "ConnectError" in answer
    assert "the-key" not in answer


@pytest.mark.parametrize(
    "address", ["", "no address", "ftp://127.0.0.1/", "http://", "http://[", "http://127.0.0.1:99999/"]
)
def test_an_address_that_is_none_is_an_answer_and_no_crash(web, address):
    (answer,) = send(Outlet("sms", address), [MESSAGE], now=NOON)
    assert answer


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X": "换行\n"}},
        {"headers": [1]},
        {"body": 7},
        {"method": "？？"},
        {"body": ["{text}"], "format": "form"},
    ],
)
def test_nonsense_in_a_gateway_s_options_is_an_answer_and_no_crash(web, options):
    (answer,) = send(Outlet("sms", f"{web.url}/sms", options={**options, **CHECKED}), [MESSAGE], now=NOON)
    assert isinstance(answer, str)


def test_wecom_gets_the_text_and_its_key(web):
    send(Outlet("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=the-key"), [MESSAGE], now=NOON)
    (asked,) = web.at("wecom")
    assert asked.query == {"key": "the-key"}
    assert asked.json == {"msgtype": "text", "text": {"content": "请立即处置\nhttps://desk.example/alerts/1/"}}


def test_robots_that_can_call_people_of_their_group_call_each_once_by_their_number(web):
    messages = [Message(to, "", "请立即处置") for to in ("19900000001", "19900000002", "19900000001", "")]
    for kind in ROBOTS:
        send(Outlet(kind, "k", options={"mention": True}), messages, now=NOON)
    called = ["19900000001", "19900000002"]
    assert web.at("wecom")[0].json["text"] == {"content": "请立即处置", "mentioned_mobile_list": called}
    assert web.at("dingtalk")[0].json["at"] == {"atMobiles": called, "isAtAll": False}
    assert web.at("dingtalk")[0].json["text"]["content"] == "请立即处置\n@19900000001 @19900000002"
    assert web.at("feishu/k")[0].json == {"msg_type": "text", "content": {"text": "请立即处置"}}


def test_no_post_calls_more_than_twenty_people(web):
    messages = [Message(f"199{number:08}", "", "请立即处置") for number in range(50)]
    send(Outlet("wecom", "k", options={"mention": True}), messages, now=NOON)
    assert len(web.asked[0].json["text"]["mentioned_mobile_list"]) == 20


def test_dingtalk_s_signature_is_its_timestamp_in_milliseconds_and_secret_under_the_secret(web):
    now = datetime(2026, 4, 2, 4, 0, 0, 123_000, tzinfo=UTC)
    send(Outlet("dingtalk", "the-key", secret="SEC密"), [MESSAGE], now=now)
    (asked,) = web.at("dingtalk")
    assert asked.query["access_token"] == "the-key"
    assert asked.query["timestamp"] == "1775102400123"
    digest = hmac.new("SEC密".encode(), "1775102400123\nSEC密".encode(), hashlib.sha256).digest()
    assert base64.b64decode(asked.query["sign"]) == digest


def test_feishu_s_signature_is_of_nothing_under_its_timestamp_in_seconds_and_secret(web):
    send(Outlet("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/the-key", secret="s3"), [MESSAGE], now=NOON)
    (asked,) = web.at("feishu/the-key")
    assert asked.json["timestamp"] == "1775102400"
    digest = hmac.new(b"1775102400\ns3", b"", hashlib.sha256).digest()
    assert base64.b64decode(asked.json["sign"]) == digest
    assert asked.json["content"] == {"text": "请立即处置\nhttps://desk.example/alerts/1/"}


def test_a_robot_without_a_secret_signs_nothing(web):
    send(Outlet("dingtalk", "k"), [MESSAGE], now=NOON)
    send(Outlet("feishu", "k"), [MESSAGE], now=NOON)
    assert "sign" not in web.at("dingtalk")[0].query
    assert "sign" not in web.at("feishu/k")[0].json


def test_a_robot_says_several_messages_in_one_post_each_different_one_once_after_its_keyword(web):
    messages = [Message("", "", text) for text in ("甲", "乙", "甲")]
    answers = send(Outlet("wecom", "k", options={"keyword": "反诈"}), messages, now=NOON)
    assert answers == ["", "", ""]
    (asked,) = web.asked
    assert asked.json["text"]["content"] == "【反诈】\n甲\n乙"


def test_a_post_too_long_for_wecom_says_how_many_it_leaves_out(web, settings):
    settings.LANGUAGE_CODE = "en"
    messages = [Message("", "", f"{number:02d}" + "字" * 200) for number in range(10)]
    send(Outlet("wecom", "k"), messages, now=NOON)
    content = web.asked[0].json["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.startswith("00")
    assert "7" in content.splitlines()[-1]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("abc-123", "abc-123"),
        (" abc ", "abc"),
        ("https://oapi.dingtalk.com/robot/send?access_token=tok", "tok"),
        ("https://elsewhere.example/cgi-bin/webhook/send?key=tok", "tok"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/tok/", "tok"),
        ("https://nothing.example", ""),
    ],
)
def test_a_robot_s_key_is_taken_from_its_address_and_no_other_host_is_ever_asked(address, key):
    assert robot_key(address) == key


def test_a_gateway_gets_json_with_the_phone_and_the_text(web):
    options = {
        "headers": {"Authorization": "Bearer {secret}"},
        "body": {"to": ["{phone}"], "content": "【社区】{text}", "n": 1},
    }
    assert send(Outlet("sms", f"{web.url}/sms", secret="tok", options=options), [MESSAGE], now=NOON) == [""]
    (asked,) = web.asked
    assert asked.headers["Authorization"] == "Bearer tok"
    text = "【社区】高危预警\n请立即处置\nhttps://desk.example/alerts/1/"
    assert asked.json == {"to": ["19900000001"], "content": text, "n": 1}


def test_a_gateway_may_want_a_form_or_a_query(web):
    body = {"mobile": "{phone}", "msg": "{text}"}
    send(Outlet("sms", f"{web.url}/sms", options={"format": "form", "body": body}), [MESSAGE], now=NOON)
    send(Outlet("sms", f"{web.url}/sms", options={"method": "get", "body": body}), [MESSAGE], now=NOON)
    form, query = web.asked
    assert form.body.startswith(b"mobile=19900000001&msg=%E9%AB%98")
    assert (query.method, query.query["mobile"]) == ("GET", "19900000001")


def test_a_gateway_s_own_headers_go_before_ours_and_a_name_in_its_address_logs_in(web):
    address = web.url.replace("http://", "http://office:secret@") + "/sms"
    options = {"headers": {"user-agent": "office", "X-Token": "t"}}
    assert send(Outlet("sms", address, options=options), [MESSAGE], now=NOON) == [""]
    (asked,) = web.asked
    assert asked.headers["user-agent"] == "office"
    assert asked.headers["X-Token"] == "t"
    assert asked.headers["Authorization"] == f"Basic {base64.b64encode(b'office:secret').decode()}"


def test_the_environment_s_proxy_is_asked_and_no_host_that_it_excepts(web, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", web.url)
    monkeypatch.setenv("http_proxy", web.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert send(Outlet("sms", "http://gateway.invalid/sms"), [MESSAGE], now=NOON) == [""]
    assert send(Outlet("sms", f"{web.url}/sms"), [MESSAGE], now=NOON) == [""]
    assert [asked.headers["Host"] for asked in web.asked] == ["gateway.invalid", web.url.removeprefix("http://")]


def test_what_a_message_says_is_never_taken_for_a_placeholder(web):
    message = Message("19900000001", "", "{secret} {phone}")
    send(Outlet("sms", f"{web.url}/sms", secret="tok"), [message], now=NOON)
    assert web.asked[0].json["text"] == "{secret} {phone}"


def test_a_gateway_s_success_may_lie_deep_in_its_answer(web):
    web.behaviour["sms"] = (200, {"result": {"code": "OK"}})
    options = {"ok_field": "result.code", "ok_value": "OK"}
    assert send(Outlet("sms", f"{web.url}/sms", options=options), [MESSAGE], now=NOON) == [""]
    options = {"ok_field": "result.code.deeper", "ok_value": "OK"}
    assert send(Outlet("sms", f"{web.url}/sms", options=options), [MESSAGE], now=NOON) != [""]


@pytest.mark.parametrize(
    ("options", "answer", "is_taken"),
    [
        ({"ok_text": "0,"}, b"0,20261127100001", True),
        ({"ok_text": "0,"}, b"-3,balance", False),
        ({"ok_text": "OK"}, b"  OK\r\n", True),
        ({"ok_field": "code", "ok_value": [0, "OK"]}, {"code": "OK"}, True),
        ({"ok_field": "code", "ok_value": [0, "OK"]}, {"code": 0}, True),
        ({"ok_field": "code", "ok_value": [0, "OK"]}, {"code": 1}, False),
    ],
)
def test_what_counts_as_success_is_configuration(web, options, answer, is_taken):
    web.behaviour["sms"] = (200, answer)
    (said,) = send(Outlet("sms", f"{web.url}/sms", options=options), [MESSAGE], now=NOON)
    assert (said == "") is is_taken


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"body": {"mobile": "{phone}", "params": {"text": "【守望】{text}"}}, "format": "form", "ok_text": "0"},
        {"method": "get", "headers": {"Authorization": "APPCODE {secret}"}, "ok_field": "a.b", "ok_value": [0]},
    ],
)
def test_a_gateway_s_options_that_can_work_are_taken(options):
    assert complaint_about("sms", options) == ""


@pytest.mark.parametrize(
    ("options", "about"),
    [
        ({"metod": "POST"}, "metod"),
        ({"method": "DELETE"}, "method"),
        ({"format": "xml"}, "format"),
        ({"headers": {"a": 1}}, "headers"),
        ({"headers": "a"}, "headers"),
        ({"body": "{phone} {text}"}, "body"),
        ({"body": {"to": "{phone}"}}, "{text}"),
        ({"body": {"what": "{text}"}}, "{phone}"),
    ],
)
def test_a_gateway_s_options_that_cannot_work_are_named(options, about):
    assert about in complaint_about("sms", options)
    assert complaint_about("wecom", options) == ""


def test_of_a_robot_s_address_only_the_host_and_the_end_of_a_long_key_is_shown(web):
    shown = masked_address("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4-97a0-0ec2")
    assert shown == "127.0.0.1 · ****0ec2"
    assert masked_address("feishu", "short-key") == "127.0.0.1 · ****"


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "wecom"),
        ("https://oapi.dingtalk.com/robot/send?access_token=k", "dingtalk"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/k", "feishu"),
        ("https://gateway.example/send?key=k", None),
        ("a-key-alone", None),
        ("http://[", None),
    ],
)
def test_whose_robot_an_address_belongs_to_is_told_by_its_host(address, whose):
    assert robot_of(address) == whose


def test_nobody_without_a_phone_number_is_texted(web):
    (answer,) = send(outlet("sms", web), [Message("", "t", "t")], now=NOON)
    assert answer
    assert not web.asked


# E-mail


def mails(*addresses: str) -> list[Message]:
    return [
        Message(address, "高危预警\n第二行", "请立即处置", "https://desk.example/alerts/1/") for address in addresses
    ]


def test_mails_go_over_one_connection_with_link_and_a_subject_of_one_line(mail: MailServer):
    assert send(Outlet("email", "desk@example.com"), mails("a@example.com", "b@example.com"), now=NOON) == ["", ""]
    assert mail.box.connections == 1
    first, second = mail.box.mails
    assert (first["To"], second["To"]) == ("a@example.com", "b@example.com")
    assert first["From"] == "desk@example.com"
    assert first["Subject"] == "高危预警 第二行"
    assert first.get_content().split() == ["请立即处置", "https://desk.example/alerts/1/"]


def test_a_mailbox_that_does_not_exist_fails_alone(mail: MailServer):
    mail.box.refuses.add("b@example.com")
    answers = send(Outlet("email", ""), mails("a@example.com", "b@example.com", "c@example.com"), now=NOON)
    assert [bool(answer) for answer in answers] == [False, True, False]


def test_when_a_mail_server_breaks_off_what_it_took_counts_and_the_rest_failed(mail: MailServer):
    mail.box.breaks_after = 1
    answers = send(Outlet("email", ""), mails("a@example.com", "b@example.com", "c@example.com"), now=NOON)
    assert [bool(answer) for answer in answers] == [False, True, True]


def test_a_mail_server_that_hangs_or_is_away_is_an_answer(mail: MailServer, settings):
    mail.box.hangs = True
    (answer,) = send(Outlet("email", ""), mails("a@example.com"), now=NOON)
    assert answer
    settings.EMAIL_PORT = closed_port()
    (answer,) = send(Outlet("email", ""), mails("a@example.com"), now=NOON)
    assert "ConnectionRefusedError" in answer


def test_an_address_with_a_line_break_is_an_answer(mail: MailServer):
    answers = send(Outlet("email", ""), mails("a@example.com\nBcc: x@example.com", "b@example.com"), now=NOON)
    assert [bool(answer) for answer in answers] == [True, False]
