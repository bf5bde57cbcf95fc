"""The pages of look-backs: who sees what, what is shown, what a press does, what is written down."""

from datetime import timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.clock import today
from accounts.models import AuditEntry, Language, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from campaigns.models import Problem
from cases import services
from cases.figures.lookback import evidence_of
from cases.models import Case, LookBack, Rule
from cases.policy import RuleName, Verdict
from cases.screens.lookback import panel_of
from cases.tests.factories import REPORTED, CaseFactory
from cases.tests.lookback import Victim, make_victim
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db
PANEL = "cases/_look_back_panel.html"
NOW = REPORTED + timedelta(days=1)
PRESSES = ("confirm_look_back", "add_remedy", "reopen_look_back", "take_evidence_again", "look_back_printed")


@pytest.fixture
def victim() -> Victim:
    made = make_victim()
    User.objects.update(language=Language.ENGLISH)
    return made


@pytest.fixture
def look_back(victim) -> LookBack:
    victim.touch(30)
    return open_(victim.case)


def open_(case: Case) -> LookBack:
    case = Case.objects.with_victim().get(pk=case.pk)
    return services.open_look_back(case, evidence=evidence_of(case, now=NOW), by=None, now=NOW)


def url(name: str, look_back: LookBack) -> str:
    return reverse(f"cases:{name}", args=[look_back.pk])


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(victim: Victim, **fields: object) -> dict[str, object]:
    usual = {
        "verdict": Verdict.SAME_KIND,
        "cause": "轻信高额回报",
        "shortcoming": "",
        "what": "",
        "owner": "",
        "due_on": "",
    }
    return {**usual, **fields}


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_another_communitys_look_back_is_not_there(client: Client, look_back) -> None:
    client.force_login(make_staff(Role.MANAGER, make_community(4).community))
    assert client.get(url("look_back", look_back)).status_code == 404
    assert all(client.post(url(name, look_back)).status_code == 404 for name in PRESSES)
    assert client.post(reverse("cases:open_look_back", args=[look_back.case_id])).status_code == 404
    assert "王**" not in page_of(client, reverse("cases:look_backs"))


@pytest.mark.parametrize("role", [Role.CARER, Role.OUTREACH_WORKER, Role.WARNING_SPECIALIST])
def test_who_sees_no_cases_sees_no_look_backs(client: Client, look_back, victim, role) -> None:
    client.force_login(make_staff(role, victim.place.grid))
    assert client.get(reverse("cases:look_backs")).status_code == 403
    assert client.get(url("look_back", look_back)).status_code == 403


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.GRID_LEADER, Role.DUTY_OFFICER])
def test_who_only_sees_it_confirms_nothing(client: Client, look_back, victim, role) -> None:
    place = victim.place
    area = {Role.SUPERVISOR: place.street, Role.GRID_LEADER: place.grid}.get(role, place.community)
    client.force_login(make_staff(role, area, language=Language.ENGLISH))
    page = page_of(client, url("look_back", look_back))
    assert "Confirm the verdict" not in page
    assert client.post(url("confirm_look_back", look_back), typed(victim)).status_code == 403
    assert LookBack.objects.get().confirmed_at is None


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_victim_is_masked_and_the_evidence_told(client: Client, look_back, victim) -> None:
    client.force_login(victim.manager)
    page = page_of(client, url("look_back", look_back))
    assert "王**" in page
    assert victim.resident.name not in page
    assert str(victim.worker) in page
    assert "Fake orders for a rebate" in page
    assert "Reached on this kind, and defrauded all the same" in page
    assert AuditEntry.objects.get(verb="cases.viewed").object_id == str(victim.case.pk)
    page_of(client, url("look_back", look_back))
    assert AuditEntry.objects.filter(verb="cases.viewed").count() == 1


def test_pushes_alone_reach_nobody_and_it_says_so(client: Client, victim) -> None:
    victim.push(30)
    client.force_login(victim.manager)
    page = page_of(client, url("look_back", open_(victim.case)))
    assert "pushes only" in page
    assert "Weak evidence" in page


