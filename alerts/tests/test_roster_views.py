"""The pages of the duty roster and of handing over, as people press them; and who may open them."""

from datetime import date, datetime, timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.calendars import Stretch
from accounts.clock import LOCAL_TZ, database_now, local, midnight
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import services
from alerts.models import HandOver, Holiday, Rotation, Shift, Swap
from alerts.policy import ShiftKind
from alerts.screens.roster import week_of
from alerts.tests.factories import make_scene
from residents.tests.factories import make_community, make_staff
from sheets.models import Export

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def scene():
    return make_scene()


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shift_of(user, area, *, begins: float = 24, lasts: float = 12, kind: str = ShiftKind.ON_CALL) -> Shift:
    """A shift that begins so many hours from now."""
    now = database_now()
    hours = Stretch(now + begins * HOUR, now + (begins + lasts) * HOUR)
    return services.add_shift(area, kind=kind, user=user, hours=hours, by=None, now=now)


def at_desk(scene, user, **fields) -> Shift:
    return shift_of(user, scene.place.community, kind=ShiftKind.DESK, **fields)


def moment(at) -> str:
    return local(at).strftime("%Y-%m-%dT%H:%M")


def said(answer) -> str:
    return answer.content.decode()


# ── the week ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_week_shows_who_is_on_and_the_hours_that_nobody_has(scene):
    at_desk(scene, scene.officer, begins=-1)
    page = said(logged_in(scene.manager).get(reverse("alerts:roster")))
    assert "值班员" in page
    assert "duty-now" in page
    assert "Nobody" in page


def test_at_night_a_phone_shows_first_who_has_been_at_the_desk_since_yesterday(scene):
    small_hours = datetime(2026, 4, 3, 3, tzinfo=LOCAL_TZ)
    evening = small_hours - 7 * HOUR
    area = scene.place.community
    hours = Stretch(evening, evening + 12 * HOUR)
    services.add_shift(area, kind=ShiftKind.DESK, user=scene.officer, hours=hours, by=None, now=evening)
    for at, shown in ((small_hours, date(2026, 4, 2)), (small_hours + 6 * HOUR, date(2026, 4, 3))):
        week = week_of(area, user=scene.manager, at=local(at).date(), now=at)
        assert week.days_ahead[0].head.on == shown
        assert len(week.days_ahead) + len(week.days_past) == 7


def test_a_specialist_sees_the_own_grid_and_who_is_at_the_desk_and_not_the_other_grids(scene):
    at_desk(scene, scene.officer)
    shift_of(scene.first, scene.grid)
    other = make_staff(Role.WARNING_SPECIALIST, scene.place.grids[1], name="外网格专员")
    shift_of(other, scene.place.grids[1])
    page = said(
        logged_in(scene.first).get(f"{reverse('alerts:roster')}?on={local(database_now()).date() + timedelta(days=1)}")
    )
    assert "值班员" in page
    assert "甲专员" in page
    assert "外网格专员" not in page


