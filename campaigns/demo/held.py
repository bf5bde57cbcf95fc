"""Outreach that was held, to try the logging with: doors half done, a lecture with photos and a paper list."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

from PIL import Image, ImageDraw

from accounts.clock import local, midnight
from accounts.models import User
from accounts.pictures import clean_picture
from accounts.roles import Duty, Role
from campaigns import services
from campaigns.models import Event, EventPartner, EventStaff, Material, Organisation, StockMove, who_may_come
from campaigns.policy import PLEDGE_TEXT, Audience, DoorResult, Form, MaterialKind, OrganisationKind, PhotoKind
from knowledge.models import Text
from residents.models import Area, Resident
from residents.policy import Group

SHOWN_COMMUNITY = "370105012003"
DOORS = 16
CAME = 14
MATERIALS = (
    ("反诈宣传单", MaterialKind.LEAFLET, 500),
    ("紧急劝阻联系卡", MaterialKind.CARD, 200),
    ("环保购物袋", MaterialKind.GIFT, 30),
)
KNOCKS = (
    DoorResult.TALKED,
    DoorResult.TALKED,
    DoorResult.NOBODY,
    DoorResult.TALKED,
    DoorResult.AGAIN,
    DoorResult.TALKED,
    DoorResult.REFUSED,
)
VISITORS = (("钱多多", "0017"), ("孙小美", "0028"), ("李外来", "0039"))
"""Who signs in at the lecture and is on no roster."""


PLEDGE = {
    "title_zh": "西苑社区反诈承诺书",
    "title_en": "Anti-fraud pledge of Xiyuan community",
    "body_zh": """我承诺：
一、陌生来电谈到钱和验证码，先挂断。
二、不点陌生链接，不下载来路不明的软件，不和陌生人共享屏幕。
三、转账前先问家人、问社区，拿不准就打96110。
四、发现邻居可能受骗，及时告诉网格长。""",
    "body_en": """I pledge:
1. When a stranger on the phone speaks of money or codes, I hang up first.
2. I open no link of a stranger, install no app of unknown origin, and share my screen with no stranger.
3. Before a transfer I ask my family and the community; where I am not sure I call 96110.
4. When a neighbour may be deceived, I tell the grid leader at once.""",
    "origin": "西苑社区自拟（演示）",
}


def make_held(*, now: datetime) -> int:
    """Make what was held; return how many events there are. Without the demo's staff it makes none."""
    area = Area.objects.filter(code=SHOWN_COMMUNITY).first()
    worker = User.objects.filter(posts__role=Role.OUTREACH_WORKER, posts__area=area).order_by("pk").first()
    if area is None or worker is None:
        return 0
    materials = _take_in(area, by=worker, now=now)
    _hold_lecture(area, materials, by=worker, now=now)
    _go_round(area, by=worker, now=now)
    _stand_in_the_street(area, by=worker, now=now)
    return 3


def _take_in(area: Area, *, by: User, now: datetime) -> list[Material]:
    """Count materials in, those that nobody counted in yet."""
    materials = []
    for name, kind, amount in MATERIALS:
        material, is_new = Material.objects.get_or_create(area=area, name=name, defaults={"kind": kind})
        if is_new:
            StockMove.objects.create(material=material, amount=amount, on=local(now).date(), by=by, note="入库")
        materials.append(material)
    return materials


def _residents(by: User, event: Event, *, on: datetime) -> list[Resident]:
    seen = Resident.objects.visible_to(by, on=local(on).date(), duty=Duty.LOG_OUTREACH)
    return list(who_may_come(seen, event).exclude(household=None).order_by("birth_on", "pk"))


def _hold_lecture(area: Area, materials: list[Material], *, by: User, now: datetime) -> None:
    """A lecture of three days ago: logged, with photos, and a paper list that waits to be entered."""
    starts_at = midnight(local(now).date() - timedelta(days=3)) + timedelta(hours=9)
    about = {"place": "西苑社区活动室", "audience": Audience.OVER_60}
    event = _event(area, "识骗防骗小课堂", Form.LECTURE, starts_at, by=by, **about)
    police = _partner(area, "西苑社区警务室", OrganisationKind.POLICE)
    EventPartner.objects.create(event=event, organisation=police, is_planned=True)
    outcome = services.Outcome(
        heads=32,
        installs=9,
        pledges=12,
        reflection="后排老人听不清，下次带小音箱；手机操作环节要多两个志愿者一对一教。",
        handed_out={materials[0].pk: 40, materials[1].pk: 32},
        came=[police.pk],
        volunteers=[("林志愿", Decimal("2.0")), ("方志愿", Decimal("1.5"))],
    )
    services.log_event(event, outcome=outcome, by=by, now=starts_at + timedelta(hours=2))
    services.tick(event, _residents(by, event, on=now)[:CAME], by=by, now=starts_at + timedelta(hours=2))
    for name, tail in VISITORS:
        services.sign_in(event, name=name, phone=tail, now=starts_at)
    pictures = [_lecture_room(), _poster()]
    _sign_pledge(event, _residents(by, event, on=now)[0], by=by, now=now)
    services.add_photos(event, pictures, kind=PhotoKind.EVENT, caption="现场讲解", by=by, now=starts_at)
    services.add_photos(event, [_paper()], kind=PhotoKind.PAPER, caption="纸质签到表", by=by, now=starts_at)


