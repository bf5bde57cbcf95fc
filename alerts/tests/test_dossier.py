"""What alerts add to a dossier, and an alert raised by who stands at the door."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now, today
from accounts.models import User
from accounts.roles import Role
from alerts.models import VISITOR, Alert, Source
from alerts.screens.dossier import Alerts
from alerts.services import Incoming
from alerts.tests.factories import ensure_policy, make_alert
from residents.models import Resident
from residents.policy import WarningSign
from residents.tests.factories import PairingFactory, ResidentFactory, VisitFactory, make_community, make_staff

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def resident() -> Resident:
    return ResidentFactory(name="赵秀英", phone="19900001234")


def about(resident: Resident, **fields: object) -> Alert:
    alert = make_alert(name=resident.name, phone=resident.phone, area_code=resident.grid.code, **fields)
    assert alert.resident == resident
    return alert


def form(**fields: object) -> dict[str, object]:
    return {"key": uuid4(), "level": "high", "description": "正在转账"} | fields


def test_alerts_stand_in_the_dossier_for_who_sees_alerts_there_alone(resident) -> None:
    alert = about(resident)
    specialist = make_staff(Role.WARNING_SPECIALIST, resident.grid)
    (line,) = Alerts().lines(resident, user=specialist, on=today())
    assert line.url == reverse("alerts:detail", args=[alert.pk])
    assert resident.name not in line.words
    carer = PairingFactory(resident=resident).carer
    assert list(Alerts().lines(resident, user=carer, on=today())) == []
    assert line.url not in as_(carer).get(reverse("residents:detail", args=[resident.pk])).content.decode()
    assert line.url in as_(specialist).get(reverse("residents:detail", args=[resident.pk])).content.decode()


def test_a_drill_is_marked_as_one(resident) -> None:
    about(resident, is_drill=True)
    officer = make_staff(Role.DUTY_OFFICER, make_community().community)
    with translation.override("en"):
        (line,) = Alerts().lines(resident, user=officer, on=today())
    assert (line.kind, line.tone) == ("Drill", "quiet")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.DUTY_OFFICER, True),
        (Role.GRID_LEADER, True),
        (Role.WARNING_SPECIALIST, True),
        (Role.MANAGER, True),
        (Role.CARER, False),  # not paired with this resident
        (Role.POLICE_LIAISON, False),
        (Role.SUPERVISOR, False),
    ],
)
def test_who_watches_the_desk_or_visits_there_may_raise_an_alert(resident, role, may) -> None:
    ensure_policy()
    user = make_staff(role, make_community().community)
    assert bool(list(Alerts().deeds(resident, user=user, on=today()))) is may
    status = as_(user).get(reverse("alerts:raise", args=[resident.pk])).status_code
    assert (status == 200) is may


def test_a_carer_raises_an_alert_about_their_own_and_types_no_name(resident) -> None:
    carer = PairingFactory(resident=resident).carer
    VisitFactory(resident=resident, by=carer, at=database_now(), signs=[WarningSign.TRANSFERS], note="准备给“客服”转账")
    client = as_(carer)
    shown = client.get(reverse("alerts:raise", args=[resident.pk])).content.decode()
    assert "准备给“客服”转账" in shown
    assert resident.name not in shown
    assert resident.phone not in shown
    response = client.post(reverse("alerts:raise", args=[resident.pk]), form())
    assert response["Location"] == reverse("residents:detail", args=[resident.pk])
    alert = Alert.objects.get()
    assert (alert.resident, alert.grid, alert.source.code) == (resident, resident.grid, VISITOR)
    assert alert.timeline.get(kind="received").actor == carer


def test_the_desk_raises_it_as_the_desk(resident) -> None:
    officer = make_staff(Role.DUTY_OFFICER, make_community().community)
    response = as_(officer).post(reverse("alerts:raise", args=[resident.pk]), form())
    assert response["Location"] == reverse("alerts:desk")
    assert Alert.objects.get().source.code == "desk"


def test_an_old_visit_is_not_put_into_an_alert(resident) -> None:
    carer = PairingFactory(resident=resident).carer
    VisitFactory(
        resident=resident, by=carer, at=database_now() - timedelta(days=2), signs=[WarningSign.TRANSFERS], note="旧事"
    )
    assert "旧事" not in as_(carer).get(reverse("alerts:raise", args=[resident.pk])).content.decode()


def test_of_two_with_one_name_and_no_phone_the_one_meant_is_found(resident) -> None:
    ensure_policy()
    first, second = (ResidentFactory(name="王建国", phone="", grid=resident.grid) for _one in range(2))
    carer = PairingFactory(resident=second).carer
    as_(carer).post(reverse("alerts:raise", args=[second.pk]), form())
    assert Alert.objects.get().resident == second != first


def test_pressed_twice_it_is_one_alert_and_changed_it_is_said(resident) -> None:
    client, data = as_(PairingFactory(resident=resident).carer), form()
    url = reverse("alerts:raise", args=[resident.pk])
    for _time in range(2):
        assert client.post(url, data).status_code == 302
    assert "raised already" in client.post(url, data | {"description": "还有"}).content.decode()
    assert Alert.objects.count() == 1


def test_an_entry_sent_again_with_other_words_is_said_at_the_desk_too() -> None:
    client, data = as_(make_staff(Role.DUTY_OFFICER, make_community().community)), form(who="王建国 19900001111")
    assert client.post(reverse("alerts:create"), data).status_code == 302
    response = client.post(reverse("alerts:create"), data | {"description": "还有"})
    assert (response.status_code, Alert.objects.count()) == (200, 1)
    assert "entered already" in response.content.decode()


def test_what_is_wrong_is_said_and_what_was_typed_stays(resident) -> None:
    client = as_(PairingFactory(resident=resident).carer)
    shown = client.post(reverse("alerts:raise", args=[resident.pk]), {"description": "正在转账"}).content.decode()
    assert "Choose high, medium or low." in shown
    assert "正在转账" in shown


def test_a_message_of_before_knows_itself_again() -> None:
    """Its mark is stored: what came later to a message must not change it."""
    message = Incoming(external_id="T1", level="high", name="王建国")
    assert message.body_hash == "9ee79f0e45f9acbded99ae6e6e39f66ad1b6933b1b4bf774364de7421b046125"
    assert message.body_hash != replace(message, resident_id=7).body_hash


def test_what_visitors_see_is_a_source_of_its_own() -> None:
    with translation.override("en"):
        assert str(Source.objects.get(code=VISITOR)) == "Seen on a visit"
