"""Every door of the program, found by walking its addresses: who has no business there stays outside.

A new address is tried the day it appears. What stands for its arguments is found by the address itself, up to its first
argument (``residents/<int:pk>``): one object of each kind, in one community. Then come somebody who is not logged in,
and everybody with a post in the next community, by GET and by POST; and those who may come in, with rubbish in every
field that a page shows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.clock import local
from accounts.models import AuditEntry, Sitting, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts.models import Alert, Drill, InboundMessage, InformantLink, Replay, Source, TimelineEntry
from alerts.policy import Way
from alerts.services import Plan, keep, make_link, plan_drill, take_in
from alerts.tests.factories import make_scene
from alerts.tests.rosters import make_duty
from campaigns.models import Campaign, Event, EventPhoto, Pledge, Problem, SignIn, Touch
from campaigns.models import Door as CampaignDoor
from campaigns.tests.factories import CampaignFactory, EventFactory, make_everyday, series_at
from cases.figures.lookback import evidence_of
from cases.models import Case, LookBack
from cases.services import open_look_back
from cases.tests.factories import CaseFactory
from notifications.models import Channel, Notice
from notifications.services import tell
from notifications.tests.factories import ChannelFactory, letter_to
from notifications.tests.outside import closed_port
from reports.drafting import reports as drafting
from reports.models import Report, ReportFile
from reports.tests.factories import make_scored
from residents.models import Area, AreaAlias, FamilyContact, FollowUp, Pairing, Post, Resident, Visit
from residents.tests.factories import (
    FamilyContactFactory,
    ResidentFactory,
    make_community,
    make_staff,
)
from sheets.models import Conflict, FileJob, Import, State, pack
from sheets.services.ordering import order_file

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

# Open to everybody: adding one is a decision.
OPEN = {
    # Informants have no log-in. The key in the address opens their own form, which shows nobody (informants-links.md).
    "alerts:inform",
    # Between the password and the second factor: whose it is stands in the session, and nothing is shown of them.
    "accounts:factor",
    # Sources have no log-in. Their token, in the address or a header, lets them leave a message and shows nothing.
    "alerts:hook",
    "alerts:hook_with_token",
    "accounts:language",
    "accounts:login",
    "admin:login",
    "campaigns:feed",  # a calendar on a telephone cannot log in; its address is the secret
    # Visitors of an event have no log-in. The key in the address opens one event's page, which shows nobody.
    "campaigns:sign_in",
    "campaigns:signed_in",
    "favicon",
    "healthz",
    "intake:api-root",
    "intake:openapi-json",
    "intake:openapi-view",
    # Texts written for residents: what the codes on leaflets and cards lead to. Words alone, of nobody.
    "knowledge:read",
    "knowledge:read_general",
    "manifest",
    "metrics",  # Prometheus cannot log in; without its token there is no such page (test_metrics.py)
    "offline",
    "worker",
}
BY_TOKEN = "intake"
HOOKS = ("alerts:hook", "alerts:hook_with_token")
MADE_BY_OTHERS = ("admin", "intake")

# Nobody else has these in their name, so that a page that shows one of them is found out.
RESIDENT, RELATIVE, GRID, CARETAKER = "麒麟居民", "貔貅家属", "饕餮网格", "朱雀专员"
SECRETS = (RESIDENT, RELATIVE, GRID, CARETAKER, "19900007701", "19900007702", "999999195001010012")
ABROAD = 4
GRID_ROLES = (Role.GRID_LEADER, Role.WARNING_SPECIALIST, Role.BUILDING_INFORMANT, Role.CARER)

NOWHERE = {"door": None, "grid": "", "others": []}
PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")

NUL, HUGE, FIRST_DAY, LAST_DAY = "\x00", "9" * 40, "0001-01-01", "9999-12-31"
SHARP = (NUL, HUGE, FIRST_DAY, LAST_DAY)
RUBBISH = (*SHARP, "", "-1", "0", "x" * 5000, "٣", "2026-02-30", "[]", "{}", "'\"><script>", "😀", "%00", "é" * 100)
USUAL_NAMES = ("q", "page", "on", "since", "until", "grid", "area", "state", "level", "kind", "role", "but", "next")


@dataclass(frozen=True)
class Door:
    """One address: its name, its route as the list of addresses has it, and whether it is open to everybody."""

    name: str
    app: str
    route: str
    is_open: bool

    @property
    def arguments(self) -> list[str]:
        """Its arguments, each as it stands in the route."""
        return re.findall(r"<[^>]+>|\(\?P<\w+>[^)]*\)\$?", self.route)

    @property
    def is_about_something(self) -> bool:
        """Whether its argument is somebody's object; a kind of file is nobody's, what is open is everybody's."""
        return bool(self.arguments) and self.arguments != ["<slug:kind>"] and self.name not in OPEN

    @property
    def kind(self) -> str:
        """Up to its first argument: what says which kind of object stands there."""
        return self.route.split(self.arguments[0])[0] + self.arguments[0]


