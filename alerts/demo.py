"""A morning at the desk to try the program with: alerts in every state, played through the real verbs and clock.

Every time is counted back from ``now``, so the board looks lived in whenever it is loaded. One alert has been at its
grid for a minute and a half and nobody accepts it: who watches sees it handed to the second specialist by itself.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db.models import Min
from PIL import Image, ImageDraw

from accounts.calendars import DAILY
from accounts.clock import local
from accounts.formats import moment
from accounts.models import User
from accounts.pictures import clean_picture
from accounts.roles import Role
from alerts import engine, services
from alerts.models import (
    Alert,
    Drill,
    InboundMessage,
    InformantLink,
    MappingRule,
    MappingWord,
    Observation,
    PolicyVersion,
    Replay,
    Shift,
    Source,
    SourceMapping,
    Timer,
)
from alerts.policy import Action, Deed, How, Hurry, Level, Outcome, ShiftKind, Turn, Way
from alerts.reading import check
from alerts.replay.files import steps_of_version
from alerts.replay.ordered import order_replay
from alerts.services import Ending, Incoming
from residents.models import Area, Post, Resident
from sheets.services.ordering import make_file

HIGH, MEDIUM, LOW = Level.HIGH, Level.MEDIUM, Level.LOW
PLATFORM = "police-platform"
FIRST_STRANGER_PHONE = 19900008000
DAYS_OF_HISTORY = 14
AIMED_AT_ELDERS = ("health_products", "pension_fraud", "low_price_tour", "impersonating_authority")
ELDER = 60


@dataclass(frozen=True)
class Story:
    """One alert and what people did about it, times in minutes before now (``came``) and after it came (the rest)."""

    came: float
    level: Level
    fraud_type: str
    what: str
    grid: str
    amount: int | None = None
    dispatched: float | None = None
    accepted: float | None = None
    by_second: bool = False
    deeds: Mapping[str, float] = field(default_factory=dict)
    closed: float | None = None
    outcome: Outcome = Outcome.DISSUADED
    lost: int | None = None
    note: str = ""
    spoken_to: str = "本人"
    excuses: Mapping[str, str] = field(default_factory=dict)
    voided: str = ""
    address: str = ""
    """For somebody who is not on the roster: what the platform wrote."""
    is_drill: bool = False
    needs_second: bool = False
    by_hook: bool = False
    """The bank's centre sent it, in a form of its own."""


PHONE, DOOR, FAMILY, REMINDED = Deed.PHONE_CONFIRMED, Deed.DOOR_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.REMINDED
XIYUAN, XIAOLU, QINGYAJU = "370105012003", "370105012004", "370105012005"
GRIDS_ON_CALL = (f"{XIYUAN}001", f"{XIYUAN}002")
BOTH_ON_CALL = frozenset({f"{XIYUAN}001"})
"""The grid whose two specialists are on call together: who tries the program logs in as these."""

