"""What was planned and held: S0's campaign with its three events, and the coming weeks of 西苑社区."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.clock import LOCAL_TZ, local
from accounts.models import User
from campaigns import services
from campaigns.models import Campaign, Event, EventPartner, Organisation, Volunteer
from campaigns.policy import Audience, EventState, Form, OrganisationKind, Repeat
from campaigns.services import Line, NewPartner, Plan
from knowledge.models import FraudType
from residents.models import Area

XIYUAN, XIAOLU, QINGYAJU = "370105012003", "370105012004", "370105012005"
PLANNER = "outreach_worker.012003.1"
HEALTH_DAY = 10
TUESDAY = 1

CAMPAIGN = {
    "title": "反诈宣传进社区与手机套餐优化",
    "starts_on": date(2023, 12, 1),
    "ends_on": date(2024, 1, 31),
    "background": "手机和网络已是居民日常所需，诈骗手法也随之翻新，一些手机套餐扣费不清。\n"
    "走访了解到，辖区老人和孩子多，防骗意识偏弱；不少老人怕扣流量费，不愿使用智能手机，出行、就医、购物都不方便。",
    "problems_macro": "诈骗多在电话和网上进行，不见面、难追回；部分套餐条款复杂，居民难以看懂。",
    "problems_meso": "社区里反诈和流量知识讲得少，可用的专业资源不多，宣传没有形成常态。",
    "problems_micro": "居民年龄偏大，接触新技术少，常因不了解而上当。",
    "needs_macro": "电信网络诈骗可以预防，宣传要走在发案前面。",
    "needs_meso": "社区需要经常性的宣传，并请来能当面答疑的单位。",
    "needs_micro": "老人需要有人手把手教：怎样识别来电、怎样选套餐、怎样安装国家反诈中心App。",
    "theory": "以利他主义为依据，社区、社工、社会组织、志愿者和慈善资源五方联动，为居民提供服务。",
    "objectives": "提高居民识别诈骗的能力，减少发案；帮助居民看清套餐；让更多居民参与社区活动。",
    "plan": "在三个社区各办一场，现场发放资料、讲解案例、协助安装App；请中国联通到场提供套餐咨询。",
    "actual": "三场活动如期举行。中国联通未能到场，由小米手机店提供套餐咨询，并现场办理流量卡。"
    "出入口和宣传栏张贴了宣传资料。",
    "evaluation": "居民反映案例好懂、套餐问题当场能问清；社工站与居民的联系更紧密。",
    "reflection": "没有请到公安、银行等权威单位，开始时部分居民有疑虑；志愿者少、来的人多，现场秩序较乱。"
    "今后提前邀请权威单位，并培养固定的志愿者队伍。",
}
BUDGET = (
    Line("反诈宣传单", Decimal("0.30"), 600, 560),
    Line("宣传海报", Decimal("6.00"), 30, 30),
    Line("小礼品", Decimal("3.50"), 200, 186),
)


@dataclass(frozen=True)
class HeldBefore:
    """One of S0's events, as it was held."""

    code: str
    on: date
    place: str
    expected: int
    heads: int
    installs: int
    reflection: str


HELD = (
    HeldBefore(
        XIYUAN, date(2023, 12, 8), "西苑小区东门广场", 60, 92, 21,
        "没有权威单位到场，开始时居民半信半疑。下次先请社区民警。",
    ),
    HeldBefore(
        XIAOLU, date(2023, 12, 29), "小鲁庄社区文化广场", 60, 78, 17,
        "来的人多、志愿者只有一位，排队较乱。下次按人数配志愿者。",
    ),
    HeldBefore(
        QINGYAJU, date(2024, 1, 4), "清雅居社区活动室", 50, 64, 15,
        "老人问套餐的多，讲反诈的时间不够。下次先讲案例，再做咨询。",
    ),
)  # fmt: skip


def make_plans(*, now: datetime) -> int:
    """Make S0's campaign and what 西苑社区 plans around today; return how many events there are. Made once."""
    if Campaign.objects.filter(title=CAMPAIGN["title"]).exists():
        return Event.objects.count()
    by = User.objects.get(username=PLANNER)
    home = Area.objects.get(code=XIYUAN)
    campaign = services.save_campaign(None, values={**CAMPAIGN, "area": home}, lines=BUDGET, by=by, now=now)
    for held in HELD:
        _hold(held, campaign, by=by)
    _plan_ahead(home, by=by, now=now)
    services.renew_feed(by=by, now=now)
    return Event.objects.count()