def test_the_week_costs_the_same_queries_for_five_shifts_as_for_fifty(scene):
    def queries() -> int:
        client = logged_in(scene.manager)
        client.get(reverse("alerts:roster"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("alerts:roster"))
        return len(captured)

    for hour in range(5):
        shift_of(scene.first, scene.grid, begins=24 + hour, lasts=1)
    few = queries()
    for hour in range(5, 50):
        shift_of(scene.first, scene.grid, begins=24 + hour, lasts=1)
    assert queries() == few


def test_rubbish_in_the_address_shows_this_week(scene):
    client = logged_in(scene.manager)
    for query in ("on=0001-01-01", "on=x", "area=999", "on=9999-12-31&area='", "on=2026-02-30"):
        assert client.get(f"{reverse('alerts:roster')}?{query}").status_code == HTTPStatus.OK


def test_who_sees_no_alerts_sees_no_roster(scene):
    carer = make_staff(Role.CARER, scene.grid)
    assert logged_in(carer).get(reverse("alerts:roster")).status_code == HTTPStatus.FORBIDDEN


# ── keeping it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_manager_enters_a_shift_gives_some_hours_away_and_takes_one_out(scene):
    client = logged_in(scene.manager)
    tomorrow = midnight(local(database_now()).date() + timedelta(days=1))
    form = {
        "place": f"on_call:{scene.grid.code}",
        "person": "甲专员",
        "starts_at": moment(tomorrow),
        "ends_at": moment(tomorrow + 24 * HOUR),
    }
    assert client.post(reverse("alerts:shift_new"), form).status_code == HTTPStatus.FOUND
    shift = Shift.objects.get()
    given = {"person": "乙专员", "starts_at": moment(tomorrow), "ends_at": moment(tomorrow + 8 * HOUR)}
    assert client.post(reverse("alerts:shift_give", args=[shift.pk]), given).status_code == HTTPStatus.FOUND
    assert sorted(Shift.objects.values_list("user__name", flat=True)) == sorted(["乙专员", "甲专员"])
    client.post(reverse("alerts:shift_remove", args=[shift.pk]))
    assert not Shift.objects.filter(pk=shift.pk).exists()


def test_a_refusal_says_why_and_keeps_what_was_typed(scene):
    client = logged_in(scene.manager)
    shift = shift_of(scene.first, scene.grid)
    outside = {"person": "乙专员", "starts_at": "2020-01-01T08:00", "ends_at": "2020-01-01T20:00"}
    answer = client.post(reverse("alerts:shift_give", args=[shift.pk]), outside)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "These hours are not within the shift" in said(answer)
    assert 'value="乙专员"' in said(answer)


def test_a_manager_begins_a_rotation_by_names_and_stops_it(scene):
    client = logged_in(scene.manager)
    form = {
        "place": f"on_call:{scene.grid.code}",
        "name": "备勤",
        "starts": "20:00",
        "ends": "08:00",
        "days": "rule",
        "rule": "rrule:freq=daily；interval=2",
        "people": "甲专员、乙专员",
        "turn": "date",
        "at_once": "1",
        "first_on": local(database_now()).date().isoformat(),
    }
    wrong = client.post(reverse("alerts:rotation_new"), form | {"people": "甲专员、无名氏"})
    assert "无名氏 holds no post that fits this duty" in said(wrong)
    assert client.post(reverse("alerts:rotation_new"), form).status_code == HTTPStatus.FOUND
    rotation = Rotation.objects.get()
    assert rotation.rule == "FREQ=DAILY;INTERVAL=2"
    assert Shift.objects.count() == 18
    assert client.get(reverse("alerts:rotations")).status_code == HTTPStatus.OK
    last_on = {"last_on": local(database_now()).date().isoformat()}
    client.post(reverse("alerts:rotation_stop", args=[rotation.pk]), last_on)
    assert Shift.objects.count() == 1


def test_a_manager_enters_holidays_of_the_own_community_and_an_administrator_those_of_everywhere(scene):
    on = (local(database_now()).date() + timedelta(days=9)).isoformat()
    manager, administrator = logged_in(scene.manager), logged_in(AdministratorFactory())
    url = reverse("alerts:holiday_add")
    assert manager.post(url, {"on": on, "name": "元旦", "area": ""}).status_code == HTTPStatus.BAD_REQUEST
    manager.post(url, {"on": on, "name": "元旦", "area": scene.place.community.code})
    administrator.post(url, {"on": on, "name": "元旦", "area": ""})
    assert Holiday.objects.count() == 2
    everywhere = Holiday.objects.get(area=None)
    gone = reverse("alerts:holiday_remove", args=[everywhere.pk])
    assert manager.post(gone).status_code == HTTPStatus.NOT_FOUND
    assert administrator.post(gone).status_code == HTTPStatus.FOUND


def test_nobody_but_who_keeps_the_roster_changes_it(scene):
    shift = shift_of(scene.first, scene.grid)
    neighbour = make_staff(Role.MANAGER, make_community(4).community)
    addresses = [
        reverse("alerts:shift_give", args=[shift.pk]),
        reverse("alerts:shift_remove", args=[shift.pk]),
    ]
    for address in addresses:
        assert logged_in(scene.officer).post(address).status_code == HTTPStatus.FORBIDDEN
        assert logged_in(neighbour).post(address).status_code == HTTPStatus.NOT_FOUND
    assert logged_in(neighbour).get(reverse("alerts:shift", args=[shift.pk])).status_code == HTTPStatus.NOT_FOUND
    assert Shift.objects.filter(pk=shift.pk).exists()


def test_the_file_of_a_week_is_in_the_register_and_another_communitys_is_not_handed_out(scene):
    shift_of(scene.first, scene.grid)
    client, today = logged_in(scene.manager), local(database_now()).date()
    url = reverse("alerts:roster_file")
    span = f"since={today.isoformat()}&until={(today + timedelta(days=6)).isoformat()}"
    answer = client.get(f"{url}?area={scene.place.community.code}&{span}")
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    assert Export.objects.get().rows == 1
    assert AuditEntry.objects.filter(verb="alerts.roster_exported").exists()
    other = make_community(4)
    for query in (f"area={other.community.code}&{span}", f"area={scene.place.community.code}&since=x", ""):
        assert client.get(f"{url}?{query}").status_code == HTTPStatus.FOUND
    assert Export.objects.count() == 1


# ── swaps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_asks_on_the_phone_the_other_agrees_there_and_the_manager_sees_it(scene):
    shift, back = shift_of(scene.first, scene.grid), shift_of(scene.second, scene.grid, begins=48)
    first, second = logged_in(scene.first), logged_in(scene.second)
    page = said(first.get(reverse("alerts:shift", args=[shift.pk])))
    assert f'value="{scene.second.pk}:{back.pk}"' in page
    first.post(reverse("alerts:shift_swap", args=[shift.pk]), {"offer": f"{scene.second.pk}:{back.pk}"})
    swap = Swap.objects.get()
    assert "Agree to the swap" in said(second.get(reverse("alerts:my_shifts")))
    assert "asked, no answer yet" in said(logged_in(scene.manager).get(reverse("alerts:roster")))
    second.post(reverse("alerts:swap_accept", args=[swap.pk]))
    assert {one.pk: one.user for one in Shift.objects.select_related("user")} == {
        shift.pk: scene.second,
        back.pk: scene.first,
    }


def test_a_swap_is_nobody_elses_and_an_offer_that_was_not_made_is_refused(scene):
    shift = shift_of(scene.first, scene.grid)
    first = logged_in(scene.first)
    for offer in ("", "x", str(scene.manager.pk), f"{scene.second.pk}:999999"):
        answer = first.post(reverse("alerts:shift_swap", args=[shift.pk]), {"offer": offer})
        assert answer.status_code == HTTPStatus.BAD_REQUEST
    first.post(reverse("alerts:shift_swap", args=[shift.pk]), {"offer": str(scene.second.pk)})
    swap = Swap.objects.get()
    for name in ("swap_accept", "swap_decline", "swap_withdraw"):
        assert (
            logged_in(scene.leader).post(reverse(f"alerts:{name}", args=[swap.pk])).status_code == HTTPStatus.NOT_FOUND
        )
    assert (
        logged_in(scene.second).post(reverse("alerts:shift_swap", args=[shift.pk])).status_code == HTTPStatus.NOT_FOUND
    )
    first.post(reverse("alerts:swap_accept", args=[swap.pk]))  # only the asked may
    assert Shift.objects.get().user == scene.first
    first.post(reverse("alerts:swap_withdraw", args=[swap.pk]))
    assert not Swap.objects.open().exists()


# ── handing over ────────────────────────────────────────────────────────────────────────────────────────────────────


def sign(client: Client, scene, **fields):
    page = client.get(reverse("alerts:sign_hand_over"))
    form = page.context["form"]
    data = {"area": scene.place.community.code, "seen": form.initial["seen"], "watch": "3号楼的老人", **fields}
    return client.post(reverse("alerts:sign_hand_over"), data)


def test_who_takes_over_sees_exactly_what_the_first_signed_whatever_happened_since(scene):
    alert = scene.dispatched(at=database_now())
    leaves, takes = logged_in(scene.officer), logged_in(scene.manager)
    assert sign(leaves, scene).status_code == HTTPStatus.FOUND
    page = HandOver.objects.get()
    services.void_alert(scene.alert(at=database_now()), reason="测试", by=scene.officer, now=database_now())
    services.accept_alert(alert, by=scene.first, now=database_now())
    shown = said(takes.get(reverse("alerts:hand_over_page", args=[page.pk])))
    assert [row["number"] for row in page.page["open"]] == [alert.pk]
    assert "At the grid" in shown  # as it was when the first signed
    assert "3号楼的老人" in shown
    leaves.post(reverse("alerts:take_shift", args=[page.pk]))
    assert not HandOver.objects.get().is_signed_by_both
    takes.post(reverse("alerts:take_shift", args=[page.pk]))
    assert HandOver.objects.get().taken_by == scene.manager
    assert "not yet" not in said(takes.get(reverse("alerts:hand_overs")))


def test_a_page_that_changed_while_it_was_read_is_shown_again_before_it_is_signed(scene):
    client = logged_in(scene.officer)
    seen = client.get(reverse("alerts:sign_hand_over")).context["form"].initial["seen"]
    scene.alert(at=database_now())
    answer = sign(client, scene, seen=seen)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Something has changed since you opened this page" in said(answer)
    assert "3号楼的老人" in said(answer)
    assert not HandOver.objects.exists()


def test_what_to_watch_is_carried_on_to_the_next_page(scene):
    client = logged_in(scene.officer)
    sign(client, scene)
    logged_in(scene.manager).post(reverse("alerts:take_shift", args=[HandOver.objects.get().pk]))
    assert "3号楼的老人" in said(client.get(reverse("alerts:sign_hand_over")))


def test_no_residents_name_or_number_stands_whole_on_the_page(scene):
    scene.dispatched(at=database_now(), name="欧阳秀英", phone="19900005678")
    client = logged_in(scene.officer)
    sign(client, scene)
    kept = HandOver.objects.get()
    assert "欧阳秀英" not in str(kept.page)
    assert "19900005678" not in str(kept.page)


@pytest.mark.parametrize(
    ("ends_in", "words"), [(0.2, "The shift ends at"), (-0.5, "was not handed over"), (0.5, ""), (-4, "")]
)
def test_the_desk_is_reminded_from_a_quarter_of_an_hour_before_a_shift_ends_until_it_is_signed(scene, ends_in, words):
    now = database_now()
    ends_at = now + ends_in * HOUR
    Shift.objects.create(
        area=scene.place.community,
        kind=ShiftKind.DESK,
        user=scene.officer,
        starts_at=ends_at - 8 * HOUR,
        ends_at=ends_at,
        changed_at=now,
    )
    client = logged_in(scene.officer)
    page = said(client.get(reverse("alerts:desk")))
    assert ("shift-end" in page) == bool(words)
    assert words in page
    if words:
        sign(client, scene)
        assert "nobody has taken over yet" in said(client.get(reverse("alerts:desk")))


def test_a_neighbours_hand_over_is_not_found_and_a_specialist_has_no_desk(scene):
    sign(logged_in(scene.officer), scene)
    page = HandOver.objects.get()
    neighbour = make_staff(Role.DUTY_OFFICER, make_community(4).community)
    for name in ("hand_over_page", "take_shift", "withdraw_hand_over"):
        address = reverse(f"alerts:{name}", args=[page.pk])
        ask = (
            (lambda client, url: client.get(url))
            if name == "hand_over_page"
            else (lambda client, url: client.post(url))
        )
        assert ask(logged_in(neighbour), address).status_code == HTTPStatus.NOT_FOUND
        assert ask(logged_in(scene.first), address).status_code == HTTPStatus.FORBIDDEN


def test_readiness_names_the_holes_of_the_week(scene):
    at_desk(scene, scene.officer, begins=-1, lasts=6)
    page = said(logged_in(scene.manager).get(reverse("alerts:readiness")))
    assert "Nobody on duty within the next seven days" in page
