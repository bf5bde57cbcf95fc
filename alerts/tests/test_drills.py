"""Drills: the real path, marked as a drill everywhere, in no figure, and a debrief at the end."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now, local
from accounts.roles import Role
from alerts import services
from alerts.models import Alert, Drill
from alerts.policy import Deed, Level, Objective, ObjectiveState, State
from alerts.screens.alert import alert_page
from alerts.screens.board import board
from alerts.screens.card import cards, with_card_rows
from alerts.screens.drills import debrief, drill_rows
from alerts.screens.summary import summary
from alerts.screens.watching import pulse
from alerts.services import AlertError, Plan
from alerts.tasks import start_drills
from alerts.tests.factories import NOON, Scene, after, clock_of, ending, make_alert, make_scene, sweep, unread
from notifications.models import Notice
from residents.tests.factories import FamilyContactFactory, ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

TODAY = local(NOON).date()


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def leader(scene: Scene) -> Any:
    return make_staff(Role.DUTY_OFFICER, scene.place.community, name="导演", phone="19900003333")


def play(scene: Scene, leader: Any, *, at: Any = NOON, **fields: Any) -> Drill:
    plan = Plan(
        **{"scenario": "演练：冒充公检法", "level": Level.HIGH, "grids": [scene.grid], "leader": leader, **fields}
    )
    return services.plan_drill(plan, by=scene.manager, now=at)


def alert_of(drill: Drill) -> Alert:
    return Alert.objects.get(drill_part__drill=drill)


def go_through(scene: Scene, alert: Alert, *, at: Any = NOON, minutes: float = 6) -> Alert:
    """Let the desk and the first specialist do all there is to do, so many minutes after it reached the grid."""
    services.dispatch_alert(alert, by=scene.officer, now=after(start=at, minutes=1))
    services.accept_alert(alert, by=scene.first, now=after(start=at, minutes=2))
    for deed in (Deed.PHONE_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.DOOR_CONFIRMED):
        services.record_deed(alert, deed=deed, by=scene.first, now=after(start=at, minutes=1 + minutes))
    return services.close_alert(alert, ending=ending(), by=scene.first, now=after(start=at, minutes=3 + minutes))


# ── the real path ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_drill_comes_to_the_desk_and_is_escalated_like_any_alert(scene: Scene, leader: Any) -> None:
    alert = alert_of(play(scene, leader))
    assert (alert.state, alert.is_drill, alert.resident) == (State.RECEIVED, True, None)
    sweep(after(minutes=5))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.DISPATCHED, scene.first)
    assert clock_of(alert, Objective.DISPATCH).state == ObjectiveState.BREACHED
    sweep(after(minutes=8))
    alert.refresh_from_db()
    assert alert.holder == scene.second


def test_a_drill_of_two_grids_ends_with_its_last_alert(scene: Scene, leader: Any) -> None:
    drill = play(scene, leader, grids=scene.place.grids)
    first, second = Alert.objects.filter(drill_part__drill=drill).order_by("area_code")
    services.void_alert(second, reason="演练到此", by=scene.officer, now=after(minutes=1))
    drill.refresh_from_db()
    assert drill.is_running
    go_through(scene, first)
    drill.refresh_from_db()
    assert (drill.ended_at, drill.ended_by) == (after(minutes=9), None)
    assert len(unread(scene.manager)) == 1


def test_who_leads_it_ends_it_and_what_is_open_is_void(scene: Scene, leader: Any) -> None:
    drill = play(scene, leader)
    alert = alert_of(drill)
    services.dispatch_alert(alert, by=scene.officer, now=after(minutes=1))
    services.accept_alert(alert, by=scene.first, now=after(minutes=2))
    services.end_drill(drill, by=scene.manager, now=after(minutes=4))
    alert.refresh_from_db()
    assert (alert.state, clock_of(alert).state) == (State.VOIDED, ObjectiveState.DROPPED)
    assert not alert.timers.pending().exists()
    with pytest.raises(AlertError):
        services.end_drill(drill, by=scene.manager, now=after(minutes=5))


def test_a_planned_drill_starts_at_its_time_once(scene: Scene, leader: Any) -> None:
    drill = play(scene, leader, starts_at=after(hours=2))
    assert (services.start_due_drills(now=after(hours=1)), Alert.objects.count()) == (0, 0)
    assert [services.start_due_drills(now=after(hours=2)) for _n in range(2)] == [1, 0]
    assert alert_of(drill).received_at == after(hours=2)


def test_a_drill_that_was_called_off_never_starts(scene: Scene, leader: Any) -> None:
    drill = play(scene, leader, starts_at=after(hours=2))
    services.end_drill(drill, by=scene.manager, now=after(hours=1))
    start_drills()
    assert Alert.objects.count() == 0


def test_who_will_be_in_an_announced_drill_is_told_before_and_in_another_nobody_is(scene: Scene, leader: Any) -> None:
    play(scene, leader, starts_at=after(hours=2), is_announced=True)
    assert all(len(unread(person)) == 1 for person in (scene.first, scene.second, scene.leader, scene.officer))
    before = Notice.objects.count()
    play(scene, leader, starts_at=after(hours=3))
    assert Notice.objects.count() == before


def test_a_drill_needs_grids_of_one_community_and_somebody_to_call(scene: Scene, leader: Any) -> None:
    with pytest.raises(AlertError):
        play(scene, leader, grids=[])
    with pytest.raises(AlertError):
        play(scene, leader, grids=[scene.grid, make_community(4).grid])
    with pytest.raises(AlertError):
        play(scene, make_staff(Role.DUTY_OFFICER, scene.place.community, name="无号", phone=""))


# ── nobody outside is called, and everybody is told that it is a drill ──────────────────────────────────────────────


def page_of(alert: Alert, user: Any, **options: Any) -> Any:
    read = with_card_rows(Alert.objects.filter(pk=alert.pk)).get()
    return alert_page(read, user=user, grids=[], are_numbers_open=True, now=NOON, **options)


def test_the_drills_leader_is_called_in_the_place_of_resident_and_family(scene: Scene, leader: Any) -> None:
    page = page_of(alert_of(play(scene, leader)), scene.first)
    assert {contact.number for contact in page.contacts} == {"19900003333"}
    assert {contact.is_family for contact in page.contacts} == {True, False}
    assert page.drill_leader == "导演"


def test_a_drill_that_names_somebody_of_the_roster_shows_nobody_s_number(scene: Scene) -> None:
    resident = ResidentFactory(name="王某", grid=scene.grid, phone="19900004444")
    FamilyContactFactory(resident=resident, phone="19900005555")
    alert = make_alert(grid=scene.grid, is_drill=True, name="王某", phone="19900004444")
    assert alert.resident == resident
    assert page_of(alert, scene.first).contacts == ()


def test_every_message_about_a_drill_says_so_first(scene: Scene, leader: Any) -> None:
    sweep_times = (0, 5, 8, 10, 15, 25)
    alert = alert_of(play(scene, leader))
    for minutes in sweep_times:
        sweep(after(minutes=minutes))
    told = Notice.objects.filter(subject=alert.subject_key)
    assert told.count() > 5
    marks = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            marks.append(translation.pgettext("before an alert that is an exercise", "[DRILL]"))
    mark = tuple(marks)
    for notice in told:
        assert notice.title.startswith(mark)
        assert notice.public_text.startswith(mark)


def test_every_screen_marks_a_drill(scene: Scene, leader: Any, client: Client) -> None:
    scene.officer.language = scene.first.language = "en"
    scene.officer.save()
    scene.first.save()
    alert = alert_of(play(scene, leader))
    client.force_login(scene.officer)
    mark = "tag-drill"

    def shows(address: str, **options: Any) -> bool:
        return mark in client.get(address, **options).content.decode()

    pages = [reverse("alerts:desk"), reverse("alerts:desk") + "?wall=1", reverse("alerts:list")]
    pages += [reverse(f"alerts:{name}", args=[alert.pk]) for name in ("detail", "void")]
    assert [page for page in pages if not shows(page)] == []
    assert shows(reverse("alerts:calls"), headers={"HX-Request": "true"})
    services.dispatch_alert(alert, by=scene.officer, now=after(minutes=1))
    client.force_login(scene.first)
    pages = [reverse("alerts:tasks"), reverse("alerts:close", args=[alert.pk])]
    assert [page for page in pages if not shows(page)] == []
    (card,) = cards(list(with_card_rows(Alert.objects.all())), viewer_id=scene.first.pk, now=NOON)
    with translation.override("en"):
        assert card.said.startswith("Drill.")


def test_a_drill_that_has_ended_is_marked_on_the_board_and_counts_in_no_figure(scene: Scene, leader: Any) -> None:
    go_through(scene, alert_of(play(scene, leader)))
    now = after(minutes=20)
    seen = board(Alert.objects.all(), user=scene.officer, beat=pulse(), now=now)
    assert [ended.is_drill for ended in seen.ended] == [True]
    assert (seen.day.received, seen.day.dissuaded, seen.day.dispatched.total) == (0, 0, 0)
    told = summary(Alert.objects.all(), grids=[], viewer_id=scene.officer.pk, begins=NOON, now=now)
    assert (told.breaches, told.open_now) == ([], [])
    assert not Alert.objects.real().exists()


def test_a_drill_and_a_real_alert_in_one_grid_stay_two(scene: Scene, leader: Any) -> None:
    play(scene, leader)
    make_alert(grid=scene.grid, name="", phone="")
    assert [alert.is_drill for alert in Alert.objects.order_by("pk")] == [True, False]


def test_a_drill_names_nobody_and_says_so(scene: Scene, leader: Any) -> None:
    alert = alert_of(play(scene, leader))
    assert (alert.subject_name, alert.subject_phone) == ("", "")
    (card,) = cards(list(with_card_rows(Alert.objects.all())), viewer_id=scene.first.pk, now=NOON)
    assert card.who == page_of(alert, scene.first).name != ""


# ── debrief ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_debrief_says_each_clock_who_and_how_late_against_the_last_drill(scene: Scene, leader: Any) -> None:
    first = play(scene, leader, at=after(days=-7))
    go_through(scene, alert_of(first), at=after(days=-7), minutes=14)
    second = play(scene, leader)
    go_through(scene, alert_of(second), minutes=6)
    second.refresh_from_db()
    with translation.override("en"):
        page = debrief(second, user=scene.manager, on=TODAY)
        before = debrief(Drill.objects.get(pk=first.pk), user=scene.manager, on=TODAY)
    assert page.last == first
    assert [(row.this, row.last, row.is_better) for row in page.compared[2:]] == [
        ("6 min", "14 min", True),
        ("2 of 2 (100\u00a0%)", "1 of 2 (50\u00a0%)", True),
    ]
    assert [clock.words for clock in before.parts[0].clocks] == ["kept, after 1 min", "done 4 min late"]
    assert before.last is None
    assert [did.who for did in page.parts[0].did if did.what == "accepted"] == ["甲专员"]
    assert page.is_over
    assert page.may_run


def test_the_list_and_a_debrief_cost_the_same_for_two_grids_as_for_twenty(
    scene: Scene, leader: Any, django_assert_max_num_queries: Any
) -> None:
    few = play(scene, leader)
    many = play(scene, leader, at=after(minutes=1), grids=make_community(3, grids=20).grids)
    assert many.parts.count() == 20
    debrief(few, user=scene.manager, on=TODAY)
    with django_assert_max_num_queries(9):
        debrief(
            Drill.objects.select_related("community", "leader", "fraud_type").get(pk=many.pk),
            user=scene.manager,
            on=TODAY,
        )
    with django_assert_max_num_queries(5):
        assert len(drill_rows(Drill.objects.all())) == 2


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_manager_starts_a_drill_reads_its_debrief_and_keeps_what_it_taught(
    scene: Scene, leader: Any, client: Client
) -> None:
    client.force_login(scene.manager)
    fields = {"scenario": "演练：刷单", "level": "medium", "grids": [scene.grid.pk], "leader": leader.pk}
    started = client.post(reverse("alerts:drill_new"), fields)
    drill = Drill.objects.get()
    assert started.headers["Location"] == reverse("alerts:drill", args=[drill.pk])
    client.post(reverse("alerts:drill_end", args=[drill.pk]))
    client.post(reverse("alerts:drill_lessons", args=[drill.pk]), {"lessons": "先打电话"})
    page = client.get(reverse("alerts:drill", args=[drill.pk]))
    assert page.context["page"].is_over
    assert "先打电话" in page.content.decode()
    assert client.get(reverse("alerts:drills")).status_code == 200


def test_a_drill_is_not_planned_in_another_community_nor_with_a_stranger(
    scene: Scene, leader: Any, client: Client
) -> None:
    abroad = make_community(4)
    client.force_login(scene.manager)
    fields = {"scenario": "演练", "level": "low", "leader": leader.pk}
    page = client.post(reverse("alerts:drill_new"), fields | {"grids": [abroad.grid.pk]})
    assert "grids" in page.context["form"].errors
    stranger = make_staff(Role.MANAGER, abroad.community, phone="19900006666")
    page = client.post(reverse("alerts:drill_new"), fields | {"grids": [scene.grid.pk], "leader": stranger.pk})
    assert "leader" in page.context["form"].errors
    assert not Drill.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_managers_alone_run_drills_and_who_sees_the_clock_reads_them(
    scene: Scene, leader: Any, client: Client, role: Role
) -> None:
    drill = play(scene, leader, at=database_now())
    client.force_login(make_staff(role, scene.place.community))
    reads = role in {Role.MANAGER, Role.DUTY_OFFICER, Role.SUPERVISOR}
    assert client.get(reverse("alerts:drill", args=[drill.pk])).status_code == (200 if reads else 403)
    ended = client.post(reverse("alerts:drill_end", args=[drill.pk])).status_code
    assert ended == (302 if role == Role.MANAGER else 403)


def test_the_next_community_sees_no_drill_of_this(scene: Scene, leader: Any, client: Client) -> None:
    drill = play(scene, leader)
    client.force_login(make_staff(Role.MANAGER, make_community(4).community))
    assert client.get(reverse("alerts:drill", args=[drill.pk])).status_code == 404
    assert client.post(reverse("alerts:drill_end", args=[drill.pk])).status_code == 404
    assert client.get(reverse("alerts:drills")).context["rows"] == []