def test_what_was_entered_later_stands_apart(client: Client, victim) -> None:
    victim.touch(20, entered=REPORTED + timedelta(hours=2))
    look_back = open_(victim.case)
    client.force_login(victim.manager)
    page = page_of(client, url("look_back", look_back))
    assert "Entered after the case was reported" in page
    assert "Came in since the evidence was frozen" not in page
    victim.touch(10, entered=NOW)
    assert "Came in since the evidence was frozen" in page_of(client, url("look_back", look_back))


def test_weekly_visits_stand_together(client: Client, victim) -> None:
    for week in range(1, 21):
        victim.visit(7 * week)
    client.force_login(victim.manager)
    page = page_of(client, url("look_back", open_(victim.case)))
    assert page.count('<td class="digits evidence-when">') == 1
    assert "20 times" in page


def test_a_case_that_was_corrected_offers_its_evidence_anew(client: Client, look_back, victim) -> None:
    client.force_login(victim.manager)
    Case.objects.update(resident=None)
    assert "Take the evidence anew" in page_of(client, url("look_back", look_back))
    client.post(url("take_evidence_again", look_back))
    assert LookBack.objects.get().proposed == Verdict.NOT_ON_ROSTER
    assert "Take the evidence anew" not in page_of(client, url("look_back", look_back))


def test_the_page_costs_the_same_for_little_and_for_much(client: Client, victim) -> None:
    client.force_login(victim.manager)

    def queries(number: int) -> int:
        for at in range(number):
            days = 10 + 40 * number + at
            victim.touch(days)
            victim.pledge(days)
            victim.push(days, since=360)
        look_back = LookBack.objects.first() or open_(victim.case)
        page_of(client, url("look_back", look_back))
        with CaptureQueriesContext(connection) as counted:
            page_of(client, url("look_back", look_back))
        return len(counted)

    assert queries(1) == queries(6)