STORIES: tuple[Story, ...] = (
    # closed within the hour
    Story(
        58,
        HIGH,
        "impersonating_authority",
        "对方自称民警，要求转入“安全账户”，屏幕共享中",
        f"{XIYUAN}001",
        36000,
        1.2,
        2.1,
        deeds={PHONE: 3, FAMILY: 5, DOOR: 8.5},
        closed=15,
        spoken_to="本人、女儿",
        note="已挂断并退出屏幕共享，七天后回访。",
    ),
    Story(
        52,
        MEDIUM,
        "fake_shopping",
        "点开陌生短信链接并填写了银行卡号",
        f"{XIYUAN}003",
        2000,
        2.5,
        6,
        deeds={REMINDED: 12},
        closed=14,
        outcome=Outcome.SAW_THROUGH,
        note="本人已自行挂失。",
    ),
    Story(
        45,
        HIGH,
        "brushing_rebate",
        "第三单要求垫付 8,000 元",
        f"{XIYUAN}002",
        8000,
        1,
        5.2,
        True,
        deeds={PHONE: 5.8, DOOR: 9.4, FAMILY: 7},
        closed=18,
        note="首位专员忙碌，第二专员到场。",
    ),
    Story(
        33,
        HIGH,
        "fake_loan",
        "已下载贷款 App，要求缴纳“保证金”",
        f"{XIYUAN}004",
        5000,
        0.8,
        1.6,
        deeds={PHONE: 2.4, DOOR: 6.1, FAMILY: 4},
        closed=9,
        outcome=Outcome.FALSE_ALARM,
        note="本人正常取款，已当面核实。",
        by_hook=True,
    ),
    Story(26, MEDIUM, "game_trade", "重复推送", f"{XIYUAN}002", None, voided="同一警情重复推送", deeds={}),
    # in hand
    Story(
        13.5,
        HIGH,
        "health_products",
        "“免费体检”后要求转账购买保健品",
        f"{XIYUAN}001",
        18000,
        1,
        2.8,
        True,
        deeds={PHONE: 3.6, FAMILY: 5},
    ),
    Story(
        7.5, HIGH, "fake_investment", "“导师”带单，正准备第二笔转账", f"{XIYUAN}002", 50000, 1, 1.8, deeds={PHONE: 3}
    ),
    Story(41, LOW, "other", "接到境外来电，通话 4 分钟", f"{XIYUAN}003", None, 4, 12, by_hook=True),
    Story(19, MEDIUM, "fake_customer_service", "对方称快递丢失要退款", f"{XIYUAN}004", 1200, 3, 9),
    # at the grid, nobody has accepted: the first of these is handed on by itself a minute and a half after the start
    Story(2.6, HIGH, "impersonating_authority", "屏幕共享中，对方自称检察院", f"{XIYUAN}003", 20000, 1.1),
    Story(6, MEDIUM, "fake_credit_report", "对方称“征信异常”要求注销网贷账户", f"{XIYUAN}001", None, 1.5),
    # to dispatch
    Story(1.2, HIGH, "fake_customer_service", "正在转账：对方自称平台客服办理“退款”", f"{XIYUAN}001", 8000),
    Story(1.9, MEDIUM, "brushing_rebate", "点击可疑链接，已加入刷单群", f"{XIYUAN}002", 500),
    Story(3.4, MEDIUM, "fake_loan", "96110 推送：疑似虚假贷款", XIYUAN, 3000, address="菜市场旁第二个小区"),
    # the neighbours
    Story(
        50,
        HIGH,
        "online_dating",
        "网恋对象要求充值",
        f"{XIAOLU}001",
        26000,
        1,
        2,
        deeds={PHONE: 3, DOOR: 8, FAMILY: 9},
        closed=13,
    ),
    Story(4.2, HIGH, "impersonating_acquaintance", "“领导”要求代为转账", f"{XIYUAN}004", 9800, 0.9, 1.7),
    Story(1.5, LOW, "fake_shopping", "浏览仿冒购物网站", f"{QINGYAJU}003"),
    Story(9, MEDIUM, "pension_fraud", "被拉入“养老项目”群", f"{QINGYAJU}001", 10000, 2),
    Story(
        22,
        MEDIUM,
        "low_price_tour",
        "低价旅游团要求预缴费用",
        f"{QINGYAJU}002",
        1980,
        3,
        8,
        deeds={REMINDED: 16},
        closed=18,
    ),
    Story(
        35,
        HIGH,
        "impersonating_authority",
        "演练：模拟“冒充公检法”",
        f"{QINGYAJU}003",
        None,
        1,
        2,
        deeds={PHONE: 3, DOOR: 7, FAMILY: 6},
        closed=12,
        is_drill=True,
    ),
)


