"""A morning at the desk to try the program with: alerts in every state, played through the real verbs and clock.

Every time is counted back from ``now``, so the board looks lived in whenever it is loaded. One alert has been at its
grid for a minute and a half and nobody accepts it: who watches sees it handed to the second specialist by itself.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Min

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from alerts import engine, services
from alerts.models import Alert, Source, Timer
from alerts.policy import Deed, Level, Outcome
from alerts.services import Ending, Incoming
from residents.models import Post, Resident

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


PHONE, DOOR, FAMILY, REMINDED = Deed.PHONE_CONFIRMED, Deed.DOOR_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.REMINDED
XIYUAN, XIAOLU, QINGYAJU = "370105012003", "370105012004", "370105012005"

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
    Story(41, LOW, "other", "接到境外来电，通话 4 分钟", f"{XIYUAN}003", None, 4, 12),
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
    Story(4.2, HIGH, "impersonating_acquaintance", "“领导”要求代为转账", f"{XIAOLU}002", 9800, 0.9, 1.7),
    Story(1.5, LOW, "fake_shopping", "浏览仿冒购物网站", f"{XIAOLU}003"),
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


def make_alerts(*, now: datetime, seed: int = 1) -> int:
    """Play the demo's alerts up to now; return how many there are. Made once: with alerts present nothing is done.

    Needs the demo's areas, staff and residents (``residents.demo``).
    """
    if Alert.objects.exists():
        return 0
    dice = random.Random(seed)  # noqa: S311  # invented days need no secret dice
    stage = Stage(now=now, dice=dice)
    for number, story in enumerate((*_history(dice), *STORIES), start=1):
        stage.schedule(story, number=number)
    stage.play()
    busy = Post.objects.of_role(Role.WARNING_SPECIALIST).filter(area__code=f"{XIYUAN}004").order_by("pk").first()
    if busy is not None:
        services.mark_busy(busy.user, now=now, from_where="demo")
    return Alert.objects.count()


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
            )
            told.append(story)
    return told


@dataclass
class Stage:
    """The players, and what happens when. Between two events the engine runs, a little late as engines are."""

    now: datetime
    dice: random.Random
    _events: list[tuple[datetime, int, Callable[[datetime], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source, _made = Source.objects.get_or_create(code=PLATFORM, defaults={"name": "公安预警平台"})
        self.residents: dict[str, list[Resident]] = {}
        for resident in Resident.objects.exclude(phone_hash="").select_related("grid", "household").order_by("pk"):
            self.residents.setdefault(resident.grid.code, []).append(resident)

    def schedule(self, story: Story, *, number: int) -> None:
        """Set down a story's events at their times."""
        came = self.now - timedelta(minutes=story.came)
        subject = self._subject(story, number)
        number_of = f"DEMO-{came:%Y%m%d}-{number:04d}"

        def at(minutes: float | None, deed: Callable[[datetime], object]) -> None:
            if minutes is not None and (moment := came + timedelta(minutes=minutes)) <= self.now:
                self._events.append((moment, len(self._events), deed))

        def alert() -> Alert:
            return Alert.objects.get(messages__source=self.source, messages__external_id=number_of)

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
        at(0, lambda now: services.receive_one(self.source, message, now=now))
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
        )
        at(story.closed, lambda now: services.close_alert(alert(), ending=ending, by=self._worker(story), now=now))

    def play(self) -> None:
        """Let everything happen in its order."""
        for moment, _order, deed in sorted(self._events, key=lambda event: event[:2]):
            self._run_clock(until=moment)
            deed(moment)
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
        code = story.grid if role == Role.WARNING_SPECIALIST else story.grid[:12]
        people = [
            post.user
            for post in Post.objects.of_role(role).filter(area__code=code).select_related("user").order_by("pk")
        ]
        return people[1] if second else people[0]

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
