"""What each page asks of the database: no more questions than its number says, and no more where more rows stand.

The walk is that of the doors (test_doors.py): an administrator, to whom every page is open and every list is longest,
opens each address once in a small district, and once in one twice as large. A new page wants a number here the day it
appears.
"""

from collections.abc import Collection
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts.clock import database_now
from accounts.roles import Role
from antifraud.testing.counting import counting
from antifraud.tests.test_doors import MADE_BY_OTHERS, World, doors, job_for, make_world
from campaigns.tests.factories import make_everyday
from cases.tests.factories import CaseFactory
from notifications.services import tell
from notifications.tests.factories import letter_to
from reports.models import Inspection
from residents.models import Visit
from residents.tests.factories import Community, ResidentFactory, make_community, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600), pytest.mark.xdist_group("queries")]

SMALL = 20
"""Residents: so few that twice as many still fit on every page of a list. A full one would be as long either way."""
EACH = 3
"""How many more of what a district has none of, or too few."""

MOST: dict[str, int] = {
    "accounts:again": 2,
    "accounts:password": 10,
    "accounts:profile": 11,
    "accounts:security": 17,
    "accounts:set_up_factor": 11,
    "alerts:afterwards": 16,
    "alerts:close": 12,
    "alerts:create": 11,
    "alerts:desk": 29,
    "alerts:detail": 37,
    "alerts:drill": 15,
    "alerts:drill_new": 13,
    "alerts:drills": 15,
    "alerts:hand_over_page": 11,
    "alerts:hand_overs": 11,
    "alerts:inform": 5,
    "alerts:informants": 13,
    "alerts:lateness": 25,
    "alerts:learning": 15,
    "alerts:list": 14,
    "alerts:message": 11,
    "alerts:minutes": 18,
    "alerts:my_shifts": 13,
    "alerts:raise": 15,
    "alerts:readiness": 26,
    "alerts:received": 18,
    "alerts:replay": 12,
    "alerts:replays": 13,
    "alerts:roster": 19,
    "alerts:rotation_new": 11,
    "alerts:rotation_stop": 11,
    "alerts:rotations": 17,
    "alerts:rules": 11,
    "alerts:shift": 14,
    "alerts:shift_new": 12,
    "alerts:sign_hand_over": 28,
    "alerts:story": 12,
    "alerts:summary": 25,
    "alerts:tasks": 7,
    "alerts:void": 11,
    "campaigns:add_doors": 13,
    "campaigns:add_photos": 21,
    "campaigns:calendar": 15,
    "campaigns:came": 24,
    "campaigns:came_file": 11,
    "campaigns:campaign": 15,
    "campaigns:campaigns": 12,
    "campaigns:cancel_event": 11,
    "campaigns:coverage": 26,
    "campaigns:create_campaign": 11,
    "campaigns:doors": 23,
    "campaigns:edit_campaign": 13,
    "campaigns:edit_event": 25,
    "campaigns:enter": 24,
    "campaigns:event": 24,
    "campaigns:group": 15,
    "campaigns:group_new": 13,
    "campaigns:home": 19,
    "campaigns:log": 20,
    "campaigns:logged": 21,
    "campaigns:material": 15,
    "campaigns:material_new": 12,
    "campaigns:materials": 13,
    "campaigns:meeting": 37,
    "campaigns:meeting_edit": 12,
    "campaigns:meeting_new": 12,
    "campaigns:meeting_paper": 35,
    "campaigns:meetings": 14,
    "campaigns:members_find": 11,
    "campaigns:move_event": 11,
    "campaigns:my_problems": 13,
    "campaigns:names": 18,
    "campaigns:newcomers": 16,
    "campaigns:papers": 11,
    "campaigns:plan": 17,
    "campaigns:pledge": 11,
    "campaigns:problem": 12,
    "campaigns:problem_new": 13,
    "campaigns:problems": 14,
    "campaigns:push": 15,
    "campaigns:pushes": 17,
    "campaigns:rules": 11,
    "campaigns:sentence": 19,
    "campaigns:sign_in": 5,
    "campaigns:sign_in_sheet": 15,
    "campaigns:sign_pledge": 12,
    "campaigns:signed_in": 4,
    "campaigns:site": 14,
    "campaigns:site_new": 13,
    "campaigns:site_refresh": 11,
    "campaigns:sites": 13,
    "campaigns:stop_series": 11,
    "campaigns:subscribe": 11,
    "cases:create": 14,
    "cases:detail": 19,
    "cases:edit": 12,
    "cases:export": 12,
    "cases:list": 15,
    "cases:look_back": 33,
    "cases:look_backs": 18,
    "cases:rules": 11,
    "cases:withdraw": 11,
    "knowledge:edit": 12,
    "knowledge:general_edit": 11,
    "knowledge:general_paper": 14,
    "knowledge:general_text": 13,
    "knowledge:paper": 15,
    "knowledge:read": 4,
    "knowledge:read_general": 3,
    "knowledge:text": 15,
    "knowledge:texts": 12,
    "notifications:channels": 14,
    "notifications:inbox": 12,
    "offline": 2,
    "reports:clock": 20,
    "reports:commendation": 12,
    "reports:commendation_new": 47,
    "reports:dashboard": 57,
    "reports:find_veto": 13,
    "reports:give_points": 14,
    "reports:inspection": 11,
    "reports:inspection_new": 11,
    "reports:inspections": 12,
    "reports:lift_veto": 11,
    "reports:monthly": 11,
    "reports:report": 52,
    "reports:report_print": 52,
    "reports:report_public": 11,
    "reports:score": 53,
    "reports:score_rules": 13,
    "reports:scores": 48,
    "residents:access_log": 13,
    "residents:appoint": 12,
    "residents:appoint_new": 11,
    "residents:area": 16,
    "residents:areas": 12,
    "residents:create": 12,
    "residents:detail": 34,
    "residents:edit": 11,
    "residents:end": 11,
    "residents:end_post": 11,
    "residents:export": 11,
    "residents:follow_up": 15,
    "residents:grid": 23,
    "residents:grids": 18,
    "residents:key_groups": 23,
    "residents:list": 14,
    "residents:merge": 12,
    "residents:pair": 15,
    "residents:posts": 18,
    "residents:retention": 39,
    "residents:robot": 17,
    "residents:robot_new": 11,
    "residents:robots": 14,
    "residents:rules": 11,
    "residents:sheet": 11,
    "residents:substitute": 12,
    "residents:unpair": 11,
    "residents:visit": 14,
    "residents:visits": 18,
    "sheets:conflicts": 12,
    "sheets:detail": 18,
    "sheets:files": 11,
    "sheets:history": 13,
}
"""How many questions each page may ask. Raising one is a decision; lowering one is a pleasure."""