LATE: tuple[Story, ...] = (
    # the days before: what the weekly meeting learns from
    Story(
        2 * 1440 + 190,
        HIGH,
        "fake_customer_service",
        "对方自称客服，正引导开启屏幕共享",
        f"{XIYUAN}002",
        12000,
        1,
        6.2,
        True,
        deeds={PHONE: 7, FAMILY: 9.5, DOOR: 13.5},
        closed=22,
    ),
    Story(
        3 * 1440 + 75,
        HIGH,
        "impersonating_authority",
        "老人正在银行准备转账",
        f"{XIYUAN}001",
        50000,
        None,
        6.1,
        deeds={PHONE: 7.5, FAMILY: 9, DOOR: 13},
        closed=30,
    ),
    Story(
        5 * 1440 + 260,
        MEDIUM,
        "brushing_rebate",
        "已垫付第一单",
        f"{XIYUAN}003",
        600,
        2,
        21,
        True,
        deeds={REMINDED: 38},
        closed=46,
    ),
    Story(
        9 * 1440 + 130,
        HIGH,
        "fake_investment",
        "下载了来路不明的炒股软件",
        f"{XIYUAN}002",
        30000,
        1.5,
        2.4,
        deeds={PHONE: 4, FAMILY: 5, DOOR: 17},
        closed=28,
    ),
    Story(
        6 * 1440 + 40,
        HIGH,
        "fake_loan",
        "要求先交“解冻费”",
        f"{XIAOLU}001",
        7000,
        1.2,
        3,
        deeds={PHONE: 5, FAMILY: 12.5, DOOR: 9},
        closed=25,
        outcome=Outcome.DEFRAUDED,
        lost=2000,
    ),
)


@dataclass(frozen=True)
class Told:
    """What an informant reported, times in minutes as in ``Story``."""

    came: float
    hurry: Hurry
    where: str
    what: str
    grid: str
    accepted: float
    reminded: float | None = None
    closed: float | None = None


REPORTS: tuple[Told, ...] = (
    Told(
        4 * 1440 + 35,
        Hurry.TODAY,
        "5号楼1单元门口",
        "两个陌生人挨家发“免费体检”的卡片，已经领了三位老人上车",
        f"{XIYUAN}001",
        accepted=4,
        reminded=13,
        closed=19,
    ),
    Told(11, Hurry.LOOK, "3号楼2单元", "老人这两天老打听怎么把存折里的钱转出去", f"{XIYUAN}001", accepted=6),
)


@dataclass(frozen=True)
class Played:
    """A drill of two grids, days ago; minutes after its start at which each grid accepted and was done."""

    days: float
    scenario: str
    is_announced: bool
    dispatched: tuple[float, float]
    accepted: tuple[float, float]
    done: tuple[float, float]
    lessons: str = ""


DRILLS: tuple[Played, ...] = (
    Played(
        43,
        "演练：模拟“冒充公检法”，老人正被要求共享屏幕",
        True,
        dispatched=(2.2, 4.1),
        accepted=(4.6, 9.5),
        done=(13, 17.5),
        lessons="第二网格接单晚，群里没人看手机；以后先打电话。",
    ),
    Played(
        12,
        "演练：模拟“刷单返利”，青年正准备第三笔垫付",
        False,
        dispatched=(1.4, 1.9),
        accepted=(2.5, 5.6),
        done=(9.8, 13.5),
        lessons="第二网格首位专员没接，三分钟后自动转给第二专员，上门慢了一分半。",
    ),
)


def _snapshot() -> bytes:
    """Return what an informant's photo could be: a leaflet on a door."""
    picture = Image.new("RGB", (480, 360), "#6d6f73")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((150, 40, 330, 320), fill="#fbf3df")
    for line in range(6):
        pen.rectangle((170, 80 + 36 * line, 310 - 18 * (line % 3), 92 + 36 * line), fill="#b02a2a")
    out = BytesIO()
    picture.save(out, "JPEG")
    return clean_picture(out.getvalue())


def _do(
    verb: Callable[..., object], alert: Callable[[str], Alert], code: str, by: User, now: datetime, **more: Any
) -> object:
    return verb(alert(code), by=by, now=now, **more)