def doors(resolver: URLResolver | None = None, app: str = "", before: str = "") -> Iterator[Door]:
    """Every address there is."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = f"{before}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from doors(entry, entry.namespace or app, route)
        elif isinstance(entry, URLPattern):
            name = f"{app}:{entry.name}" if app else str(entry.name)
            yield Door(name, app, route, is_open=not getattr(entry.callback, "login_required", True))


@dataclass(frozen=True)
class Outreach:
    """A campaign, and an event of a repetition with what is logged of it."""

    campaign: Campaign
    event: Event
    door: CampaignDoor
    paper: EventPhoto
    pledge: Pledge

    @classmethod
    def about(cls, resident: Resident, *, by: User, now: datetime) -> "Outreach":
        area = Area.objects.get(code=resident.grid.community_code)
        event = EventFactory(
            area=area,
            note=GRID,
            form="household",
            starts_at=now,
            ends_at=now,
            series=series_at(area, by),
            sign_in_key="k" * 24,
            created_by=by,
        )
        door = CampaignDoor.objects.create(event=event, household=resident.household)
        paper = EventPhoto.objects.create(
            event=event, kind="paper", caption=GRID, file=ContentFile(PICTURE, "a.jpg"), by=by, at=now
        )
        about = {"name": RESIDENT, "text": GRID, "signature": ContentFile(PICTURE, "a.jpg")}
        pledge = Pledge.objects.create(event=event, area=resident.grid, resident=resident, at=now, by=by, **about)
        return cls(CampaignFactory(area=area, title=f"{GRID}专项宣传"), event, door, paper, pledge)

    @property
    def rows(self) -> tuple[Any, ...]:
        return self.campaign, self.event, self.door, self.paper, self.pledge


@dataclass(frozen=True)
class World:
    """One object of each kind, all in one community, and somebody who may see them all."""

    alert: Alert
    resident: Resident
    contact: FamilyContact
    grid: Area
    post: Post
    alias: AreaAlias
    pairing: Pairing
    visit: Visit
    sheet: Import
    conflict: Conflict
    case: Case
    job: FileJob
    report: Report
    notice: Notice
    outreach: Outreach
    administrator: User
    everyday: Mapping[str, Any]
    follow_up: FollowUp
    look_back: LookBack
    scored: Mapping[str, Any]
    drill: Drill
    replay: Replay
    informant_link: InformantLink
    informant_key: str
    message: InboundMessage
    duty: Mapping[str, Any]
    sitting: Sitting
    robot: Channel

    @property
    def objects(self) -> Mapping[str, Any]:
        """What stands for the first argument of an address."""
        return {
            "accounts/security/sessions/<int:pk>": self.sitting.pk,
            "alerts/<int:pk>": self.alert.pk,
            "drills/<int:pk>": self.drill.pk,
            "alerts/replays/<int:pk>": self.replay.pk,
            "inform/<slug:token>": self.informant_key,
            "received/<int:pk>": self.message.pk,
            "hooks/<slug:source>": (self.message.source.code, "nobodys"),
            "informants/<int:pk>": self.informant_link.pk,
            "desk/hand-over/<int:pk>": self.duty["hand_over"].pk,
            "duty/shifts/<int:pk>": self.duty["shift"].pk,
            "duty/swaps/<int:pk>": self.duty["swap"].pk,
            "duty/rotations/<int:pk>": self.duty["rotation"].pk,
            "duty/holidays/<int:pk>": self.duty["holiday"].pk,
            "inbox/<int:pk>": self.notice.pk,
            "outreach/events/<int:pk>": self.outreach.event.pk,
            "outreach/doors/<int:pk>": self.outreach.door.pk,
            "outreach/photos/<int:pk>": self.outreach.paper.pk,
            "outreach/pledges/<int:pk>": self.outreach.pledge.pk,
            "come/<slug:key>": self.outreach.event.sign_in_key,
            "residents/<int:pk>": self.resident.pk,
            "posts/<int:pk>": self.post.pk,
            "robots/<int:pk>": self.robot.pk,
            "areas/aliases/<int:pk>": self.alias.pk,
            "alerts/raise/<int:pk>": self.resident.pk,
            "care/pairings/<int:pk>": self.pairing.pk,
            "visits/<int:pk>": self.resident.pk,
            "visits/done/<int:pk>": self.visit.pk,
            "visits/photos/<int:pk>": self.visit.pk,
            "cases/<int:pk>": self.case.pk,
            "imports/<int:pk>": self.sheet.pk,
            "imports/parked/<int:pk>": self.conflict.pk,
            "imports/<slug:kind>": self.sheet.kind,
            "files/<int:pk>": self.job.pk,
            "reports/monthly/<int:pk>": (self.report.pk, "workbook"),
            "outreach/pushes/<int:pk>": self.everyday["push"].pk,
            "outreach/pushes/groups/<int:pk>": self.everyday["group"].pk,
            "outreach/pushes/groups/members/<int:pk>": self.everyday["member"].pk,
            "outreach/sites/<int:pk>": self.everyday["site"].pk,
            "outreach/sites/photos/<int:pk>": self.everyday["refresh"].pk,
            "outreach/materials/<int:pk>": self.everyday["material"].pk,
            "outreach/meetings/<int:pk>": self.everyday["meeting"].pk,
            "outreach/problems/<int:pk>": self.everyday["problem"].pk,
            "texts/<code:code>": (self.grid.community_code, "pledge"),
            "texts/general/<text_key:key>": "pledge",
            "read/<text_key:key>": ("pledge", self.grid.community_code),
            "areas/<code:code>": self.grid.code,
            "grids/<code:code>": self.grid.code,
            "follow-ups/<int:pk>": self.follow_up.pk,
            "look-backs/<int:pk>": self.look_back.pk,
            "look-backs/of/<int:pk>": self.look_back.case_id,
            "outreach/campaigns/<int:pk>": self.outreach.campaign.pk,
            "reports/scores/<code:code>": (self.grid.community_code, "inspection"),
            "reports/scores/commendations/<int:pk>": self.scored["commendation"].pk,
            "reports/scores/inspections/<int:pk>": self.scored["inspection"].pk,
            "reports/scores/points/<int:pk>": self.scored["points"].pk,
            "reports/scores/vetoes/<int:pk>": self.scored["veto"].pk,
            "outreach/feed/<slug:token>": "nobodys",  # whoever knows a right one comes in: test_feeds
        }

    def path(self, door: Door) -> str:
        """The address of what is there. Fails where nobody has said what stands for its argument."""
        if door.app in MADE_BY_OTHERS:
            return "/" + re.sub(r"<[^>]+>|\(\?P<url>.*\)\$|\^?\(\?P<app_label>.*\)/\$", "1", door.route)
        if not door.arguments:
            return f"/{door.route}"
        if door.kind not in self.objects:
            pytest.fail(f"/{door.route} ({door.name}): say in World.objects what stands for {door.kind!r}")
        given = self.objects[door.kind]
        values = given if isinstance(given, tuple) else (given,)
        assert len(door.arguments) <= len(values), f"/{door.route}: say in World.objects what its arguments are"
        path = door.route
        for argument, value in zip(door.arguments, values, strict=False):
            path = path.replace(argument, str(value), 1)
        return f"/{path}"

    def as_it_stands(self) -> list[Any]:
        """Everything that somebody could have changed."""
        about = (self.alert, self.resident, self.contact, self.grid, self.post, self.alias, self.notice)
        things = (
            *about,
            self.drill,
            self.replay,
            self.informant_link,
            self.message,
            self.pairing,
            self.visit,
            self.sheet,
            self.conflict,
            self.case,
            self.follow_up,
            self.look_back,
            self.job,
            self.report,
            self.sitting,
            self.robot,
        )
        things += (*self.outreach.rows, *self.everyday.values(), *self.scored.values(), *self.duty.values())
        rows = [list(type(one)._default_manager.filter(pk=one.pk).values()) for one in things]
        counted = (AuditEntry, TimelineEntry, Post, Area, AreaAlias, Resident, Notice, User, Pairing, Visit, Import)
        counted += (FollowUp, Case, LookBack, Problem, FileJob, Report, ReportFile)
        counted += (Channel, Campaign, Event, CampaignDoor, EventPhoto, Pledge, SignIn, Touch)
        return [*rows, *(model._default_manager.count() for model in counted)]


def message_about(grid: Area, *, now: datetime) -> InboundMessage:
    """A message of a source of this community that nobody can read, about somebody."""
    source = Source.objects.create(code="bank-of-the-walker", name=GRID, area=grid.community)
    body = f'{{"name": "{RESIDENT}", "phone": "19900007701"'.encode()
    message = keep(way=Way.WEBHOOK, source=source, body=body, now=now)
    return take_in(message, now=now)


def month_of(grid: Area, *, by: User, now: datetime) -> Report:
    """A signed report of a grid's community, with a grid in it that nobody else has."""
    CaseFactory(grid=grid, victim_name=RESIDENT)
    return drafting.sign(prepared_report(grid.community, now=now), by=by, now=now)