def _go_round(area: Area, *, by: User, now: datetime) -> None:
    """Household visits of today, the first doors of which were knocked at."""
    event = _event(area, "独居老人入户走访", Form.HOUSEHOLD, _this_morning(now), by=by, audience=Audience.ELDER_ALONE)
    alone = [
        one
        for one in _residents(by, event, on=now)
        if one.memberships.filter(group__in=(Group.ELDER_ALONE, Group.ELDER)).exists()
    ]
    services.add_doors(event=event, residents=alone[:DOORS], by=by, now=now)
    doors = event.doors.order_by("household__grid__code", "household__order", "pk")
    for minute, (door, result) in enumerate(zip(doors, KNOCKS, strict=False)):
        services.knock(
            door,
            result=result,
            talked_to=list(door.wanted.all()),
            has_installed=minute % 3 == 0 and result == DoorResult.TALKED,
            words="女儿下班后在家" if result == DoorResult.AGAIN else "",
            by=by,
            now=now,
            at=min(now, event.starts_at + timedelta(minutes=7 * minute)),
        )


def _sign_pledge(event: Event, resident: Resident, *, by: User, now: datetime) -> None:
    """A pledge signed on the screen, in the community's own words."""
    text, _is_new = Text.objects.get_or_create(key=PLEDGE_TEXT, community_code=SHOWN_COMMUNITY, defaults=PLEDGE)
    services.sign_pledge(
        event,
        name=resident.name,
        resident=resident,
        signature=_signature(),
        text=text,
        at=event.starts_at,
        by=by,
        now=now,
    )


def _stand_in_the_street(area: Area, *, by: User, now: datetime) -> None:
    """A stall that began an hour ago, or at midnight, and is still to be logged."""
    starts_at = max(midnight(local(now).date()), now - timedelta(hours=1))
    event = _event(area, "东门反诈宣传摊位", Form.STALL, starts_at, by=by, place="西苑小区东门")
    for name, kind in (("药山派出所", OrganisationKind.POLICE), ("社区银行网点", OrganisationKind.BANK)):
        EventPartner.objects.create(event=event, organisation=_partner(area, name, kind), is_planned=True)
    services.open_sign_in(event, by=by, now=now)


def _this_morning(now: datetime) -> datetime:
    """Return eight o'clock, or earlier where it is earlier: it has begun, and it is today."""
    begin = midnight(local(now).date())
    return max(begin, min(begin + timedelta(hours=8), now - timedelta(hours=1)))


def _event(area: Area, title: str, form: Form, starts_at: datetime, *, by: User, **fields: str) -> Event:
    event = Event.objects.create(
        area=area,
        title=title,
        form=form,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        created_by=by,
        **fields,
    )
    EventStaff.objects.create(event=event, user=by)
    return event


def _partner(area: Area, name: str, kind: OrganisationKind) -> Organisation:
    return Organisation.objects.get_or_create(area=area, name=name, defaults={"kind": kind})[0]


# Photos, drawn here: nobody is on them


def _picture(size: tuple[int, int], ground: str, boxes: Iterable[tuple[tuple[int, int, int, int], str]]) -> bytes:
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    for box, colour in boxes:
        pen.rounded_rectangle(box, radius=8, fill=colour)
    out = BytesIO()
    image.save(out, "PNG")
    return clean_picture(out.getvalue())


def _lecture_room() -> bytes:
    """A room with a screen and rows of chairs."""
    chairs = [((80 + 90 * x, 330 + 70 * y, 140 + 90 * x, 380 + 70 * y), "#8a5a2b") for x in range(7) for y in range(3)]
    return _picture((800, 600), "#e8e2d4", [((180, 60, 620, 270), "#0b7285"), ((220, 100, 500, 130), "#fff"), *chairs])


def _signature() -> bytes:
    """Some strokes of a pen."""
    strokes = [((60 + 90 * x, 80 + 30 * (x % 2), 130 + 90 * x, 92 + 30 * (x % 2)), "#10161d") for x in range(5)]
    return _picture((640, 280), "#fff", strokes)


def _poster() -> bytes:
    """A poster on a wall."""
    lines = [((240, 150 + 60 * y, 560 - 40 * (y % 2), 180 + 60 * y), "#fff") for y in range(5)]
    return _picture((800, 600), "#cfd8dc", [((200, 40, 600, 560), "#b02a2a"), *lines])


def _paper() -> bytes:
    """A sheet of paper with lines that somebody wrote on."""
    rules = [((60, 120 + 70 * y, 740, 123 + 70 * y), "#9aa5b1") for y in range(12)]
    words = [(80 + 220 * x, 80 + 70 * y, 190 + 220 * x + 7 * y, 104 + 70 * y) for y in range(12) for x in range(3)]
    return _picture((800, 1000), "#fbfaf5", [*rules, *((word, "#26323d") for word in words)])