def make_alerts(*, now: datetime, seed: int = 1) -> int:
    """Play the demo's alerts up to now; return how many there are. Made once: with alerts present nothing is done.

    Needs the demo's areas, staff and residents (``residents.demo``).
    """
    if Alert.objects.exists():
        return 0
    dice = random.Random(seed)  # noqa: S311  # invented days need no secret dice
    stage = Stage(now=now, dice=dice)
    for number, story in enumerate((*_history(dice), *STORIES, *LATE), start=1):
        stage.schedule(story, number=number)
    for played in DRILLS:
        stage.schedule_drill(played)
    for told in REPORTS:
        stage.schedule_report(told)
    stage.play()
    _make_messages(stage.source, stage.bank, now=now)
    busy = Post.objects.of_role(Role.WARNING_SPECIALIST).filter(area__code=f"{XIYUAN}004").order_by("pk").first()
    if busy is not None:
        services.mark_busy(busy.user, now=now, from_where="demo")
    return Alert.objects.count()


BANK_SAMPLE = {
    "bizNo": "FZ202604020017",
    "riskLevel": "一类",
    "scene": "冒充公检法及政府机关",
    "customer": {"name": "王某某", "mobile": "19900000017", "addr": "3号楼2单元401"},
    "grid": f"{XIYUAN}001",
    "amount": "50000",
    "time": "2026-04-02 12:00:00",
    "remark": "柜面发现客户正在向陌生账户转账",
}
BANK_FIELDS = (
    ("external_id", "bizNo"),
    ("level", "riskLevel"),
    ("fraud_type", "scene"),
    ("name", "customer.name"),
    ("phone", "customer.mobile"),
    ("address", "customer.addr"),
    ("area_code", "grid"),
    ("description", "remark"),
    ("amount_at_risk", "amount"),
    ("warned_at", "time"),
)
BANK_LEVELS = {"一类": HIGH, "二类": MEDIUM, "三类": LOW}
BANK_LABELS = (("external_id", "编号"), ("level", "等级"), ("name", "客户"), ("phone", "电话"), ("address", "地址"))
BANK_LETTER = "编号：FZ202604020018\n等级：一类\n客户：王某某\n电话：19900000017\n地址：3号楼2单元401\n正在转账。\n"


def make_bank(*, now: datetime) -> Source:
    """Return the bank's centre, which posts and mails in forms of its own; both have a mapping that is on."""
    area = Area.objects.filter(code=XIYUAN).first()
    bank, is_new = Source.objects.get_or_create(code="bank", defaults={"name": "银行反诈中心", "area": area})
    if is_new:
        sample = json.dumps(BANK_SAMPLE, ensure_ascii=False, indent=2)
        hook = SourceMapping.objects.create(source=bank, way=Way.WEBHOOK, sample=sample)
        mail = SourceMapping.objects.create(source=bank, way=Way.EMAIL, sample=BANK_LETTER, senders="@bank.example")
        rules = [MappingRule(mapping=hook, field=name, how=How.PATH, where=path) for name, path in BANK_FIELDS]
        rules += [MappingRule(mapping=mail, field=name, how=How.LABEL, where=label) for name, label in BANK_LABELS]
        MappingRule.objects.bulk_create([*rules, MappingRule(mapping=mail, field="description", how=How.TEXT)])
        for mapping in (hook, mail):
            words = (MappingWord(mapping=mapping, field="level", said=s, means=m) for s, m in BANK_LEVELS.items())
            MappingWord.objects.bulk_create(words)
            services.switch_mapping(mapping, on=True, by=None, now=now)
    return bank


def _bank_says(message: Incoming, **other: str) -> bytes:
    """Return a message in the bank's own form."""
    level = next(word for word, meant in BANK_LEVELS.items() if meant == message.level)
    said = {
        "bizNo": message.external_id,
        "riskLevel": level,
        "scene": message.fraud_type,
        "customer": {"name": message.name, "mobile": message.phone, "addr": message.address},
        "grid": message.area_code,
        "amount": str(message.amount_at_risk or ""),
        "time": f"{local(message.warned_at):%Y-%m-%d %H:%M:%S}" if message.warned_at else "",
        "remark": message.description,
    }
    return json.dumps(said | other, ensure_ascii=False).encode()


def _post_to_hook(source: Source, message: Incoming, *, now: datetime) -> InboundMessage:
    kept = services.keep(
        way=Way.WEBHOOK, source=source, body=_bank_says(message), now=now, content_type="application/json"
    )
    return services.take_in(kept, now=now)


