"""A ledger of two years to try the program with: invented cases whose dates follow today.

Some happened to people of the demo's roster, some to people on no roster, as in every community; two are those that a
public document tells (S1): an elder and health products, a graduate and the third brushing order.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.clock import LOCAL_TZ, local
from accounts.models import User
from alerts.models import Alert
from alerts.policy import Outcome
from cases.models import Case
from cases.policy import Approach, Status
from cases.services import carried_from_roster, enter_case
from knowledge.models import FraudType
from residents.models import Area, Resident, Sex

MONTHS = 25
HOW_MANY = 60
DAYS_OF_A_MONTH = 30
XIYUAN, XIAOLU, QINGYAJU = "370105012003", "370105012004", "370105012005"
WEIGHTS = {XIYUAN: 5, XIAOLU: 3, QINGYAJU: 2}
BEFORE_IT_WORKED, SINCE, YEAR = 6, 1, timedelta(days=365)
"""How much more often frauds hit one community until a year ago than since: outreach there reached everybody."""
IN_THE_OFFICES_FILE = tuple((date(year, 2, 1), date(year, 5, 1)) for year in (2025, 2026))
"""The months of which that community's own file is there to be imported: its figures shall be the file's alone."""
LATEST_REPORT = timedelta(minutes=1800)
ELDER = 60
TYPES = ("brushing_rebate", "fake_investment", "fake_customer_service", "fake_loan", "game_trade", "fake_credit_report")
ELDER_TYPES = ("health_products", "pension_fraud", "elder", "impersonating_authority", "posing_as_child")
STORIES = {
    "brushing_rebate": "在群里看到刷单广告，前几单返还本金，之后垫付被拉黑。",
    "fake_investment": "被拉入投资群，下载 App 充值后无法提现。",
    "fake_customer_service": "来电称快递丢失双倍赔付，诱导开启屏幕共享后转账。",
    "fake_loan": "在网上申请贷款，被要求先交“保证金”。",
    "game_trade": "出售游戏账号，被诱导到虚假平台交“解冻费”。",
    "fake_credit_report": "来电称征信有问题，要求把钱转到“监管账户”。",
    "health_products": "参加“免费体检”后被推销所谓特效保健品。",
    "pension_fraud": "被高息“养老项目”吸引，预交款后对方失联。",
    "elder": "被冒充的工作人员以“养老补贴”为由骗走存款。",
    "impersonating_authority": "对方自称民警，要求转入“安全账户”。",
    "posing_as_child": "收到自称是孩子的短信，称换了号码急需用钱。",
}


@dataclass(frozen=True)
class Told:
    """A case that a document tells: so many days ago, of whom, how much, what."""

    days_ago: int
    kind: str
    lost: int
    sex: Sex
    age: int
    occupation: str
    approach: Approach
    story: str


TOLD = (
    Told(
        58,
        "health_products",
        18_000,
        Sex.FEMALE,
        68,
        "退休",
        Approach.PHONE,
        "来电推销保健品，先免费体验，再以返现诱导转账。",
    ),
    Told(
        40,
        "brushing_rebate",
        8_000,
        Sex.MALE,
        22,
        "待业",
        Approach.WECHAT,
        "兼职群里刷单，前两单返还，第三单垫付后被拉黑。",
    ),
)


def make_cases(*, now: datetime, seed: int = 7) -> int:
    """Enter the demo's cases once, through the verb that people use; return how many there are."""
    if Case.objects.exists():
        return Case.objects.count()
    maker = _Maker(now=now, dice=random.Random(seed))  # noqa: S311 - invented people
    for told in TOLD:
        maker.enter_told(told)
    for alert in Alert.objects.real().filter(outcome=Outcome.DEFRAUDED, grid__isnull=False).order_by("pk"):
        maker.enter_from_alert(alert)
    while maker.entered < HOW_MANY:
        maker.enter_another()
    return maker.entered


