"""Look-backs to try the program with: opened for every case of the demo, two thirds confirmed, some with a remedy.

Follow-up visits are planned for the latest cases.
"""

from datetime import datetime, timedelta

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from cases import services
from cases.demo.ledger import XIAOLU
from cases.figures.lookback import evidence_of
from cases.models import Case, LookBack
from cases.policy import Verdict
from residents.models import Post

CONFIRMED_OF_THREE = 2
DAYS_TO_MEND = 14

FOUND = {
    Verdict.NEVER_REACHED: (
        "受害人未接受过面对面宣传，对此类骗局的套路不了解。",
        "宣传以讲座为主，白天上班的居民到不了场。",
        "将未触达居民列入入户清单，两周内上门",
    ),
    Verdict.OTHER_KIND: (
        "受害人参加过宣传，但当时讲的不是这一类骗局。",
        "近期讲座内容与辖区发案类型不一致。",
        "下月讲座增讲本月高发的两类骗局",
    ),
    Verdict.SAME_KIND: ("受害人听过同类宣传，仍轻信对方承诺的高额回报，未向家人和社区求证。", "", ""),
    Verdict.ALERT_LATE: (
        "预警下达时处置人员正忙于其他事务，未在时限内联系到受害人。",
        "第二名预警专员未及时接手。",
        "核对本网格两名预警专员的在岗安排并演练一次",
    ),
    Verdict.NOT_ON_ROSTER: (
        "受害人新近租住，未纳入花名册，宣传未覆盖。",
        "租户入住后未在规定时间内登记。",
        "与物业核对近三个月新增租户并补登",
    ),
}
"""Cause, shortcoming and remedy by verdict; without a shortcoming there is nothing to mend."""


def make_look_backs(*, now: datetime) -> int:
    """Open the look-backs of the demo's cases, confirm two of three, in one community all; return how many there are.

    Made once.
    """
    for number, case in enumerate(list(Case.objects.without_look_back().with_victim())):
        made = services.open_look_back(case, evidence=evidence_of(case, now=now), by=None, now=now)
        judge = _judge(case, now=now)
        is_thorough = case.area_code.startswith(XIAOLU)
        if judge is not None and (is_thorough or number % 3 < CONFIRMED_OF_THREE):
            _confirm(made, case, judge, now=now)
    services.plan_recent_follow_ups(now=now)
    return LookBack.objects.count()


def _judge(case: Case, *, now: datetime) -> User | None:
    """Return the manager of the victim's community."""
    managers = Post.objects.current(local(now).date()).of_role(Role.MANAGER).filter(area=case.community)
    post = managers.select_related("user").order_by("pk").first()
    return post.user if post is not None else None


def _confirm(made: LookBack, case: Case, judge: User, *, now: datetime) -> None:
    verdict = Verdict(made.proposed)
    cause, shortcoming, what = FOUND[verdict]
    services.confirm_look_back(
        made,
        verdict=verdict,
        cause=cause,
        shortcoming=shortcoming,
        remedy=_remedy(case, what, judge, now=now) if what else None,
        by=judge,
        now=now,
    )


def _remedy(case: Case, what: str, judge: User, *, now: datetime) -> services.Remedy:
    """Return what is to be mended, by the grid's leader where there is one."""
    on = local(now).date()
    leaders = Post.objects.current(on).of_role(Role.GRID_LEADER).filter(area=case.grid)
    leader = leaders.select_related("user").order_by("pk").first()
    return services.Remedy(what, leader.user if leader is not None else judge, on + timedelta(days=DAYS_TO_MEND))