def _make_messages(platform: Source, bank: Source, *, now: datetime) -> None:
    """Let some messages come that nobody can read yet: a level that no table knows, half a message, a stranger's mail,
    and one that the interface refused."""
    stranger = Incoming("FZ202611270031", HIGH, name="赵某某", phone="19900008801", area_code=f"{XIYUAN}002")
    bodies = (_bank_says(stranger, riskLevel="特急"), _bank_says(stranger).decode()[:70].encode())
    for minutes, body in zip((27, 140), bodies, strict=True):
        at = now - timedelta(minutes=minutes)
        kept = services.keep(way=Way.WEBHOOK, source=bank, body=body, now=at, content_type="application/json")
        services.take_in(kept, now=at)
    at = now - timedelta(hours=5)
    letter = "From: duty@telecom.example\nSubject: =?utf-8?B?6aKE6K2m?=\nContent-Type: text/plain; charset=utf-8\n\n"
    raw = (letter + BANK_LETTER).encode()
    mail = services.keep(way=Way.EMAIL, source=None, body=raw, now=at, sender="duty@telecom.example")
    services.take_in(mail, now=at)
    refused = {"external_id": "PG-2026-0931", "level": "urgent", "subject": {"name": "李某", "phone": "19900008802"}}
    faults = check(refused, now=now)
    if isinstance(faults, list):
        body, at = json.dumps(refused, ensure_ascii=False).encode(), now - timedelta(hours=9)
        services.keep_refused(platform, body, faults, now=at, limit=services.LARGEST_KEPT)


def make_replay(*, now: datetime) -> int:
    """Have a grid's last days played under a draft of the policy, for its manager; return how many there are."""
    grid = Area.objects.filter(code=f"{XIYUAN}003").first()
    managers = _holders(Role.MANAGER, grid.parent) if grid is not None and grid.parent is not None else []
    if Replay.objects.exists() or grid is None or not managers:
        return Replay.objects.count()
    draft = services.copy_to_draft(
        PolicyVersion.objects.in_force(), name="试行：中风险 8 分钟转第二专员", by=None, now=now
    )
    draft.steps.filter(do=Action.HAND_TO_SECOND, level=MEDIUM).update(at_seconds=480)
    last = local(now).date()
    replay = order_replay(
        grid,
        last - timedelta(days=6),
        last,
        policy=(draft.name, steps_of_version(draft)),
        roster=("", None),
        by=managers[0],
        now=now,
    )
    make_file(replay.job_id or 0, now=now)
    return 1


def make_roster(*, now: datetime) -> int:
    """Make the duty rosters of the demo for last week and the next weeks; return how many shifts there are.

    Made once. Tomorrow night nobody is at the first community's desk, and one duty officer asks another to swap. The
    grid where an alert waits to be handed on keeps no roster: there both specialists are on call.
    """
    if Shift.objects.exists():
        return 0
    begun = now - timedelta(days=7)
    for community in Area.objects.filter(code__in=(XIYUAN, XIAOLU, QINGYAJU)).order_by("code"):
        _make_rotations(community, now=begun)
    services.make_next_shifts(now=now)
    _make_hole_and_swap(now=now)
    return Shift.objects.count()


def _make_rotations(community: Area, *, now: datetime) -> None:
    manager = _holders(Role.MANAGER, community)[0]
    officers = _holders(Role.DUTY_OFFICER, community)
    turned = [*officers[1:], officers[0]]
    duties: list[tuple[Area, ShiftKind, str, int, int, Turn, Sequence[User]]] = [
        (community, ShiftKind.DESK, "白班", 8, 20, Turn.DATE, officers),
        (community, ShiftKind.DESK, "夜班", 20, 8, Turn.DATE, turned),
    ]
    for grid in Area.objects.filter(parent=community, code__in=GRIDS_ON_CALL).order_by("code"):
        specialists = _holders(Role.WARNING_SPECIALIST, grid)
        duties.append((grid, ShiftKind.ON_CALL, "备勤", 0, 0, Turn.WEEK, specialists))
    for area, kind, name, starts, ends, turn, people in duties:
        services.begin_rotation(
            services.Pattern(
                area=area,
                kind=kind,
                name=name,
                rule=DAILY,
                starts=time(starts),
                ends=time(ends),
                first_on=local(now).date(),
                turn=turn,
                people=people,
                at_once=2 if area.code in BOTH_ON_CALL else 1,
            ),
            by=manager,
            now=now,
        )