def more_of_everything(world: World, number: int) -> None:
    """Make more of what stands in lists and the district has none of."""
    now = database_now()
    for n in range(number):
        resident = ResidentFactory(grid=world.grid)
        make_everyday(world.grid, resident, by=world.alert.holder)
        CaseFactory(grid=world.grid, resident=resident)
        Visit.objects.create(resident=resident, by=world.alert.holder, at=now, result="met")
        job_for(world.administrator, now)
        Inspection.objects.create(
            community=world.grid.community, by=world.administrator, at=now, place=f"{n}号楼", on=now.date(), found="无"
        )
        staffed(make_community(10 + n))
        with transaction.atomic():
            tell([letter_to(world.administrator, key=f"walk:{n}")], now=now)


def staffed(place: Community) -> None:
    """Give a community and its grids somebody for each role."""
    for area in (place.community, *place.grids):
        for role in Role:
            make_staff(role, area)


def walked(size: int, *, names: Collection[str] = ()) -> dict[str, int]:
    """Return how many questions each page asks in a district of a size, or some pages, and leave nothing of it."""
    asked: dict[str, int] = {}
    with transaction.atomic():
        call_command("make_district", residents=SMALL * size, stdout=StringIO())
        world = make_world()
        more_of_everything(world, EACH * size)
        client = Client()
        client.force_login(world.administrator)
        for door in doors():
            if door.app in MADE_BY_OTHERS or door.name == "accounts:logout" or (names and door.name not in names):
                continue
            with transaction.atomic(), counting() as said:
                answer = client.get(world.path(door))
                transaction.set_rollback(True)
            if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
                asked[door.name] = len(said)
        transaction.set_rollback(True)
    return asked


@pytest.fixture(scope="module")
def walks(django_db_setup: None, django_db_blocker: Any) -> tuple[dict[str, int], dict[str, int]]:
    """How many questions each page asks, and how many where twice as many rows stand."""
    with django_db_blocker.unblock():
        once = walked(1)
        return once, walked(2, names=once.keys())


def test_every_page_has_a_number(walks: tuple[dict[str, int], dict[str, int]]) -> None:
    once, twice = walks
    new = "\n".join(f'    "{name}": {twice.get(name, 0)},' for name in sorted(once.keys() - MOST.keys()))
    assert not new, f"Say in MOST how many questions these pages may ask:\n{new}"
    assert not MOST.keys() - once.keys(), "These are no pages any more, or nobody sees them: take them out of MOST."


def test_no_page_asks_more_than_its_number(walks: tuple[dict[str, int], dict[str, int]]) -> None:
    _once, twice = walks
    over = [f"{name}: {count} and not {MOST[name]}" for name, count in twice.items() if count > MOST.get(name, count)]
    assert not over, "\n".join(["These pages ask more than their number in MOST:", *over])


def test_no_page_asks_more_where_more_rows_stand(walks: tuple[dict[str, int], dict[str, int]]) -> None:
    once, twice = walks
    grown = [f"{name}: {once[name]}, then {count}" for name, count in twice.items() if count > once[name]]
    assert not grown, "\n".join(["These pages ask once for each row, or so:", *grown])
