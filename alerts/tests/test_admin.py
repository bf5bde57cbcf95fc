"""The administration of the clock: tokens shown once, tables published whole, records that nobody edits."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.tests.factories import AdministratorFactory, UserFactory
from alerts import services
from alerts.models import IntakeToken, PolicyVersion, TimelineEntry
from alerts.tests.factories import NOON, SourceFactory, ensure_policy, make_alert, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    administrator = AdministratorFactory(username="boss")
    client.force_login(administrator)
    return administrator


@pytest.fixture
def draft(boss):
    return services.copy_to_draft(ensure_policy(), name="Next", by=boss, now=NOON)


def address(model, *, of=None, deed="change"):
    return reverse(f"admin:alerts_{model}_{deed}", args=[of.pk] if of is not None else [])


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_shown_once_and_opens_the_way_in(client, boss) -> None:
    source = SourceFactory()
    assert "Make a token" in client.get(address("source", of=source)).content.decode()
    assert client.get(address("token", of=source, deed="make")).status_code == 200
    response = client.post(address("token", of=source, deed="make"), {"label": "Platform, 2026"})
    token = re.search(r"sw_[\w-]{30,}", response.content.decode())
    assert token is not None
    assert "no-store" in response.headers["Cache-Control"]
    assert services.token_owner(token[0]) == source
    for later in (address("source", of=source), address("token", of=source, deed="make"), address("source", of=source)):
        assert token[0] not in client.get(later).content.decode()
    assert token[0] not in str(dict(client.session))
    row = IntakeToken.objects.get()
    assert (row.label, row.created_by) == ("Platform, 2026", boss)
    assert "alerts.token_made" in verbs()


def test_a_revoked_token_stays_in_the_list_and_opens_nothing(client, boss) -> None:
    source = SourceFactory()
    row, token = services.make_token(source, by=boss, now=NOON)
    page = client.get(address("source", of=source)).content.decode()
    assert address("token", of=row, deed="revoke") in page
    assert client.get(address("token", of=row, deed="revoke")).status_code == 405
    assert client.post(address("token", of=row, deed="revoke")).status_code == 302
    assert services.token_owner(token) is None
    assert IntakeToken.objects.get().revoked_at is not None
    page = client.get(address("source", of=source)).content.decode()
    assert address("token", of=row, deed="revoke") not in page
    assert verbs()[-1] == "alerts.token_revoked"


def test_a_source_is_added_and_changed_with_a_line_in_the_trail_but_keeps_its_code(client, boss) -> None:
    new = {
        "code": "bank",
        "name": "银行",
        "area": "",
        "tokens-TOTAL_FORMS": 0,
        "tokens-INITIAL_FORMS": 0,
    }
    assert client.post(address("source", deed="add"), new).status_code == 302
    source = SourceFactory(code="bank")
    assert client.post(address("source", of=source), new | {"code": "other", "name": "某银行"}).status_code == 302
    source.refresh_from_db()
    assert (source.code, source.name) == ("bank", "某银行")
    assert verbs()[-2:] == ["alerts.source_added", "alerts.source_changed"]


@pytest.mark.parametrize(("model", "deed"), [("token", "make"), ("policy", "copy"), ("policy", "publish")])
def test_staff_without_the_right_reach_no_deed(client, model, deed) -> None:
    client.force_login(UserFactory(is_staff=True))
    of = SourceFactory() if model == "token" else ensure_policy()
    assert client.post(address(model, of=of, deed=deed)).status_code == 403
    assert not IntakeToken.objects.exists()


def test_who_is_no_staff_sees_nothing(client) -> None:
    client.force_login(make_scene().officer)
    source = SourceFactory()
    assert client.post(address("token", of=source, deed="make")).status_code == 302
    assert not IntakeToken.objects.exists()


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────


def steps_as_form(version: PolicyVersion) -> dict[str, object]:
    """Return what a browser would send back of a draft's rows."""
    data: dict[str, object] = {"name": version.name}
    rows = list(version.steps.all())
    data |= {"steps-TOTAL_FORMS": len(rows), "steps-INITIAL_FORMS": len(rows)}
    for n, row in enumerate(rows):
        data |= {
            f"steps-{n}-id": row.pk,
            f"steps-{n}-version": version.pk,
            f"steps-{n}-objective": row.objective,
            f"steps-{n}-level": row.level,
            f"steps-{n}-at_seconds": row.at_seconds,
            f"steps-{n}-when": row.when,
            f"steps-{n}-do": row.do,
            f"steps-{n}-tell": row.tell,
        }
        if row.breach:
            data[f"steps-{n}-breach"] = "on"
    return data


def test_the_list_says_which_version_is_in_force(client, draft) -> None:
    page = client.get(address("policyversion", deed="changelist")).content.decode()
    assert "in force" in page
    assert "draft" in page


