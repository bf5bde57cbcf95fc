"""Figures, reports and scores for tests: whole ones, every table filled, sums that hold."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from campaigns.figures.coverage import Cover
from campaigns.policy import Span
from campaigns.tests.pictures import photo
from cases.policy import DatedBy
from reports.figures.shapes import (
    AlertSums,
    AreaRow,
    BandRow,
    CaseSums,
    Compared,
    Figures,
    Lookbacks,
    Minutes,
    OutreachSums,
    Part,
    Rate,
    TypeRow,
    Victims,
)
from reports.models import Commendation, Commended, HandPoints, Inspection, VetoFound
from residents.figures import Kept
from residents.models import Area

APRIL = Span(date(2026, 4, 1), date(2026, 5, 1))
ON = date(2026, 5, 2)
MAY = datetime(2026, 5, 2, 1, 0, tzinfo=UTC)
CODE = "370105012003"


def sums(count=0, lost=0, **more) -> CaseSums:
    return CaseSums(count=count, lost=Decimal(lost), **more)


def rates(received=0, late=0, **more) -> AlertSums:
    kept = received - late
    return AlertSums(
        received=received, of_high=received, pushed=Rate(received, received), high=Rate(kept, received), **more
    )


def area_row(number: int, cases: Compared, **more) -> AreaRow:
    fields = {
        "code": f"{CODE}{number:03d}",
        "name": f"第{number}网格",
        "cases": cases,
        "year_to_date": cases.now + cases.before,
        "alerts": AlertSums(),
        "outreach": OutreachSums(events=2, households=5, people=9),
        "elders": Cover(100, 80, 3),
        "visits": Kept(4, 4),
        "residents": 1000,
        "zero_days": 30 - cases.now.count,
        "quiet_days": 11,
        "rank": number,
    }
    return AreaRow(**(fields | more))


def make_figures(**changes) -> Figures:
    """April of a community of three grids: six cases, nine the month before, seven a year ago."""
    first = Compared(
        sums(4, 90_000, filed=3, elder=2, warned=1, prevented=Decimal(75_000), frozen=Decimal(2000)),
        sums(5, 80_300),
        sums(3, 100_000),
    )
    second = Compared(sums(2, Decimal("38400.50"), filed=1, elder=1), sums(4, 43_000), sums(4, 79_800))
    third = Compared(sums(), sums(), sums())
    rows = (
        area_row(1, first, alerts=rates(12, late=1, met=Rate(11, 12), dissuaded=Rate(4, 5)), elders=Cover(104, 48, 9)),
        area_row(2, second, alerts=rates(3, met=Rate(3, 3), dissuaded=Rate(1, 1))),
        area_row(3, third, alerts=rates(2, met=Rate(2, 2)), quiet_days=63),
    )
    whole = Compared(
        first.now + second.now + third.now, first.before + second.before, first.last_year + second.last_year
    )
    fields = {
        "area_code": CODE,
        "area_name": "西苑社区",
        "span": APRIL,
        "dated_by": DatedBy.REPORTED,
        "on": ON,
        "cases": whole,
        "year_to_date": first.now + second.now + first.before + second.before,
        "alerts": Compared(
            sum((row.alerts for row in rows), AlertSums(prevented=Decimal(75_000))), rates(20, late=2), rates(9)
        ),
        "outreach": Compared(
            OutreachSums(5, 2, 120, 300, 210, 600, 86, 14, 9), OutreachSums(3, 1), OutreachSums(events=2)
        ),
        "visits": Kept(40, 42),
        "elders": Cover(304, 208, 15),
        "zero_days": 25,
        "quiet_days": 11,
        "residents": 3000,
        "types": (
            TypeRow("brushing_rebate", "刷单返利", "", Compared(sums(4, 90_000, elder=2), sums(2, 30_000), sums(3, 1))),
            TypeRow(
                "fake_service",
                "冒充客服",
                "",
                Compared(sums(2, Decimal("38400.50"), elder=1), sums(7, 93_300), sums(4, 2)),
            ),
            TypeRow("brushing_app", "刷单APP", "brushing_rebate", Compared(sums(3, 70_000), sums(1), sums())),
            TypeRow("loan", "虚假贷款", "", Compared(sums(), sums(), sums())),
        ),
        "areas": rows,
        "victims": Victims(
            ages=(
                BandRow("18–40", 1, 1, 0, Decimal(40_000)),
                BandRow("60–79", 2, 1, 0, Decimal("88400.50")),
                BandRow("unknown", 0, 0, 1, Decimal(0)),
            ),
            occupations=(Part("retired", "退休", 3, Decimal(88_000)), Part("", "未填", 3, Decimal("40400.50"))),
            residences=(Part("tenant", "租户", 2, Decimal(40_000)), Part("", "未填", 4, Decimal("88400.50"))),
            amounts=(Part("0", "1万元以下", 4, Decimal(28_000)), Part("1", "1万—5万元", 2, Decimal("100400.50"))),
            approaches=(Part("wechat", "微信", 6, Decimal("128400.50")),),
            mean_age=Decimal("61.5"),
        ),
        "hours": tuple([0] * 8 + [2, 1, 3] + [0] * 13),
        "minutes": {"high": Minutes(((5, 4), (10, 7), (None, 1)), Decimal("7.8"), Decimal("12.1"))},
        "taught": {"fake_service": 2, "brushing_app": 0},
        "lookbacks": Lookbacks({"never_reached": 2, "other_kind": 3}, confirmed=4, without=1),
        "app": Rate(700, 1000),
        "call_warning": Rate(600, 700),
        "newcomers": Rate(5, 8),
        "groups": Rate(1, 3),
    }
    return Figures(**(fields | changes))


def make_scored(community: Area, *, words: str, by: User, on: date) -> dict[str, Any]:
    """Return points by hand and an inspection, each with a photo, a veto, and a draft of a commendation list."""
    about = {"community": community, "by": by, "at": f"{on.isoformat()}T04:00:00Z"}
    draft = Commendation.objects.create(area=community.parent, year=on.year, title=words, created_by=by)
    Commended.objects.create(commendation=draft, community=community, name=community.name, points=Decimal(88), rank=1)
    picture = ContentFile(photo(), "a.jpg")
    return {
        "points": HandPoints.objects.create(
            **about, year=on.year, line_key="inspection", points=5, evidence=words, photo=picture
        ),
        "veto": VetoFound.objects.create(**about, year=on.year, kind="den", evidence=words),
        "inspection": Inspection.objects.create(**about, place=words, on=on, found=words, photo=picture),
        "commendation": draft,
    }