def _hold(held: HeldBefore, campaign: Campaign, *, by: User) -> None:
    """Plan one of S0's events and have it held: another partner came than was planned."""
    area = Area.objects.get(code=held.code)
    begin = _moment(held.on, 9)
    plan = Plan(
        title=f"{area.name}反诈宣传与套餐咨询",
        form=Form.STALL,
        area=area,
        place=held.place,
        starts_at=begin,
        ends_at=begin + timedelta(hours=2),
        expected_heads=held.expected,
        expected_volunteers=2,
        campaign=campaign,
        new_partner=NewPartner("中国联通", OrganisationKind.TELECOM),
        fraud_types=_types("fake_customer_service", "impersonating_authority"),
    )
    event = services.plan_event(plan, by=by, now=begin - timedelta(days=7))
    shop, _is_new = Organisation.objects.get_or_create(
        area=area, name="小米手机店", defaults={"kind": OrganisationKind.SHOP}
    )
    EventPartner.objects.create(event=event, organisation=shop, has_come=True)
    Volunteer.objects.create(event=event, name="志愿者一", hours=Decimal(2))
    event.state, event.heads, event.installs = EventState.HELD, held.heads, held.installs
    event.reflection, event.logged_by, event.logged_at = held.reflection, by, begin + timedelta(hours=3)
    event.save()


def _plan_ahead(home: Area, *, by: User, now: datetime) -> None:
    """Plan the monthly lecture, the Tuesday publicity day, and what comes soon: one of it warns twice."""
    on = local(now).date()
    police = _partner(home, "西苑社区警务室", OrganisationKind.POLICE)
    health = _partner(home, "西苑社区卫生服务站", OrganisationKind.HEALTH)
    _partner(home, "西苑物业", OrganisationKind.PROPERTY)
    colleagues = list(User.objects.filter(username__in=[PLANNER, "outreach_worker.012003.2"]))
    lecture = _moment(_next_day(on - timedelta(days=28), HEALTH_DAY), 15)
    services.plan_series(
        Plan(
            title="健康讲座后的反诈十五分钟",
            form=Form.LECTURE,
            area=home,
            place="西苑社区活动室",
            starts_at=lecture,
            ends_at=lecture + timedelta(minutes=15),
            audience=Audience.OVER_60,
            expected_heads=40,
            expected_volunteers=2,
            staff=colleagues[:1],
            partners=[health],
            note="现场演示国家反诈中心App的来电预警。",
        ),
        repeat=Repeat.MONTHLY,
        by=by,
        now=now,
    )
    stall = _moment(on + timedelta(days=(TUESDAY - on.weekday()) % 7 - 7), 9)
    services.plan_series(
        Plan(
            title="周二宣传日",
            form=Form.STALL,
            area=home,
            place="西苑农贸市场门口",
            starts_at=stall,
            ends_at=stall + timedelta(hours=2),
            audience=Audience.HOMEMAKER,
            expected_heads=50,
            expected_volunteers=2,
            staff=colleagues,
            partners=[police],
        ),
        repeat=Repeat.WEEKLY,
        by=by,
        now=now,
    )
    for days, hour, plan in _soon(home, colleagues):
        begin = _moment(on + timedelta(days=days), hour)
        values = {name: getattr(plan, name) for name in Plan.__slots__}
        services.plan_event(
            Plan(**values | {"starts_at": begin, "ends_at": begin + timedelta(hours=2)}), by=by, now=now
        )


def _soon(home: Area, staff: Sequence[User]) -> list[tuple[int, int, Plan]]:
    """Return single events with in how many days, at what hour."""
    begin = _moment(date(2026, 1, 1), 9)
    common: dict[str, Any] = {"area": home, "starts_at": begin, "ends_at": begin, "staff": staff}
    return [
        (-1, 10, Plan(title="楼道反诈问答", form=Form.QUIZ, place="西苑 3 号楼前", expected_heads=20, **common)),
        (
            5,
            19,
            Plan(
                title="反诈露天电影和有奖问答",
                form=Form.PERFORMANCE,
                place="西苑小区东门广场",
                expected_heads=120,
                expected_volunteers=2,
                **common,
            ),
        ),
        (
            9,
            14,
            Plan(
                title="企业财务防骗讲座",
                form=Form.LECTURE,
                place="西苑社区活动室",
                audience=Audience.FINANCE,
                expected_heads=30,
                expected_volunteers=2,
                partners=[_partner(home, "西苑社区银行网点", OrganisationKind.BANK)],
                **common,
            ),
        ),
    ]


def _partner(area: Area, name: str, kind: OrganisationKind) -> Organisation:
    return Organisation.objects.get_or_create(area=area, name=name, defaults={"kind": kind})[0]


def _moment(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(hour), tzinfo=LOCAL_TZ)


def _next_day(on: date, day: int) -> date:
    """Return the first such day of a month from a day on."""
    return next(one for one in (on + timedelta(days=number) for number in range(31)) if one.day == day)


def _types(*codes: str) -> list[FraudType]:
    return list(FraudType.objects.filter(code__in=codes))
