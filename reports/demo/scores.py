"""A year of scores to try the program with: points, inspections, last year's list. Invented; dates follow today."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

from PIL import Image, ImageDraw

from accounts.clock import local, midnight
from accounts.models import User
from accounts.pictures import clean_picture
from accounts.roles import Role
from reports.figures.scores import Score, scores_of, standings_of
from reports.models import HandPoints, ScoreLine, ScorePolicy
from reports.policy import months_later
from reports.policy.scores import VetoKind
from reports.services import (
    Place,
    Standing,
    add_inspection,
    answer_inspection,
    find_veto,
    freeze_commendation,
    give_points,
    keep_snapshots,
    write_commendation,
)
from residents.models import Area, Level, Post

STREET = "370105012"
GIVEN: dict[str, tuple[tuple[str, str], ...]] = {
    "organisation": (
        ("3.5", "创建小组名单、每月协调会记录齐全；二月的会议没有记录。"),
        ("3", "小组已成立，协调会改为两月一次。"),
        ("2.5", "有方案，会议记录只有上半年。"),
    ),
    "inspection": (
        ("5", "暗访两次：宣传栏为最新内容，楼门长能说出处置步骤；一处展板破损。"),
        ("5.5", "明查一次、暗访一次，均未发现问题。"),
        ("3.5", "暗访一次：农贸市场无宣传，商户未听说来电预警。"),
    ),
}
SO_FAR = (Decimal("-6.5"), Decimal(-5), Decimal("-5.5"), Decimal(-4), Decimal("-2.5"), Decimal(-3))
"""How far below today's points the months before stood, the earliest first; then the last is repeated."""

LESS, CHANGED = Decimal("0.96"), ("cases_change", "losses_change")
"""How much of what is done today was done last year, and what is no part of a whole."""

TEXT = "根据全年评分结果，经街道研究，决定对以下社区予以通报表扬。望再接再厉，继续做好防范电信网络诈骗工作。"


def make_scores(*, now: datetime) -> int:
    """Make the scores of the demo's street, once; return how many communities have them."""
    street = Area.objects.filter(code=STREET).first()
    post = Post.objects.filter(role=Role.SUPERVISOR, area=street).select_related("user").order_by("pk").first()
    if street is None or post is None or HandPoints.objects.exists():
        return 0
    on, by = local(now).date(), post.user
    communities = list(Area.objects.within(STREET).filter(level=Level.COMMUNITY).order_by("code")[:3])
    _give(communities, years=(on.year, on.year - 1), by=by, now=now)
    _inspect(communities, by=by, now=now)
    find_veto(
        community=communities[-1],
        year=on.year,
        kind=VetoKind.FALSE,
        evidence="抽查三户走访记录，两户表示当天无人上门；已约谈，责令补访。",
        by=by,
        now=now,
    )
    standings = {one.code: one for one in standings_of(STREET, on=on)}
    _keep_last_year(standings.values(), on=on, now=now)
    _keep_this_year(standings.values(), slipping=communities[-1].code, on=on, now=now)
    _commend(street, year=on.year - 1, on=on, by=by)
    return len(communities)


def _give(communities: list[Area], *, years: Iterable[int], by: User, now: datetime) -> None:
    for year in years:
        lines: dict[str, ScoreLine] = {line.key: line for line in ScorePolicy.objects.of_year(year).lines.all()}
        for key, each in GIVEN.items():
            for community, (points, evidence) in zip(communities, each, strict=False):
                give_points(
                    community=community,
                    year=year,
                    line=lines[key],
                    points=Decimal(points),
                    evidence=evidence,
                    photo=_torn_board() if key == "inspection" and community == communities[0] else b"",
                    by=by,
                    now=now,
                )