class _Maker:
    """Holds what the cases are made of."""

    def __init__(self, *, now: datetime, dice: random.Random) -> None:
        self.now, self.dice, self.entered = now, dice, 0
        self.types = {one.code: one for one in FraudType.objects.all()}
        areas = Area.objects.where_people_live()
        self.communities = {one.code: one for one in areas if one.code in WEIGHTS}
        self.grids = {code: [one for one in areas if one.parent == area] for code, area in self.communities.items()}
        people = Resident.objects.living_here().select_related("grid").prefetch_related("memberships")
        self.people = [one for one in people.order_by("pk") if one.birth_on is not None]
        self.by: User | None = User.objects.filter(username="manager.012003.1").first()

    def enter_told(self, told: Told) -> None:
        """Enter a case as a document tells it."""
        at = self._moment(told.days_ago)
        self._enter(
            at,
            told.kind,
            told.lost,
            {
                "victim_name": self._stranger(),
                "victim_sex": told.sex,
                "victim_age": told.age,
                "victim_occupation": told.occupation,
                "approach": told.approach,
                "story": told.story,
                "grid": self._grid(at),
                "was_warned": False,
            },
        )

    def enter_from_alert(self, alert: Alert) -> None:
        """Enter the case that a closed alert became."""
        kind = alert.actual_fraud_type or alert.fraud_type or self.types["other"]
        warned = alert.warned_at or alert.received_at
        values: dict[str, Any] = {"alert": alert, "was_warned": True, "warned_at": warned, "story": alert.description}
        values |= {"grid": alert.grid, "victim_name": alert.subject_name}
        if alert.resident is not None:
            values |= self._victim(alert.resident, on=local(warned).date())
        values |= {"reported_at": alert.closed_at or self.now, "status": Status.REPORTED, "filed_on": None}
        self._enter(warned, kind.code, int(alert.amount_lost or 5_000), values)

    def enter_another(self) -> None:
        """Enter one more, invented throughout: four of ten aimed at elders, two of three on the roster."""
        dice = self.dice
        at = self._moment(dice.randrange(3, MONTHS * DAYS_OF_A_MONTH))
        is_elder = dice.random() < 0.4
        values: dict[str, Any] = {"grid": self._grid(at), "approach": dice.choice(list(Approach)[:7])}
        values |= self._somebody(values["grid"], is_elder=is_elder, on=local(at).date())
        kind = dice.choice(ELDER_TYPES if is_elder else TYPES)
        lost = round(dice.lognormvariate(9.2, 1.1), -2)
        if is_warned := dice.random() < 0.4:
            values |= {"warned_at": at - timedelta(minutes=dice.randrange(5, 60))}
        if dice.random() < 0.35:
            kept = Decimal(dice.randrange(5, 400)) * 100
            values |= {"amount_prevented": kept, "prevented_judged_by": "社区民警"}
        if dice.random() < 0.25:
            values |= {"amount_returned": Decimal(int(lost * dice.choice((0.1, 0.3, 0.5))))}
        values |= {"was_warned": is_warned, "story": STORIES[kind], "is_elder_fraud": is_elder}
        self._enter(at, kind, int(lost), values)

    def _enter(self, at: datetime, kind: str, lost: int, values: dict[str, Any]) -> None:
        waited = self.dice.uniform(0.01, 1) * LATEST_REPORT
        reported = min((at + waited).replace(second=0, microsecond=0), self.now)
        filed = local(reported).date() + timedelta(days=self.dice.randrange(0, 5))
        is_filed = filed < local(self.now).date() and self.dice.random() < 0.8
        grid: Area = values["grid"]
        case = {
            "occurred_at": at,
            "reported_at": reported,
            "filed_on": filed if is_filed else None,
            "status": self.dice.choice((Status.FILED, Status.FILED, Status.SOLVED)) if is_filed else Status.REPORTED,
            "fraud_type": self.types[kind],
            "is_elder_fraud": self.types[kind].is_elder,
            "amount_lost": Decimal(lost),
            "community": grid.parent,
            **values,
        }
        assert self.by is not None  # the demo has a manager
        enter_case(case, by=self.by, now=max(case["reported_at"], self.now - timedelta(days=1)))
        self.entered += 1

    def _moment(self, days_ago: int) -> datetime:
        day = local(self.now).date() - timedelta(days=days_ago)
        hour = self.dice.choice((8, 9, 9, 10, 10, 11, 13, 14, 15, 15, 16, 17, 19, 20, 21, 22))
        return datetime(day.year, day.month, day.day, hour, self.dice.randrange(60), tzinfo=LOCAL_TZ)

    def _grid(self, at: datetime) -> Area:
        """Return where the next victim lives: not where the office's own file says all."""
        codes = WEIGHTS | {XIAOLU: SINCE if self.now - at < YEAR else BEFORE_IT_WORKED}
        reported_by = local(at + LATEST_REPORT).date()
        if any(first <= reported_by and local(at).date() < after for first, after in IN_THE_OFFICES_FILE):
            del codes[XIYUAN]
        code = self.dice.choices(list(codes), list(codes.values()))[0]
        return self.dice.choice(self.grids[code])

    def _somebody(self, grid: Area, *, is_elder: bool, on: date) -> dict[str, Any]:
        """Return a victim of a grid: of the roster, or somebody on none."""
        fitting = [one for one in self.people if one.grid_id == grid.pk and _fits(one, is_elder=is_elder, on=on)]
        if fitting and self.dice.random() < 0.65:
            return self._victim(self.dice.choice(fitting), on=on)
        age = self.dice.randrange(ELDER, 85) if is_elder else self.dice.randrange(18, ELDER)
        sex = self.dice.choice(list(Sex))
        job = "退休" if is_elder else self.dice.choice(("公司职员", "个体工商户", "待业", "学生", "家庭主妇"))
        return {"victim_name": self._stranger(), "victim_sex": sex, "victim_age": age, "victim_occupation": job}

    def _victim(self, resident: Resident, *, on: date) -> dict[str, Any]:
        carried = carried_from_roster(resident, on=on)
        del carried["area"]
        return carried | {"resident": resident, "grid": resident.grid}

    def _stranger(self) -> str:
        surname = self.dice.choice("赵钱孙李周吴郑王冯陈")
        return surname + self.dice.choice(("小雨", "建新", "丽娜", "晨", "佳", "永生", "桂荣", "志远"))


def _fits(resident: Resident, *, is_elder: bool, on: date) -> bool:
    age = resident.age(on)
    return age is not None and (age >= ELDER if is_elder else 18 <= age < ELDER)
