"""Mail becomes alerts: fetched from a real IMAP server on loopback, kept first, marked as read after."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from io import StringIO
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from accounts.clock import database_now
from alerts import services, tasks
from alerts.channels import MailboxAddress, MailboxError
from alerts.models import Alert, InboundMessage, Mailbox, MappingRule, Source, SourceMapping
from alerts.policy import Became, Way
from alerts.services import fetch_mail, tell_of_messages
from alerts.tests.factories import NOON, SourceFactory, after, ensure_policy, make_scene
from notifications.models import Notice
from residents.tests.factories import make_community

pytestmark = pytest.mark.django_db

USER, PASSWORD = "warn@office.example", 'se"cret'
RULES = (("level", "风险等级"), ("name", "姓名"), ("phone", "电话"))
BODY = "风险等级：高\n姓名：王秀英\n电话：19900000017\n正在向陌生账户转账\n"


@dataclass
class Post:
    """A mailbox: its letters by number, which were seen, and what was asked of it."""

    letters: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    validity: int = 7
    refuses: str = ""
    breaks_at: str = ""
    port: int = 0

    def put(self, letter: bytes) -> int:
        number = len(self.letters) + 1
        self.letters[number] = letter
        return number

    @property
    def url(self) -> str:
        return f"imap://warn%40office.example:se%22cret@127.0.0.1:{self.port}/INBOX"

    @property
    def address(self) -> MailboxAddress:
        return MailboxAddress.of(self.url)


class Imap(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as a client that reads mail asks for."""

    def handle(self):
        self.post: Post = self.server.post
        self.say(b"* OK IMAP4rev1 ready")
        for line in self.rfile:
            tag, _blank, command = line.decode().rstrip("\r\n").partition(" ")
            self.post.asked.append(command)
            words = command.upper()
            if self.post.breaks_at and self.post.breaks_at in words:
                self.connection.close()
                return
            if words.startswith("LOGOUT"):
                self.say(b"* BYE")
                self.say(f"{tag} OK".encode())
                return
            if self.post.refuses and words.startswith(self.post.refuses):
                self.say(f"{tag} NO refused".encode())
                continue
            self.answer(tag, command, words)

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def answer(self, tag: str, command: str, words: str) -> None:
        if words.startswith("CAPABILITY"):
            self.say(b"* CAPABILITY IMAP4rev1")
        elif words.startswith("LOGIN"):
            if r'"se\"cret"' not in command:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong password".encode())
                return
        elif words.startswith("SELECT"):
            self.say(b"* %d EXISTS" % len(self.post.letters))
            self.say(b"* OK [UIDVALIDITY %d] valid" % self.post.validity)
        elif words.startswith("UID SEARCH"):
            unseen = sorted(set(self.post.letters) - self.post.seen)
            self.say(b"* SEARCH " + " ".join(map(str, unseen)).encode())
        elif words.startswith("UID FETCH"):
            self.fetch(command)
        elif words.startswith("UID STORE"):
            self.post.seen.add(int(command.split()[2]))
        self.say(f"{tag} OK done".encode())

    def fetch(self, command: str) -> None:
        number = int(command.split()[2])
        assert "BODY.PEEK" in command, "a plain BODY would mark it as seen"
        limit = int(re.search(r"<0\.(\d+)>", command)[1])
        letter = self.post.letters[number]
        part = letter[:limit]
        self.wfile.write(
            b"* %d FETCH (UID %d RFC822.SIZE %d BODY[]<0> {%d}\r\n" % (number, number, len(letter), len(part))
        )
        self.wfile.write(part + b")\r\n")


