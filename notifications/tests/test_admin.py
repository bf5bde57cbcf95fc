import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tests.factories import AdministratorFactory, UserFactory
from notifications.models import Channel
from notifications.tests.factories import NOON, ChannelFactory, letter_to, told
from notifications.tests.outside import REFUSED

pytestmark = pytest.mark.django_db

LIST = "admin:notifications_channel_changelist"


@pytest.fixture
def administrator(client):
    user = AdministratorFactory(email="admin@example.com")
    client.force_login(user)
    return user


def typed(**fields) -> dict[str, str]:
    return {"kind": "wecom", "name": "西苑值班群", "address": "k-1", "options": "{}", "is_active": "on", **fields}


def run_test(client, *channels: Channel):
    data = {"action": "send_test_message", "_selected_action": [channel.pk for channel in channels]}
    return client.post(reverse(LIST), data, follow=True)


def test_an_address_and_a_secret_go_in_and_never_come_out(client, administrator):
    client.post(reverse("admin:notifications_channel_add"), typed(address="the-key", secret="the-secret"))
    channel = Channel.objects.get()
    assert (channel.address, channel.secret) == ("the-key", "the-secret")
    change = reverse("admin:notifications_channel_change", args=[channel.pk])
    for page in (change, reverse(LIST), reverse("admin:notifications_channel_history", args=[channel.pk])):
        content = client.get(page).content.decode()
        assert "the-key" not in content
        assert "the-secret" not in content
    client.post(change, typed(name="新名", address="", secret=""))
    channel.refresh_from_db()
    assert (channel.name, channel.address, channel.secret) == ("新名", "the-key", "the-secret")
    trail = " ".join(map(str, AuditEntry.objects.values_list("verb", "detail")))
    assert "notifications.channel_added" in trail
    assert "the-key" not in trail


@pytest.mark.parametrize(
    "fields",
    [
        {"address": ""},
        {"address": "https://qyapi.weixin.qq.com/"},
        {"kind": "sms", "address": "gateway"},
        {"kind": "sms", "address": ""},
        {"kind": "email", "address": "nobody"},
        {"options": "[1]"},
        {"options": "{"},
    ],
)
def test_a_channel_that_cannot_work_is_refused_beside_its_field(client, administrator, fields):
    answer = client.post(reverse("admin:notifications_channel_add"), typed(**fields))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() & {"address", "options"}
    assert not Channel.objects.exists()


def test_a_test_message_says_whether_it_was_taken(client, administrator, web, mail):
    robot = ChannelFactory(kind="wecom", address="k", failing_since=NOON)
    gateway = ChannelFactory(address=f"{web.url}/sms")
    post = ChannelFactory(kind="email")
    web.behaviour["sms"] = REFUSED
    content = run_test(client, robot, gateway, post).content.decode()
    assert content.count("took the test message") == 2
    assert "api freq out of limit" in content
    assert web.at("sms")[0].json["phone"] == administrator.phone
    assert [sent["To"] for sent in mail.box.mails] == ["admin@example.com"]
    robot.refresh_from_db()
    gateway.refresh_from_db()
    assert robot.failing_since is None
    assert gateway.failing_since is not None


def test_deliveries_are_there_to_look_at_only(client, administrator):
    ChannelFactory()
    (row,) = told(letter_to(UserFactory()))
    assert row.key in client.get(reverse("admin:notifications_delivery_changelist")).content.decode()
    assert client.get(reverse("admin:notifications_delivery_change", args=[row.pk])).status_code == 200
    assert client.get(reverse("admin:notifications_delivery_add")).status_code == 403
    assert (
        client.post(reverse("admin:notifications_delivery_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    )