def _inspect(communities: list[Area], *, by: User, now: datetime) -> None:
    on = local(now).date()
    good = add_inspection(
        community=communities[0],
        place="3号楼宣传栏",
        on=on - timedelta(days=12),
        found="宣传栏为本月内容，写明了 96110，楼门长能说出先劝挂断、再报警的步骤。",
        is_good=True,
        was_announced=False,
        by=by,
        now=now - timedelta(days=12),
    )
    manager = Post.objects.current(on).filter(role=Role.MANAGER, area=communities[0]).select_related("user").first()
    if manager is not None:
        answer_inspection(
            good, answer="谢谢。其余楼栋的宣传栏本周照此更新。", by=manager.user, now=now - timedelta(days=11)
        )
    add_inspection(
        community=communities[0],
        place="南门农贸市场",
        on=on - timedelta(days=3),
        found="市场入口的展板破损，问了五家商户，三家没有听说过来电预警。",
        is_good=False,
        was_announced=False,
        photo=_torn_board(),
        by=by,
        now=now - timedelta(days=3),
    )


def _torn_board() -> bytes:
    """Draw a notice board whose corner hangs down."""
    image = Image.new("RGB", (640, 420), "#cfd8dc")
    pen = ImageDraw.Draw(image)
    pen.rectangle((90, 60, 550, 330), fill="#ffffff", outline="#546e7a", width=10)
    for row in range(4):
        pen.rectangle((130, 110 + row * 50, 480 - row * 40, 128 + row * 50), fill="#90a4ae")
    pen.polygon([(430, 330), (555, 330), (555, 200)], fill="#78909c")
    out = BytesIO()
    image.save(out, "PNG")
    return clean_picture(out.getvalue())


def _keep_last_year(standings: Iterable[Standing], *, on: date, now: datetime) -> None:
    """Keep a December whose points are what its counts come to; the second community did all it could that year."""
    december = date(on.year - 1, 12, 1)
    counted = [
        Standing(one.code, one.points, is_vetoed=False, counts=_as_last_year(one.counts, did_all=number == 1))
        for number, one in enumerate(sorted(standings, key=lambda one: one.code))
    ]
    keep_snapshots(counted, month=december, now=now)
    scored = scores_of(STREET, year=on.year - 1, on=on)
    kept = [Standing(one.code, one.total, bool(one.vetoes), one.counts) for one in scored]
    keep_snapshots(kept, month=december, now=now)


def _as_last_year(counts: Mapping[str, Sequence[str]], *, did_all: bool) -> dict[str, list[str]]:
    """Return counts as they may have been: all of what was to be done, or a little less of it than today."""
    return {
        key: [whole, whole] if did_all and key not in CHANGED else [str(int(Decimal(part) * LESS)), whole]
        for key, (part, whole) in counts.items()
    }


def _keep_this_year(standings: Iterable[Standing], *, slipping: str, on: date, now: datetime) -> None:
    this_month = on.replace(day=1)
    several = list(standings)
    for back in range(on.month - 1, 0, -1):
        month = months_later(this_month, -back)
        below = SO_FAR[min(month.month, len(SO_FAR)) - 1]
        kept = [
            Standing(
                one.code,
                min(max(one.points + (-below if one.code == slipping else below), Decimal(0)), Decimal(100)),
                is_vetoed=False,
                counts={},
            )
            for one in several
        ]
        keep_snapshots(kept, month=month, now=now)
    keep_snapshots(several, month=this_month, now=now)


def _commend(street: Area, *, year: int, on: date, by: User) -> None:
    """Commend the best of last year, on the tenth of January or today where that is still to come."""
    scores = scores_of(street.code, year=year, on=on)
    named: list[Score] = [one for one in scores if one.is_no_fraud] or list(scores[:1])
    at = midnight(min(date(year + 1, 1, 10), on))
    places = [Place(one.code, one.name, one.total, one.rank) for one in named]
    commendation = write_commendation(
        area=street, year=year, title=f"{year}年度“无电诈社区”表扬名单", text=TEXT, places=places, by=by, now=at
    )
    freeze_commendation(commendation, by=by, now=at)
