"""The lists of a month for tests: a row or more of each, one name that would be a formula."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from reports.figures.ledgers import (
    AlertRow,
    BlindSpot,
    CaseRow,
    EventRow,
    GroupRow,
    Lateness,
    Ledgers,
    LookbackRow,
    NewcomersOfGrid,
    PushRow,
    VisitRow,
)
from reports.figures.trend import Month
from reports.policy import months_later

AT = datetime(2026, 4, 3, 6, 30, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://evil.invalid","点我")'


def case_row(pk: int, lost: str, *, kind: str = "刷单返利", **more) -> CaseRow:
    fields = {
        "pk": pk,
        "number": f"A{pk}",
        "status": "已立案",
        "reported_at": AT + timedelta(days=pk),
        "occurred_at": AT,
        "fraud_type": kind,
        "is_elder": pk % 2 == 0,
        "approach": "微信",
        "grid": "第1网格",
        "victim": "王**",
        "sex": "女",
        "age": 68,
        "occupation": "退休",
        "residence": "户籍",
        "lost": Decimal(lost),
        "frozen": Decimal(0),
        "returned": Decimal(0),
        "prevented": Decimal(0),
        "was_warned": pk == 1,
    }
    return CaseRow(**(fields | more))


def alert_row(pk: int, **more) -> AlertRow:
    fields = {
        "pk": pk,
        "level": "高",
        "actual_level": "中",
        "fraud_type": "刷单返利",
        "grid": "第1网格",
        "grid_code": "370105012003001",
        "subject": "李**",
        "warned_at": None,
        "received_at": AT,
        "dispatched_at": AT + timedelta(seconds=72),
        "accepted_at": AT + timedelta(minutes=2),
        "phone_at": AT + timedelta(minutes=4),
        "door_at": AT + timedelta(minutes=13, seconds=17),
        "family_at": None,
        "contact_at": None,
        "closed_at": AT + timedelta(minutes=20),
        "outcome": "成功劝阻",
        "lost": None,
        "prevented": Decimal(30_000),
        "late": timedelta(minutes=2, seconds=5),
        "late_objective": "见到居民",
    }
    return AlertRow(**(fields | more))


def make_ledgers() -> Ledgers:
    cases = [
        *(case_row(pk, "22500") for pk in range(1, 5)),
        case_row(5, "38400.50", kind="冒充客服", age=24, grid="第2网格", occupation=FORMULA),
        case_row(6, "0", kind="冒充客服", victim="（未成年人）", age=12, grid="第2网格"),
    ]
    return Ledgers(
        cases=cases,
        alerts=[alert_row(1), alert_row(2, late=None, late_objective="")],
        late=[Lateness("370105012003001", "第1网格", 1, timedelta(minutes=2, seconds=5), "见到居民")],
        events=[
            EventRow(
                1, AT, "反诈讲座", "讲座", "西苑社区", "活动室", "60岁以上", "冒充客服", "药山派出所", 60, 4, 120, 8, 5
            ),
            EventRow(2, AT, "@集市摆摊", "摆摊", "第1网格", "南门", "全体居民", "", "", 30, 2, 80, 1, 0),
        ],
        groups=[
            GroupRow(1, "1号楼业主群", "第1网格", "周丽", 5, 3, 1),
            GroupRow(2, "2号楼业主群", "第1网格", "", 8, 3, 0),
        ],
        pushes=[
            PushRow(date(2026, 4, 3), "刷单都是诈骗", 3, frozenset({1, 2})),
            PushRow(date(2026, 4, 9), "+客服不会让您转账", 2, frozenset({1})),
            PushRow(date(2026, 4, 16), "", 5, frozenset({2})),
        ],
        visits=[VisitRow(1, "第1网格", "赵**", 83, "独居老人", "钱一", 4, 3, date(2026, 4, 28))],
        blind=[BlindSpot(1, "第1网格", "孙**", "女", 71, "3"), BlindSpot(2, "第2网格", "周**", "男", None, "")],
        newcomers=[NewcomersOfGrid("370105012003001", "第1网格", 3)],
        lookbacks=[
            LookbackRow(
                1, AT, "刷单返利", "第1网格", "王**", "从未触达", "从未触达", "不知情", "未走访", "补访", "周丽", None
            )
        ],
        months=[
            Month(months_later(date(2026, 4, 1), back), 6 + back % 3, Decimal(10_000 * (12 + back)))
            for back in range(-11, 1)
        ],
    )
