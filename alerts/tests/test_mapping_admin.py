"""An administrator says what a source's messages mean, tries it on a sample, and switches it on."""

import json

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tests.factories import AdministratorFactory
from alerts.models import Alert, InboundMessage, SourceMapping
from alerts.tests.factories import SourceFactory, ensure_policy, make_scene

pytestmark = pytest.mark.django_db

SAMPLE = json.dumps({"dj": "特急", "xm": "王某某", "sj": "19900000017"}, ensure_ascii=False)
RULES = [("level", "path", "dj"), ("name", "path", "xm"), ("phone", "path", "sj")]


@pytest.fixture
def administrator(client):
    ensure_policy()
    person = AdministratorFactory()
    client.force_login(person)
    return person


def filled(rules=RULES, words=(("level", "特急", "high"),), **fields) -> dict[str, str]:
    """Return the page's form as a browser sends it."""
    form = {
        "senders": "",
        "area": "",
        "date_format": "",
        "zone": "Asia/Shanghai",
        "sample": SAMPLE,
        "rules-TOTAL_FORMS": str(len(rules)),
        "rules-INITIAL_FORMS": "0",
        "words-TOTAL_FORMS": str(len(words)),
        "words-INITIAL_FORMS": "0",
    } | fields
    for number, (field, how, where) in enumerate(rules):
        form |= {f"rules-{number}-field": field, f"rules-{number}-how": how, f"rules-{number}-where": where}
    for number, (field, said, means) in enumerate(words):
        form |= {f"words-{number}-field": field, f"words-{number}-said": said, f"words-{number}-means": means}
    return form


def add(client, **options) -> SourceMapping | None:
    source = SourceFactory(code="bank", name="银行")
    form = filled(**options) | {"source": source.pk, "way": "webhook"}
    client.post(reverse("admin:alerts_sourcemapping_add"), form)
    return SourceMapping.objects.first()


def switch(client, mapping: SourceMapping) -> SourceMapping:
    client.post(reverse("admin:alerts_mapping_switch", args=[mapping.pk]))
    mapping.refresh_from_db()
    return mapping


def test_a_mapping_is_made_tried_and_switched_on(client, administrator):
    mapping = add(client)
    assert mapping is not None
    assert not mapping.is_on
    page = client.get(reverse("admin:alerts_mapping_try", args=[mapping.pk])).content.decode()
    assert "王某某" in page
    assert switch(client, mapping).is_on
    assert not switch(client, mapping).is_on
    assert not Alert.objects.exists()
    assert not InboundMessage.objects.exists()
    assert AuditEntry.objects.filter(verb="alerts.mapping_switched_on", actor=administrator).count() == 1


def test_one_that_does_not_read_its_sample_stays_off_and_says_why(client, administrator):
    mapping = add(client, words=())
    assert not switch(client, mapping).is_on
    page = client.get(reverse("admin:alerts_mapping_try", args=[mapping.pk])).content.decode()
    assert "特急" in page


def test_one_that_a_change_has_spoilt_is_switched_off(client, administrator):
    mapping = switch(client, add(client))
    form = filled(rules=(), words=(), sample='{"dj": "不明"}')
    rules, words = list(mapping.rules.all()), list(mapping.words.all())
    form |= {"rules-TOTAL_FORMS": "3", "rules-INITIAL_FORMS": "3", "words-TOTAL_FORMS": "1", "words-INITIAL_FORMS": "1"}
    for number, rule in enumerate(rules):
        fields = {"id": rule.pk, "mapping": mapping.pk, "field": rule.field, "how": rule.how, "where": rule.where}
        form |= {f"rules-{number}-{name}": value for name, value in fields.items()}
    for number, word in enumerate(words):
        fields = {"id": word.pk, "mapping": mapping.pk, "field": word.field, "said": word.said, "means": word.means}
        form |= {f"words-{number}-{name}": value for name, value in fields.items()}
    answer = client.post(reverse("admin:alerts_sourcemapping_change", args=[mapping.pk]), form)
    assert answer.status_code == 302
    mapping.refresh_from_db()
    assert not mapping.is_on


@pytest.mark.parametrize(
    "options",
    [
        {"rules": [("level", "path", "a[")]},
        {"rules": [("level", "pattern", "((a+)+)")]},
        {"rules": [("level", "pattern", "no brackets")]},
        {"words": [("level", "特急", "urgent")]},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"date_format": "%Q"},
    ],
)
def test_what_could_never_work_is_refused_in_the_form(client, administrator, options):
    assert add(client, **options) is None


def test_nobody_else_opens_the_mappings(client):
    mapping = SourceMapping.objects.create(source=SourceFactory(), way="webhook")
    client.force_login(make_scene(3).manager)
    for name in ("sourcemapping_change", "mapping_try"):
        assert client.get(reverse(f"admin:alerts_{name}", args=[mapping.pk])).status_code == 302
    assert client.post(reverse("admin:alerts_mapping_switch", args=[mapping.pk])).status_code == 302
    mapping.refresh_from_db()
    assert not mapping.is_on