def prepared_report(area: Area | None, *, now: datetime) -> Report:
    """A draft of last month's report."""
    report = drafting.prepare(area, drafting.last_month(local(now).date()), by=None, now=now) if area else None
    assert report is not None
    return report


def job_for(user: User, now: datetime) -> FileJob:
    """The order of a replay."""
    return order_file("replay", title=GRID, area_code="", options={"replay": 0}, keep_days=1, by=user, now=now)


@pytest.fixture
def world(settings) -> World:
    """A community with an alert in somebody's hands, a resident with family, and a post."""
    # Who presses a test asks nobody outside.
    settings.ROBOT_URLS = {kind: f"http://127.0.0.1:{closed_port()}/{kind}?key=" for kind in settings.ROBOT_URLS}
    return make_world()


def make_world() -> World:
    """Make one object of each kind, all in one community."""
    scene = make_scene(3)
    Area.objects.filter(pk=scene.grid.pk).update(name=GRID)
    grid = Area.objects.get(pk=scene.grid.pk)
    User.objects.filter(pk=scene.first.pk).update(name=CARETAKER)
    resident = ResidentFactory(name=RESIDENT, grid=grid, phone="19900007701", id_number="999999195001010012")
    contact = FamilyContactFactory(resident=resident, name=RELATIVE, phone="19900007702")
    with transaction.atomic():
        tell([letter_to(scene.manager)], now=datetime.now(UTC))
    now = datetime.now(UTC)
    body = pack(
        {"who": RESIDENT, "where": GRID, "values": {"name": RESIDENT}, "groups": None, "family": None} | NOWHERE
    )
    sheet = Import.objects.create(
        kind="roster", area_code=grid.code, file_name=f"{GRID}.xlsx", state=State.PREVIEW, by=scene.manager, at=now
    )
    informant = make_staff(Role.BUILDING_INFORMANT, grid, name=CARETAKER)
    drill_leader = make_staff(Role.DUTY_OFFICER, scene.place.community, phone="19900007703")
    link, key = make_link(informant, grid, by=scene.manager, now=now)
    return World(
        replay=Replay.objects.create(
            area=grid,
            first=now.date(),
            last=now.date(),
            policy_name=GRID,
            job=job_for(scene.manager, now),
            by=scene.manager,
            at=now,
        ),
        drill=plan_drill(
            Plan(scenario=GRID, level="low", grids=[grid], leader=drill_leader), by=scene.manager, now=now
        ),
        informant_link=link,
        informant_key=key,
        message=message_about(grid, now=now),
        pairing=Pairing.objects.create(resident=resident, carer=scene.first, starts_on=now.date()),
        visit=Visit.objects.create(
            resident=resident, by=scene.first, at=now, result="met", photo=ContentFile(PICTURE, "a.jpg")
        ),
        sheet=sheet,
        conflict=Conflict.objects.create(
            owner=sheet, area_code=grid.code, row=1, code="two_grids", message=GRID, body=body
        ),
        case=CaseFactory(grid=grid, victim_name=RESIDENT, victim_phone="19900007701", resident=resident, story=GRID),
        job=order_file(
            "case_ledger",
            title=GRID,
            area_code=grid.code,
            options={"first": "2026-01-01", "after": "2027-01-01"},
            keep_days=7,
            by=scene.manager,
            now=now,
        ),
        report=month_of(grid, by=scene.manager, now=now),
        alert=scene.accepted(at=datetime.now(UTC), name=RESIDENT, phone="19900007701"),
        resident=resident,
        contact=contact,
        grid=grid,
        post=Post.objects.get(user=scene.first),
        alias=AreaAlias.objects.create(area=grid, name="麒麟别名"),
        notice=Notice.objects.exclude(kind="reports.prepared").get(recipient=scene.manager),
        outreach=Outreach.about(resident, by=scene.manager, now=now),
        everyday=make_everyday(grid, resident, by=scene.manager),
        scored=make_scored(scene.place.community, words=GRID, by=scene.supervisor, on=now.date()),
        duty=make_duty(scene, now=now),
        # Made last and switched off: what is told above goes nowhere.
        robot=ChannelFactory(kind="wecom", area_code=grid.code, name=GRID, address="k" * 20, is_active=False),
        administrator=AdministratorFactory(),
        sitting=Sitting.objects.create(user=scene.manager, session_key="k" * 40, device=CARETAKER, began_at=now),
        follow_up=FollowUp.objects.create(
            resident=resident, why="fraud", days=7, due_on=now.date(), subject="case:1", chosen=scene.first
        ),
        look_back=look_back_of(resident, now=now),
    )