@contextmanager
def mail_server() -> Iterator[Post]:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap) as server:
        server.daemon_threads = True
        server.post = Post(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.post
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as box:
        yield box


@pytest.fixture
def source() -> Source:
    ensure_policy()
    source = SourceFactory(code="bank", name="银行", area=make_community(3).community)
    mapping = SourceMapping.objects.create(source=source, way=Way.EMAIL, senders="@bank.example", sample=BODY)
    for name, label in RULES:
        MappingRule.objects.create(mapping=mapping, field=name, how="label", where=label)
    MappingRule.objects.create(mapping=mapping, field="description", how="text")
    services.switch_mapping(mapping, on=True, by=None, now=NOON)
    return source


def letter(
    text: str = BODY, *, sender: str = "预警 <warn@bank.example>", charset: str = "gb18030", number: str = "1"
) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = sender, "预警信息", f"<{number}@bank.example>"
    mail.set_content(text, charset=charset, cte="base64")
    return mail.as_bytes()


def test_a_mail_becomes_an_alert_and_is_marked_as_read(post, source):
    post.put(letter())
    fetched = fetch_mail(post.address, now=NOON)
    assert (fetched.kept, fetched.taken_in) == (1, 1)
    alert = Alert.objects.get()
    assert (alert.level, alert.subject_name, alert.subject_phone) == ("high", "王秀英", "19900000017")
    assert alert.area_code == source.area.code
    assert post.seen == {1}
    assert fetch_mail(post.address, now=NOON).kept == 0


def test_a_mail_is_stored_before_it_is_marked_as_read(post, source):
    post.put(letter())
    post.breaks_at = "UID STORE"
    with pytest.raises(MailboxError):
        fetch_mail(post.address, now=NOON)
    assert post.seen == set()
    assert InboundMessage.objects.get().became == Became.WAITING
    # Fetched once more it is the same mail; meanwhile the one that was left is read.
    post.breaks_at = ""
    fetch_mail(post.address, now=after(minutes=1))
    assert post.seen == {1}
    assert InboundMessage.objects.get().became == Became.CREATED
    assert Alert.objects.count() == 1


def test_a_mail_that_cannot_be_stored_stays_unread(post, source):
    post.put(letter())
    no_key = mock.patch("alerts.services.inbound.InboundMessage.sealed", side_effect=RuntimeError("no key"))
    with no_key, pytest.raises(RuntimeError):
        fetch_mail(post.address, now=NOON)
    assert post.seen == set()


def test_mail_that_nobody_can_read_and_mail_of_strangers_is_kept(post, source):
    post.put(b"\xff\x00\x01 no mail at all")
    post.put(letter(sender="somebody@elsewhere.example"))
    post.put(letter("风险等级：不明\n姓名：王秀英"))
    assert fetch_mail(post.address, now=NOON).taken_in == 0
    kept = {message.pk: message.kept_faults[0]["kind"] for message in InboundMessage.objects.order_by("pk")}
    assert list(kept.values()) == ["no_source", "no_source", "word"]
    assert post.seen == {1, 2, 3}


def test_a_mail_in_plain_bytes_of_a_chinese_set_is_read(post, source):
    post.put("From: 预警 <warn@bank.example>\r\nSubject: 风险等级：高\r\n\r\n姓名：王秀英\r\n".encode("gb18030"))
    fetch_mail(post.address, now=NOON)
    assert Alert.objects.get().subject_name == "王秀英"


def test_mail_of_strangers_is_read_once_their_address_is_named(post, source):
    post.put(letter(sender="warn@police.example"))
    fetch_mail(post.address, now=NOON)
    SourceMapping.objects.update(senders="warn@police.example, @bank.example")
    message = InboundMessage.objects.get()
    assert services.take_in(message, now=NOON).source == source


def test_a_large_attachment_is_cut_and_the_text_before_it_is_read(post, source):
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "warn@bank.example", "预警"
    mail.set_content(BODY)
    mail.add_attachment(b"x" * 2 * services.LARGEST_KEPT, maintype="application", subtype="octet-stream")
    post.put(mail.as_bytes())
    fetch_mail(post.address, now=NOON)
    kept = InboundMessage.objects.get()
    assert (kept.became, kept.is_cut) == (Became.CREATED, True)
    assert len(kept.raw) == services.LARGEST_KEPT < kept.size


def test_the_same_message_sent_twice_is_the_same_alert(post, source):
    post.put(letter())
    post.put(letter())
    fetch_mail(post.address, now=NOON)
    assert sorted(InboundMessage.objects.values_list("became", flat=True)) == ["created", "same"]


def test_a_mailbox_that_cannot_be_read_is_written_down_and_told_without_its_password(post, source):
    scene = make_scene(3)
    post.refuses = "SELECT"
    with pytest.raises(MailboxError):
        fetch_mail(post.address, now=NOON)
    box = Mailbox.objects.get()
    assert box.failing_since == NOON
    assert "se" + '"cret' not in box.error + box.name
    tell_of_messages(now=NOON)
    assert Notice.objects.filter(kind="inbound.mailbox", recipient=scene.officer).count() == 1
    assert tell_of_messages(now=after(minutes=30)) == 0
    post.refuses = ""
    fetch_mail(post.address, now=after(minutes=40))
    box.refresh_from_db()
    assert (box.failing_since, box.error) == (None, "")


def test_a_server_that_is_away_or_refuses_the_password_raises_one_error(post):
    wrong = MailboxAddress.of(post.url.replace("se%22cret", "other"))
    with pytest.raises(MailboxError, match="wrong password"):
        fetch_mail(wrong, now=NOON)
    with pytest.raises(MailboxError):
        fetch_mail(MailboxAddress.of("imap://a:b@127.0.0.1:1/INBOX"), now=NOON)


def test_the_command_and_the_tick_fetch_where_a_mailbox_is_named(post, source, settings):
    settings.INTAKE_MAIL_URL = ""
    tasks.fetch_mail()
    with pytest.raises(CommandError, match="INTAKE_MAIL_URL"):
        call_command("fetch_mail")
    settings.INTAKE_MAIL_URL = post.url
    post.put(letter())
    out = StringIO()
    call_command("fetch_mail", stdout=out)
    assert out.getvalue().strip() == "1 kept, 1 of them taken in as alerts"
    post.put(letter(number="2"))
    tasks.fetch_mail()
    assert InboundMessage.objects.count() == 2
    post.refuses = "LOGIN"
    tasks.fetch_mail()
    assert Mailbox.objects.get().failing_since is not None
    assert Mailbox.objects.get().looked_at <= database_now()
