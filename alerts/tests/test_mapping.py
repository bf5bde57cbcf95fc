"""A mapping reads what a source sends, in whatever form, and never raises on any of it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.policy import Field, How
from alerts.reading import (
    Fault,
    MappingError,
    Rule,
    Rules,
    bare_word,
    check_rule,
    document_of,
    document_of_mail,
    masked,
    read,
    sender_of,
    text_of_bytes,
)
from alerts.reading.mapping import moment_said, steps_of

NOW = datetime(2026, 4, 2, 5, 0, tzinfo=UTC)
PLATFORM = Rules(
    rules=(
        Rule("external_id", How.PATH, "data.taskNo"),
        Rule("level", How.PATH, "data.risk"),
        Rule("fraud_type", How.PATH, "data.kind"),
        Rule("name", How.PATH, "data.victim.name"),
        Rule("phone", How.PATH, "data.victim.phones[0]"),
        Rule("address", How.PATH, 'data.victim["home.address"]'),
        Rule("description", How.PATH, "data.remark"),
        Rule("amount_at_risk", How.PATH, "data.amount"),
        Rule("warned_at", How.PATH, "data.time"),
    ),
    values={("level", "3"): "high", ("level", "2"): "medium", ("fraud_type", "gjf"): "impersonating_authority"},
    area_code="370105012003",
)
SENT = {
    "data": {
        "taskNo": "YJ-1",
        "risk": 3,
        "kind": "GJF",
        "victim": {"name": "王秀英", "phones": ["199 0000 0017"], "home.address": "3号楼2单元401"},
        "remark": "正在转账",
        "amount": "5万元",
        "time": "2026-04-02 12:00",
    }
}
LETTER = Rules(
    rules=(
        Rule("external_id", How.PATTERN, r"编号[:：]\s*(\S+)"),
        Rule("level", How.LABEL, "风险等级"),
        Rule("name", How.LABEL, "姓名"),
        Rule("phone", How.LABEL, "联系电话"),
        Rule("description", How.TEXT),
        Rule("warned_at", How.LABEL, "预警时间"),
    ),
)


def reading(body, rules=PLATFORM, content_type="application/json"):
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return read(document_of(raw, content_type=content_type), rules, number="n", now=NOW)


def test_every_field_is_found_where_the_mapping_says():
    alert = reading(SENT).alert
    assert (alert.external_id, alert.level, alert.fraud_type) == ("YJ-1", "high", "impersonating_authority")
    assert (alert.subject.name, alert.subject.phone) == ("王秀英", "19900000017")
    assert alert.subject.address == "3号楼2单元401"
    assert alert.amount_at_risk == Decimal(50000)
    assert alert.warned_at.astimezone(UTC) == datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
    assert alert.area_code == "370105012003"


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("says", [True, False])
def test_a_form_is_read_in_the_character_set_of_its_sender(charset, says):
    rules = Rules((Rule("level", How.PATH, "dj"), Rule("name", How.PATH, "xm"), Rule("phone", How.PATH, "sjh")))
    body = urlencode({"dj": "高", "xm": "王秀英", "sjh": "19900000017"}, encoding=charset).encode()
    kind = "application/x-www-form-urlencoded" + (f"; charset={charset}" if says else "")
    alert = reading(body, rules, kind).alert
    assert (alert.level, alert.subject.name) == ("high", "王秀英")


def test_json_inside_a_form_is_opened_and_a_form_of_parts_is_read():
    rules = Rules((Rule("level", How.PATH, "data.level"), Rule("phone", How.PATH, "data.phone")))
    form = urlencode({"data": '{"level": "中", "phone": 19900000017}'}).encode()
    assert reading(form, rules, "application/x-www-form-urlencoded").alert.subject.phone == "19900000017"
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n{"level": "\xe4\xb8\xad", "phone": "19900000017"}'
        b"\r\n--b--\r\n"
    )
    assert reading(parts, rules, "multipart/form-data; boundary=b").alert.level == "medium"


def test_a_mail_is_read_by_its_labels_in_gb18030_and_as_html():
    text = "编号：PG-9\n风险等级：中风险\n姓名：李建国；联系电话：199-0000-0018\n预警时间：2026年4月2日12时30分\n"
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Message-ID"] = "预警信息", "平台 <Warn@Police.example>", "<a@b>"
    mail.set_content(text, charset="gb18030", cte="base64")
    document = document_of_mail(mail.as_bytes())
    alert = read(document, LETTER, number=document.number, now=NOW).alert
    assert (alert.external_id, alert.level, alert.subject.name) == ("PG-9", "medium", "李建国")
    assert alert.subject.phone == "19900000018"
    assert alert.warned_at.astimezone(UTC) == datetime(2026, 4, 2, 4, 30, tzinfo=UTC)
    assert sender_of(mail.as_bytes()) == "warn@police.example"
    page = EmailMessage()
    page["Subject"] = "预警"
    page.set_content("<style>x</style><p>风险等级：高</p><p>姓名：王秀英</p>", subtype="html")
    assert read(document_of_mail(page.as_bytes()), LETTER, number="n", now=NOW).alert.subject.name == "王秀英"


def test_what_is_not_understood_of_an_alert_goes_into_its_description_and_is_said():
    sent = json.loads(json.dumps(SENT))
    sent["data"] |= {"amount": "很多", "time": "昨天", "victim": {"phones": ["见附件"]}}
    found = reading(sent)
    assert found.alert.amount_at_risk is None
    assert found.alert.subject.phone == ""
    assert {fault.field for fault in found.faults} == {"amount_at_risk", "warned_at", "phone"}
    for words in ("很多", "昨天", "见附件", "正在转账"):
        assert words in found.alert.description


def test_a_level_that_no_table_knows_is_no_alert_and_names_the_word():
    sent = json.loads(json.dumps(SENT))
    sent["data"]["risk"] = "严重"
    found = reading(sent)
    assert found.alert is None
    assert [(fault.field, fault.code) for fault in found.faults] == [("level", "word")]
    assert "严重" in found.faults[0].words


def test_a_message_about_nobody_is_no_alert():
    assert [fault.code for fault in reading({"data": {"risk": 3}}).faults] == ["empty"]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "empty"), (b"  ", "empty"), (b"{", "json"), (b"[" * 100_000, "json"), (b"\xff\xff\xff", "charset")],
)
def test_what_cannot_be_read_says_why(body, code):
    assert [fault.code for fault in reading(body).faults] == [code]


def test_what_was_cut_is_not_read_as_if_it_were_whole():
    document = document_of(b'{"a": 1}', content_type="application/json", is_cut=True)
    assert [fault.code for fault in document.faults] == ["too_large"]


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a.b[0].c", ["a", "b", 0, "c"]),
        ("$.a", ["a"]),
        ('a["b.c"]', ["a", "b.c"]),
        ("[2]", [2]),
        ("数据.姓名", ["数据", "姓名"]),
        ("a[", None),
        ('a["b', None),
    ],
)
def test_a_path_is_read_step_by_step(path, steps):
    assert steps_of(path) == steps


@pytest.mark.parametrize(
    ("said", "form", "zone"),
    [
        ("2026-04-02 12:00", "", "Asia/Shanghai"),
        ("2026年4月2日12时00分", "", "Asia/Shanghai"),
        ("1775102400", "", "Asia/Shanghai"),
        ("1775102400000", "", "Asia/Shanghai"),
        ("2026-04-02T04:00:00Z", "", "Asia/Shanghai"),
        ("02/04/2026 04:00", "%d/%m/%Y %H:%M", "UTC"),
    ],
)
def test_times_are_read_as_sources_write_them(said, form, zone):
    assert moment_said(said, date_format=form, zone=zone) == datetime(2026, 4, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("name", How.PATH, ""),
        Rule("name", How.PATH, "a["),
        Rule("name", How.PATTERN, "(["),
        Rule("name", How.PATTERN, "姓名"),
        Rule("name", How.PATTERN, "((a+)+)b"),
        Rule("level", How.FIXED, "", ""),
    ],
)
def test_a_rule_that_could_never_work_is_refused_in_words(rule):
    with pytest.raises(MappingError):
        check_rule(rule)


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────────────

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["data", "risk", "victim", "name", "phones", "time", "amount", "taskNo"])
shaped = st.recursive(
    st.none() | st.text(max_size=12) | st.integers() | st.floats() | st.sampled_from(["高", "3", "19900000017"]),
    lambda inner: st.dictionaries(names, inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=15,
)
rules = st.builds(
    Rules,
    st.lists(
        st.builds(
            Rule,
            st.sampled_from(Field.values),
            st.sampled_from(How.values),
            st.text(max_size=12) | st.sampled_from(["data.risk", "data.victim.phones[0]", r"(\d+)", "姓名"]),
            st.text(max_size=6),
        ),
        max_size=10,
    ),
    st.dictionaries(st.tuples(st.just("level"), st.text(max_size=3)), st.text(max_size=6), max_size=2),
    st.text(max_size=6) | st.just("%Y-%m-%d"),
    st.text(max_size=6) | st.just("Asia/Shanghai"),
    st.text(max_size=6),
)


def holds(found):
    """Either an alert that the intake takes, or at least one reason, each with words."""
    assert found.alert is not None or found.faults
    for fault in found.faults:
        assert fault.words
        assert Fault.kept(json.loads(json.dumps(fault.as_dict()))).words == fault.words
    if found.alert is not None:
        assert found.alert.level in {"high", "medium", "low"}
        assert found.alert.external_id
        for text in (found.alert.description, found.alert.subject.name):
            assert "\0" not in text
            text.encode()


@given(values | shaped, rules | st.just(PLATFORM))
def test_no_json_makes_a_mapping_raise(value, mapping):
    holds(reading(json.dumps(value).encode(), mapping))


@given(st.binary(max_size=400), st.text(max_size=40), rules)
def test_no_bytes_make_a_mapping_raise(body, content_type, mapping):
    holds(reading(body, mapping, content_type))
    text_of_bytes(body, content_type)


@given(st.text(max_size=300), rules | st.just(LETTER))
def test_no_text_makes_a_mapping_raise(text, mapping):
    holds(reading(text.encode("utf-8", "replace"), mapping, "text/plain"))
    holds(read(document_of_mail(b"Subject: a\n\n" + text.encode("utf-8", "replace")), mapping, number="n", now=NOW))


HEADERS = st.sampled_from(
    [
        b"Subject: =?utf-8?B?",
        b"From: <",
        b"Content-Type: multipart/mixed; boundary=",
        b"Content-Type: text/plain;",
        b"\n",
    ]
)


@given(st.lists(HEADERS | st.binary(max_size=40), max_size=12).map(b"\n".join))
def test_no_mail_however_crooked_raises(raw):
    holds(read(document_of_mail(raw), LETTER, number="n", now=NOW))
    sender_of(raw)


@given(st.text(max_size=60), st.text(max_size=10), st.text(max_size=20))
def test_no_time_however_written_raises(said, form, zone):
    moment_said(said, date_format=form, zone=zone)


@given(st.text(min_size=2, max_size=6, alphabet="王李张赵秀英建国"), st.integers(19900000000, 19900009999))
def test_a_masked_text_shows_neither_name_nor_number(name, phone):
    for text in (json.dumps({"name": name, "phone": phone}), f"姓名：{name}\n电话：{phone}", f"{name} {phone}"):
        assert name not in masked(text)
        assert str(phone) not in masked(text)


def test_a_masked_text_keeps_the_keys_and_labels_that_a_mapping_is_made_by():
    assert '"taskNo"' in masked(json.dumps(SENT))
    assert "风险等级：" in masked("风险等级：高风险\n姓名：王秀英")
    assert "王**" in masked("风险等级：高风险\n姓名：王秀英")


@given(st.text(max_size=200))
def test_masking_never_raises(text):
    masked(text)
    bare_word(text)