# ── presses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_manager_confirms_with_a_remedy(client: Client, look_back, victim) -> None:
    client.force_login(victim.manager)
    due_on = today() + timedelta(days=14)
    data = typed(victim, what="加讲一次", owner=victim.worker.pk, due_on=due_on.isoformat())
    assert client.post(url("confirm_look_back", look_back), data).status_code == 302
    assert Problem.objects.get().owner == victim.worker
    page = page_of(client, url("look_back", look_back))
    assert "加讲一次" in page
    assert "轻信高额回报" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cause": " "}, "Say in a sentence how it could happen."),
        ({"verdict": "guilty"}, "not one of the available choices"),
        ({"what": "加讲一次"}, "Choose who mends it."),
        ({"due_on": "2026-01-01"}, "This day has passed already"),
        ({"cause": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client: Client, look_back, victim, wrong, said) -> None:
    client.force_login(victim.manager)
    answer = client.post(url("confirm_look_back", look_back), typed(victim, shortcoming="讲座太少", **wrong))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page
    assert "讲座太少" in page
    assert LookBack.objects.get().confirmed_at is None


def test_one_is_opened_again_and_gets_another_remedy(client: Client, look_back, victim) -> None:
    client.force_login(victim.manager)
    client.post(url("confirm_look_back", look_back), typed(victim))
    due_on = today().isoformat()
    client.post(url("add_remedy", look_back), {"what": "补登租户", "owner": victim.worker.pk, "due_on": due_on})
    assert look_back.remedies.count() == 1
    assert client.post(url("reopen_look_back", look_back), {"why": ""}).status_code == 400
    client.post(url("reopen_look_back", look_back), {"why": "材料有误"})
    assert "材料有误" in page_of(client, url("look_back", look_back))


def test_printing_is_written_down_and_prints_itself(client: Client, look_back, victim) -> None:
    client.force_login(victim.manager)
    answer = client.post(url("look_back_printed", look_back))
    assert answer.headers["Location"] == f"{url('look_back', look_back)}?print=1"
    assert "data-print-now" in page_of(client, answer.headers["Location"])
    entry = AuditEntry.objects.get(verb="cases.printed")
    assert (entry.object_id, entry.actor) == (str(victim.case.pk), victim.manager)


def test_one_press_opens_that_of_a_case(client: Client, victim) -> None:
    client.force_login(victim.manager)
    answer = client.post(reverse("cases:open_look_back", args=[victim.case.pk]))
    assert answer.headers["Location"] == url("look_back", LookBack.objects.get())


def test_one_press_opens_those_of_many(client: Client, victim) -> None:
    for _one in range(3):
        CaseFactory(grid=victim.place.grid)
    CaseFactory(grid=make_community(4).grid)
    client.force_login(victim.manager)
    assert "Open those of 4 cases without one" in page_of(client, reverse("cases:look_backs"))
    client.post(reverse("cases:open_look_backs"))
    assert LookBack.objects.count() == 4


def test_an_administrator_says_how_far_back(client: Client, victim) -> None:
    client.force_login(victim.manager)
    assert client.get(reverse("cases:rules")).status_code == 403
    client.force_login(AdministratorFactory())
    client.post(reverse("cases:rules"), {"look_back_days": "180", "alerts_back_days": "3", "keep_victims_days": "1095"})
    numbers = Rule.objects.numbers()
    assert (numbers[RuleName.LOOK_BACK_DAYS], numbers[RuleName.ALERTS_BACK_DAYS]) == (180, 3)


# ── the list, and the panel ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_narrows_by_what_the_address_says(client: Client, look_back, victim) -> None:
    client.force_login(victim.manager)
    other = open_(
        CaseFactory(grid=victim.place.grids[1], victim_name="赵丽", reported_at=REPORTED - timedelta(days=40))
    )
    services.confirm_look_back(
        other, verdict=Verdict.OTHER_KIND, cause="…", shortcoming="", remedy=None, by=victim.manager, now=NOW
    )
    listed = reverse("cases:look_backs")
    for query, shown in {
        "": ("王**", "赵*"),
        "state=to_confirm": ("王**",),
        "state=done": ("赵*",),
        "state=remedy": (),
        "verdict=other_kind": ("赵*",),
        "verdict=same_kind": ("王**",),
        f"area={victim.place.grid.code}": ("王**",),
        "since=2026-04-01": ("王**",),
        "until=2026-03-01": ("赵*",),
    }.items():
        page = page_of(client, f"{listed}?{query}")
        assert [name for name in ("王**", "赵*") if name in page] == list(shown), query
        assert victim.resident.name not in page


def test_the_list_costs_the_same_for_five_and_for_fifty(client: Client, victim) -> None:
    client.force_login(victim.manager)

    def queries(number: int) -> int:
        for _one in range(number):
            open_(CaseFactory(grid=victim.place.grid))
        with CaptureQueriesContext(connection) as counted:
            page_of(client, reverse("cases:look_backs"))
        return len(counted)

    assert queries(5) == queries(45)


def test_the_panel_says_how_it_stands(victim) -> None:
    panel = panel_of(victim.case, user=victim.manager, on=today())
    assert (panel.url, panel.may_open) == ("", True)
    stranger = make_staff(Role.MANAGER, make_community(4).community)
    assert not panel_of(victim.case, user=stranger, on=today()).may_open
    assert reverse("cases:open_look_back", args=[victim.case.pk]) in render_to_string(PANEL, {"panel": panel})
    look_back = open_(victim.case)
    panel = panel_of(victim.case, user=victim.manager, on=today())
    assert url("look_back", look_back) in render_to_string(PANEL, {"panel": panel})
    assert (panel.url, panel.is_confirmed, panel.may_open) == (url("look_back", look_back), False, False)


def test_the_panel_of_a_withdrawn_case_promises_no_look_back(victim) -> None:
    services.withdraw_case(victim.case, why="重复登记", by=victim.manager, now=NOW)
    case = Case.objects.get(pk=victim.case.pk)
    said = render_to_string(PANEL, {"panel": panel_of(case, user=victim.manager, on=today())})
    assert "the case is withdrawn" in said or "已撤销" in said
    assert reverse("cases:open_look_back", args=[case.pk]) not in said
    assert panel_of(case, user=victim.manager, on=today()).is_due is False