def look_back_of(resident: Resident, *, now: datetime) -> LookBack:
    """The look-back of a fraud just now."""
    case = CaseFactory(grid=resident.grid, resident=resident, victim_name=RESIDENT, reported_at=now)
    return open_look_back(case, evidence=evidence_of(case, now=now), by=None, now=now)


def try_door(client: Client, method: str, path: str, data: Mapping[str, Any] | None = None) -> HttpResponse | str:
    """Knock; what raises inside is handed back in words."""
    try:
        return getattr(client, method)(path, data or {})
    except Exception as error:  # noqa: BLE001 - whatever it was, somebody would have seen the page for 500
        return repr(error)[:300]


def is_refused(door: Door, answer: HttpResponse | str) -> bool:
    """Whether somebody who is not logged in was sent to the door, or a program without a token sent away."""
    if isinstance(answer, str):
        return False
    if door.app == BY_TOKEN:
        return answer.status_code in {401, 404, 405}
    return answer.status_code == 302 and answer.headers["Location"].startswith(("/accounts/login/", "/admin/login/"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_comes_in_without_logging_in(world: World, client: Client, method: str) -> None:
    assert {door.name for door in doors() if door.is_open and door.name in OPEN} == OPEN
    shut = [door for door in doors() if door.name not in OPEN]
    answers = {f"{method} /{door.route}": (door, try_door(client, method, world.path(door))) for door in shut}
    wrong = [f"{what}: {answer}" for what, (door, answer) in answers.items() if not is_refused(door, answer)]
    assert not wrong, "\n".join(["", *wrong])


def is_outside(door: Door, answer: HttpResponse | str) -> bool:
    """Whether a stranger saw nothing of what is here, and no error page."""
    if isinstance(answer, str) or (door.is_about_something and answer.status_code not in {403, 404, 405}):
        return False
    shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return not any(secret in shown.decode(errors="replace") for secret in SECRETS)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_of_the_next_community_is_not_there(world: World, client: Client, role: Role) -> None:
    abroad = make_community(ABROAD)
    client.force_login(make_staff(role, abroad.grid if role in GRID_ROLES else abroad.community))
    before, wrong = world.as_it_stands(), []
    for door in doors():
        if door.app in MADE_BY_OTHERS:
            continue
        for method in ("get", "post") if door.arguments else ("get",):
            answer = try_door(client, method, world.path(door))
            wrong += [] if is_outside(door, answer) else [f"{method} /{door.route}: {answer}"]
    assert not wrong, "\n".join(["", *wrong])
    assert world.as_it_stands() == before


@pytest.mark.parametrize("role", list(Role))
def test_the_administration_is_for_administrators_alone(world: World, client: Client, role: Role) -> None:
    client.force_login(make_staff(role, make_community().community))
    wrong = []
    for door in doors():
        if door.app == "admin" and door.name not in {"admin:login", "admin:logout"}:
            for method in ("get", "post"):
                answer = try_door(client, method, world.path(door))
                if isinstance(answer, str) or answer.status_code not in {302, 403, 404}:
                    wrong.append(f"{method} /{door.route}: {answer}")
    assert not wrong, "\n".join(["", *wrong])


@dataclass
class Form:
    """A form as a page shows it: where it goes, how, and what it holds."""

    path: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


class FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path, self.found, self.open = path, list[Form](), False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            goes_to = urlsplit(urljoin(self.path, given.get("action") or self.path)).path
            self.found.append(Form(goes_to, given.get("method", "get").lower()))
            self.open = True
        elif self.open and given.get("name") and tag in {"input", "select", "textarea", "button"}:
            self.found[-1].fields.setdefault(given["name"], given.get("value", ""))
            self.found[-1].types.setdefault(given["name"], given.get("type", tag))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = False


@dataclass
class Knocking:
    """Somebody who tries doors, each time with everything as it was before."""

    client: Client
    who: User
    wrong: list[str] = field(default_factory=list)

    def knock(self, method: str, path: str, data: Mapping[str, str]) -> HttpResponse | None:
        """Try one door and put everything back."""
        with transaction.atomic():
            answer = try_door(self.client, method, path, data)
            transaction.set_rollback(True)
        if isinstance(answer, str) or answer.status_code == 500:
            sent = {name: value[:20] for name, value in data.items()}
            self.wrong.append(f"{method} {path} {sent!r}: {answer}")
            return None
        if "sessionid" in answer.cookies and not answer.cookies["sessionid"].value:
            self.client.force_login(self.who)  # that was the door out
        return answer

    def forms_on(self, path: str) -> list[Form]:
        """Return the forms that a page shows."""
        answer = self.knock("get", path, {})
        is_page = answer is not None and answer.status_code == 200 and "html" in answer.headers.get("Content-Type", "")
        return FormReader(answer.content.decode(), path).found if is_page and answer is not None else []


def rubbish_for(form: Form) -> Iterator[dict[str, str]]:
    """All fields full of the same rubbish; then each that a page shows alone, beside what it put into the others."""
    is_shown = tuple(form.fields) != USUAL_NAMES
    for value in RUBBISH if is_shown else (*SHARP, ""):
        yield dict.fromkeys(form.fields, value)
    for name in form.fields.keys() - {"csrfmiddlewaretoken"} if is_shown else ():
        for value in sharp_for(form.types[name]):
            yield form.fields | {name: value}


def sharp_for(kind: str) -> tuple[str, ...]:
    """What a field of this kind takes for good, so that what comes after it meets it; the rest it has met above."""
    if kind == "hidden":
        return SHARP
    return (FIRST_DAY, LAST_DAY) if kind in {"date", "datetime-local", "month", "time"} else (NUL, HUGE)


@pytest.mark.parametrize("app", sorted({door.app for door in doors()} - {*MADE_BY_OTHERS}))
def test_no_rubbish_in_any_field_is_answered_with_an_error_page(world: World, client: Client, app: str) -> None:
    """Tried by an administrator, to whom every page is open."""
    client.force_login(world.administrator)
    knocking = Knocking(client, world.administrator)
    ours = [door for door in doors() if door.app == app]
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for door in ours:
        path = world.path(door)
        usual = dict.fromkeys(USUAL_NAMES, "")
        for form in (Form(path, "get", usual), Form(path, "post", usual), *knocking.forms_on(path)):
            key = (form.method, form.path, tuple(sorted(form.fields)))
            for data in rubbish_for(form) if key not in seen else ():
                knocking.knock(form.method, form.path, data)
            seen.add(key)
    assert not knocking.wrong, "\n".join(["", *knocking.wrong])
    assert len(seen) > len(ours)


def test_no_number_that_is_nobodys_is_answered_with_an_error_page(world: World, client: Client) -> None:
    client.force_login(world.administrator)
    wrong = []
    for door in doors():
        if door.app in MADE_BY_OTHERS or not door.arguments:
            continue
        for nobody in ("0", HUGE[:30], HUGE, "%00", "-1", "1%20", "x", "９"):
            path = "/" + door.route.replace(door.arguments[0], nobody)
            for method in ("get", "post"):
                answer = try_door(client, method, path)
                # Who has no token learns not even which sources there are.
                right = {401, 404, 405} if door.name in HOOKS else {404, 405}
                if isinstance(answer, str) or answer.status_code not in right:
                    wrong.append(f"{method} {path}: {answer}")
    assert not wrong, "\n".join(["", *wrong])


def test_an_address_whose_object_nobody_named_is_asked_for(world: World) -> None:
    unheard_of = Door("residents:wish", "residents", "wishes/<int:pk>/grant/", is_open=False)
    with pytest.raises(pytest.fail.Exception, match=r"say in World\.objects what stands for 'wishes/<int:pk>'"):
        world.path(unheard_of)
    assert world.path(next(door for door in doors() if door.name == "alerts:detail")) == reverse(
        "alerts:detail", args=[world.alert.pk]
    )