def _holders(role: Role, area: Area) -> list[User]:
    posts = Post.objects.of_role(role).filter(area=area).select_related("user").order_by("pk")
    return [post.user for post in posts]


def _make_hole_and_swap(*, now: datetime) -> None:
    community = Area.objects.get(code=XIYUAN)
    manager, (first, second, *_others) = _holders(Role.MANAGER, community)[0], _holders(Role.DUTY_OFFICER, community)
    today = local(now).date()
    desk = Shift.objects.at_desks().filter(area=community, starts_at__gt=now).order_by("starts_at")
    for shift in desk.filter(name="夜班", occurs_on=today + timedelta(days=1)):
        services.remove_shift(shift, by=manager, now=now)
    theirs = desk.filter(user=second, occurs_on__gt=today + timedelta(days=2)).first()
    if theirs is not None:
        services.ask_swap(theirs, of=first, by=second, now=now, note="家中有事，想和您换一天")
    page = {"as_of": moment(now - timedelta(hours=5)), "received": 3, "high": 1, "open": [], "missed": []}
    signed = services.leave_shift(
        community,
        page=page,
        watch="3号楼2单元401的老人上周两次接到冒充客服的电话，今晚再打一次回访。",
        begins_at=now - timedelta(hours=17),
        by=first,
        now=now - timedelta(hours=5),
    )
    services.take_shift(signed, by=second, now=now - timedelta(hours=5) + timedelta(minutes=4))


def _history(dice: random.Random) -> Sequence[Story]:
    """Return some alerts of the days before, all closed: what lists and figures need to have a shape."""
    types = (
        "brushing_rebate",
        "fake_investment",
        "fake_shopping",
        "fake_loan",
        "impersonating_authority",
        "health_products",
    )
    outcomes = (Outcome.DISSUADED, Outcome.DISSUADED, Outcome.SAW_THROUGH, Outcome.FALSE_ALARM, Outcome.DEFRAUDED)
    told = []
    for day in range(DAYS_OF_HISTORY, 0, -1):
        for _one in range(dice.randint(1, 3)):
            level = dice.choice((HIGH, MEDIUM, MEDIUM))
            outcome = dice.choice(outcomes)
            pushed, taken = dice.uniform(0.5, 4), dice.uniform(0.5, 2.5)
            deeds = (
                {PHONE: 1.5, FAMILY: 3.5, DOOR: dice.uniform(4, 7.8)}
                if level == HIGH
                else {REMINDED: dice.uniform(4, 22)}
            )
            amount = dice.randrange(500, 60000, 100)
            story = Story(
                came=day * 1440 + dice.uniform(-500, 500),
                level=level,
                fraud_type=dice.choice(types),
                what="平台推送",
                grid=f"{dice.choice((XIYUAN, XIYUAN, XIAOLU, QINGYAJU))}{dice.randint(1, 3):03d}",
                amount=amount,
                dispatched=pushed,
                accepted=pushed + taken,
                deeds={deed: pushed + taken + after * 0.75 for deed, after in deeds.items()},
                closed=pushed + taken + 26,
                outcome=outcome,
                lost=amount if outcome == Outcome.DEFRAUDED else None,
                needs_second=outcome == Outcome.DISSUADED and day % 2 == 0,
            )
            told.append(story)
    return told