def test_a_version_is_copied_to_a_draft_with_the_same_steps(client, boss) -> None:
    version = ensure_policy()
    response = client.post(address("policy", of=version, deed="copy"))
    draft = PolicyVersion.objects.get(published_at=None)
    assert response.headers["Location"] == address("policyversion", of=draft)
    assert [row.as_step() for row in draft.steps.all()] == [row.as_step() for row in version.steps.all()]
    assert "alerts.policy_copied" in verbs()


def test_a_drafts_steps_are_edited_with_their_audience_ticked(client, draft) -> None:
    page = client.get(address("policyversion", of=draft)).content.decode()
    assert 'type="checkbox" name="steps-0-tell" value="desk"' in page
    data = steps_as_form(draft)
    data["steps-0-at_seconds"] = 120
    data["steps-0-tell"] = ["desk", "manager"]
    response = client.post(address("policyversion", of=draft), data)
    assert response.status_code == 302, response.content.decode()
    first = draft.steps.get(pk=data["steps-0-id"])
    assert (first.at_seconds, first.tell) == (120, ["desk", "manager"])
    assert verbs()[-1] == "alerts.policyversion_changed"


def test_a_draft_is_published_and_is_then_in_force(client, draft, boss) -> None:
    client.post(address("policy", of=draft, deed="publish"))
    draft.refresh_from_db()
    assert PolicyVersion.objects.in_force() == draft
    assert draft.published_by == boss
    assert verbs()[-1] == "alerts.policy_published"


def test_a_table_with_faults_is_not_published_and_each_fault_is_said(client, draft) -> None:
    draft.steps.filter(breach=True, objective="respond", level="high").delete()
    page = client.post(address("policy", of=draft, deed="publish"), follow=True).content.decode()
    assert "needs exactly one step that breaches" in page
    draft.refresh_from_db()
    assert not draft.is_published


def test_a_published_version_is_only_read(client, boss) -> None:
    version = ensure_policy()
    response = client.get(address("policyversion", of=version))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'name="name"' not in page
    assert "Duty desk" in page
    before = list(version.steps.values())
    assert client.post(address("policyversion", of=version), steps_as_form(version) | {"name": "X"}).status_code == 403
    assert list(version.steps.values()) == before
    assert client.get(address("policyversion", deed="add")).status_code == 403


def test_who_edits_a_draft_while_another_publishes_it_changes_nothing(client, draft, monkeypatch) -> None:
    data = steps_as_form(draft) | {"name": "Too late"}
    whole = PolicyVersion.is_published.fget
    seen: list[bool] = []

    def published_after_the_first_look(version):
        if not seen:
            seen.append(True)
            services.publish(draft, by=None, now=NOON)
            return False
        return whole(version)

    monkeypatch.setattr(PolicyVersion, "is_published", property(published_after_the_first_look))
    assert client.post(address("policyversion", of=draft), data).status_code == 403
    draft.refresh_from_db()
    assert draft.name == "Next"


# ── records ─────────────────────────────────────────────────────────────────────────────────────────────────────────

RECORDS = ["alert", "timelineentry", "timer", "intakemessage"]


@pytest.mark.parametrize("model", RECORDS)
def test_records_are_read_and_never_added_changed_or_deleted(client, boss, model) -> None:
    alert = make_alert()
    row = {"alert": alert, "timelineentry": alert.timeline.first(), "timer": alert.timers.first()}.get(
        model, alert.messages.first()
    )
    assert client.get(address(model, deed="changelist")).status_code == 200
    assert client.get(address(model, of=row)).status_code == 200
    assert client.get(address(model, deed="add")).status_code == 403
    assert client.post(address(model, of=row), {}).status_code == 403
    assert client.post(address(model, of=row, deed="delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["source", "policyversion"])
def test_sources_and_tables_are_not_deleted(client, boss, model) -> None:
    row = SourceFactory() if model == "source" else ensure_policy()
    assert client.post(address(model, of=row, deed="delete"), {"post": "yes"}).status_code == 403


def test_the_subject_of_an_alert_is_masked_everywhere(client, boss) -> None:
    alert = make_alert(name="王秀英", phone="19900000017", address="3号楼2单元401", description="给19900000017打过电话")
    make_alert(
        name="王秀英", phone="19900000017", description="又一次，住3号楼2单元401"
    )  # joins: its words in the timeline
    joined = alert.timeline.get(kind=TimelineEntry.Kind.JOINED)
    pages = [address(model, deed="changelist") for model in RECORDS]
    pages += [address("alert", of=alert), address("timelineentry", of=joined)]
    for one in pages:
        page = client.get(one).content.decode()
        assert not re.search("王秀英|19900000017|2单元401", page), one
    shown = client.get(address("alert", of=alert)).content.decode()
    assert "王**" in shown
    assert "199****0017" in shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_administration_is_there_in_both_languages(client, language) -> None:
    client.force_login(AdministratorFactory(language=language))
    response = client.get(address("source", deed="changelist"))
    assert response.headers["Content-Language"] == language
    assert response.status_code == 200