@dataclass
class Stage:
    """The players, and what happens when. Between two events the engine runs, a little late as engines are."""

    now: datetime
    dice: random.Random
    _events: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)
    _people: dict[tuple[Role, str], list[User]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source, _made = Source.objects.get_or_create(code=PLATFORM, defaults={"name": "公安预警平台"})
        self.bank = make_bank(now=self.now)
        self.residents: dict[str, list[Resident]] = {}
        for resident in Resident.objects.exclude(phone_hash="").select_related("grid", "household").order_by("pk"):
            self.residents.setdefault(resident.grid.code, []).append(resident)

    def schedule(self, story: Story, *, number: int) -> None:
        """Set down a story's events at their times."""
        came = self.now - timedelta(minutes=story.came)
        subject = self._subject(story, number)
        number_of = f"DEMO-{came:%Y%m%d}-{number:04d}"
        source = self.bank if story.by_hook else self.source

        def at(minutes: float | None, deed: Callable[[datetime], object]) -> None:
            if minutes is not None and (moment := came + timedelta(minutes=minutes)) <= self.now:
                self._events.append((moment, len(self._events), deed))

        def alert() -> Alert:
            return Alert.objects.get(messages__source=source, messages__external_id=number_of)

        message = Incoming(
            external_id=number_of,
            level=story.level,
            fraud_type=story.fraud_type,
            description=story.what,
            amount_at_risk=Decimal(story.amount) if story.amount else None,
            warned_at=came - timedelta(seconds=self.dice.randint(20, 90)),
            is_drill=story.is_drill,
            **subject,
        )
        receive = partial(_post_to_hook, source) if story.by_hook else partial(services.receive_one, source)
        at(0, lambda now: receive(message, now=now))
        if story.voided:
            at(
                2,
                lambda now: services.void_alert(
                    alert(), reason=story.voided, by=self._of(Role.DUTY_OFFICER, story), now=now
                ),
            )
            return
        at(
            story.dispatched,
            lambda now: services.dispatch_alert(alert(), by=self._of(Role.DUTY_OFFICER, story), now=now),
        )
        at(story.accepted, lambda now: services.accept_alert(alert(), by=self._worker(story), now=now))
        for deed, minutes in story.deeds.items():
            at(minutes, partial(self._record, alert, deed, story))
        ending = Ending(
            outcome=story.outcome,
            spoken_to=story.spoken_to,
            lost=Decimal(story.lost) if story.lost else None,
            prevented=Decimal(story.amount) if story.amount and story.outcome == Outcome.DISSUADED else None,
            note=story.note,
            excuses=story.excuses,
            needs_second_feedback=story.needs_second,
        )
        at(story.closed, lambda now: services.close_alert(alert(), ending=ending, by=self._worker(story), now=now))

    def schedule_report(self, told: Told) -> None:
        """Set down an informant's report, and what the grid makes of it."""
        came = self.now - timedelta(minutes=told.came)
        link = self._link(told.grid)
        made: list[Observation] = []

        def at(minutes: float | None, deed: Callable[[datetime], object]) -> None:
            if minutes is not None:
                self._events.append((came + timedelta(minutes=minutes), len(self._events), deed))

        def worker() -> User:
            return self._post(Role.WARNING_SPECIALIST, told.grid)

        seen = services.Seen(told.where, told.what, told.hurry, _snapshot() if told.closed else b"")
        ended = Ending(outcome=Outcome.DISSUADED, spoken_to="resident")
        at(0, lambda now: made.append(services.report(link, press=uuid5(NAMESPACE_URL, told.what), seen=seen, now=now)))
        at(told.accepted, lambda now: services.accept_alert(made[0].alert, by=worker(), now=now))
        at(
            told.reminded,
            lambda now: services.record_deed(made[0].alert, deed=REMINDED, by=worker(), now=now),
        )
        at(told.closed, lambda now: services.close_alert(made[0].alert, ending=ended, by=worker(), now=now))
        if told.closed is not None:
            leader = self._post(Role.GRID_LEADER, told.grid)
            at(told.closed + 30, lambda now: services.thank(made[0], by=leader, now=now))

    def schedule_drill(self, played: Played) -> None:
        """Set down a drill in the first two grids: in the second the first specialist never presses."""
        start = self.now - timedelta(days=played.days)
        codes = (f"{XIYUAN}001", f"{XIYUAN}002")
        manager, desk = self._post(Role.MANAGER, XIYUAN), self._post(Role.DUTY_OFFICER, XIYUAN)
        made: list[Drill] = []
        plan = services.Plan(
            scenario=played.scenario,
            level=HIGH,
            grids=list(Area.objects.filter(code__in=codes)),
            leader=manager,
            is_announced=played.is_announced,
        )

        def at(minutes: float, deed: Callable[[datetime], object]) -> None:
            self._events.append((start + timedelta(minutes=minutes), len(self._events), deed))

        def alert(code: str) -> Alert:
            return Alert.objects.get(drill_part__drill=made[0], area_code=code)

        ended = Ending(outcome=Outcome.DISSUADED, spoken_to="resident", note="演练。")
        at(0, lambda now: made.append(services.plan_drill(plan, by=manager, now=now)))
        for place, code in enumerate(codes):
            worker = self._post(Role.WARNING_SPECIALIST, code, second=bool(place))
            accepted, done = played.accepted[place], played.done[place]
            at(played.dispatched[place], partial(_do, services.dispatch_alert, alert, code, desk))
            at(accepted, partial(_do, services.accept_alert, alert, code, worker))
            for deed, share in ((PHONE, 0.2), (FAMILY, 0.5), (DOOR, 1)):
                minutes = accepted + (done - accepted) * share
                at(minutes, partial(_do, services.record_deed, alert, code, worker, deed=deed))
            at(done + 2, partial(_do, services.close_alert, alert, code, worker, ending=ended))
        if played.lessons:
            at(120, lambda now: services.write_lessons(made[0], lessons=played.lessons, by=manager, now=now))

    def _link(self, grid: str) -> InformantLink:
        """Return the living link of a grid's informant; the demo's own key is nobody's."""
        informant, area = self._post(Role.BUILDING_INFORMANT, grid), Area.objects.get(code=grid)
        found = InformantLink.objects.valid().filter(informant=informant, area=area).first()
        return found or services.make_link(informant, area, by=None, now=self.now - timedelta(days=30))[0]

    def _post(self, role: Role, code: str, *, second: bool = False) -> User:
        """Return the first who holds a post at an area, or the second. No post changes hands while a demo is played."""
        if (role, code) not in self._people:
            posts = Post.objects.of_role(role).filter(area__code=code).select_related("user").order_by("pk")
            self._people[role, code] = [post.user for post in posts]
        return self._people[role, code][int(second)]

    def play(self) -> None:
        """Let everything happen in its order."""
        for at, _order, deed in sorted(self._events, key=lambda event: event[:2]):
            self._run_clock(until=at)
            deed(at)
        self._run_clock(until=self.now)

    def _run_clock(self, *, until: datetime) -> None:
        while (due := Timer.objects.pending().aggregate(at=Min("wake_at"))["at"]) and due <= until:
            engine.sweep(now=min(until, due + timedelta(milliseconds=self.dice.randint(60, 900))), guard="demo")

    def _record(self, alert: Callable[[], Alert], deed: str, story: Story, now: datetime) -> object:
        return services.record_deed(alert(), deed=deed, by=self._worker(story), now=now)

    def _worker(self, story: Story) -> User:
        return self._of(Role.WARNING_SPECIALIST, story, second=story.by_second)

    def _of(self, role: Role, story: Story, *, second: bool = False) -> User:
        """Return who holds a post at the story's grid or, for the desk, at its community."""
        return self._post(role, story.grid if role == Role.WARNING_SPECIALIST else story.grid[:12], second=second)

    def _subject(self, story: Story, number: int) -> dict[str, Any]:
        """Return whom a story is about: somebody of the roster, or a stranger where an address is given."""
        if story.address:
            return {
                "name": "",
                "phone": str(FIRST_STRANGER_PHONE + number),
                "address": story.address,
                "area_code": story.grid,
            }
        living = self.residents[story.grid]
        if story.fraud_type in AIMED_AT_ELDERS:
            on = local(self.now).date()
            living = [one for one in living if (one.age(on) or 0) >= ELDER] or living
        resident = living[number * 7 % len(living)]
        return {"name": resident.name, "phone": resident.phone, "address": resident.address, "area_code": story.grid}
