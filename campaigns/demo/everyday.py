"""Every day of outreach to try the program with: groups and pushes, sites, materials, a meeting and its problems.

All in one community, 西苑; dates follow the day on which it is loaded. Of six groups two are below the week's pushes;
of five sites one is overdue; of four materials one is low; of three problems one is to be mended, one waits to be
struck off, one was.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from accounts.clock import LOCAL_TZ, local, midnight
from accounts.models import User
from accounts.pictures import clean_picture
from campaigns import services
from campaigns.models import ChatGroup, ChatMember, Material, Meeting, Problem, Push, Site
from campaigns.policy import GroupKind, MaterialKind, MeetingKind, SiteKind, week_of
from knowledge.models import FraudType
from residents.models import Area, Resident

COMMUNITY = "370105012003"
OUTREACH, OTHER_OUTREACH, MANAGER = "outreach_worker.012003.1", "outreach_worker.012003.2", "manager.012003.1"
WEEKS = 3


@dataclass(frozen=True)
class Group:
    """A chat group of the demo; ``is_behind`` is below this week's pushes."""

    name: str
    grid: str
    kind: GroupKind
    owner: str
    people: int
    is_behind: bool = False


GROUPS = (
    Group("西苑1至4号楼居民群", "001", GroupKind.RESIDENTS, "grid_leader.003001.1", 186),
    Group("西苑5至8号楼居民群", "002", GroupKind.RESIDENTS, "grid_leader.003002.1", 203),
    Group("西苑9至12号楼居民群", "003", GroupKind.RESIDENTS, "grid_leader.003003.1", 174, is_behind=True),
    Group("西苑13至16号楼居民群", "004", GroupKind.RESIDENTS, "grid_leader.003004.1", 158),
    Group("西苑租客群", "", GroupKind.TENANTS, OTHER_OUTREACH, 92, is_behind=True),
    Group("西苑商户群", "", GroupKind.SHOPS, OUTREACH, 47),
)


@dataclass(frozen=True)
class Board:
    """A publicity site of the demo, refreshed so many days ago."""

    name: str
    grid: str
    kind: SiteKind
    place: str
    owner: str
    hangs: str
    days_ago: int


BOARDS = (
    Board("南门宣传栏", "001", SiteKind.BOARD, "小区南门内左侧", "grid_leader.003001.1", "冒充公检法案例海报", 12),
    Board("东门电子屏", "002", SiteKind.SCREEN, "东门岗亭上方", "grid_leader.003002.1", "96110来电请接听", 5),
    Board("活动室反诈角", "", SiteKind.CORNER, "社区服务中心一楼", OUTREACH, "养老诈骗识别展板", 20),
    Board("3号楼楼道墙", "003", SiteKind.WALL, "3号楼1单元入口", "warning_specialist.003003.1", "五个一律", 38),
    Board("北门横幅", "004", SiteKind.BANNER, "北门外人行道", "grid_leader.003004.1", "陌生链接不点，陌生转账不做", 9),
)

MATERIALS = (
    ("反诈明白纸", MaterialKind.LEAFLET, 1000),
    ("劝阻流程卡", MaterialKind.CARD, 200),
    ("反诈海报", MaterialKind.POSTER, 24),
    ("反诈环保袋", MaterialKind.GIFT, 150),
)


def make_everyday(*, now: datetime) -> None:
    """Make it once; a second time changes nothing."""
    community = Area.objects.filter(code=COMMUNITY).first()
    if community is None or ChatGroup.objects.within(COMMUNITY).exists():
        return
    _make_groups(community, now=now)
    _make_sites(community, now=now)
    _make_materials(community, now=now)
    _make_meeting(community, now=now)


def _user(username: str) -> User:
    return User.objects.get(username=username)


def _area(community: Area, grid: str) -> Area:
    return Area.objects.get(code=f"{community.code}{grid}")


def _make_groups(community: Area, *, now: datetime) -> None:
    on, by = local(now).date(), _user(OUTREACH)
    made = {}
    for group in GROUPS:
        fields = {
            "name": group.name,
            "area": _area(community, group.grid),
            "kind": group.kind,
            "owner": _user(group.owner),
            "people": group.people,
        }
        made[group] = services.keep_group(ChatGroup(), fields, by=by, now=now, on=on)
    first = made[GROUPS[0]]
    living = list(Resident.objects.living_here().within(first.area.code))
    services.add_members(first, living, by=by, now=now, on=on)
    ChatMember.objects.of_group(first).update(since_on=on - timedelta(days=180))
    monday, _after = week_of(on)
    for week in range(1, WEEKS + 1):
        for day in (1, 4):
            _push(list(made.values()), on=monday - timedelta(weeks=week, days=-day), by=by, now=now)
    _push([group for one, group in made.items() if not one.is_behind], on=monday, by=by, now=now, posts=2)
    _push([made[GROUPS[2]]], on=monday, by=by, now=now)


def _push(groups: list[ChatGroup], *, on: date, by: User, now: datetime, posts: int = 1) -> None:
    kinds = list(FraudType.objects.all()[:1])
    text = "【五个一律】陌生来电谈到银行卡，一律挂断；提到“安全账户”，一律是诈骗。拿不准，打96110。"
    push = services.log_push(groups, text=text, posts=posts, on=on, fraud_types=kinds, by=by, now=now)
    # Entered in the evening of its day.
    Push.objects.filter(pk=push.pk).update(recorded_at=min(now, midnight(on) + timedelta(hours=18)))


def _make_sites(community: Area, *, now: datetime) -> None:
    by = _user(OUTREACH)
    for board in BOARDS:
        then = now - timedelta(days=board.days_ago)
        fields = {
            "name": board.name,
            "area": _area(community, board.grid),
            "kind": board.kind,
            "place": board.place,
            "owner": _user(board.owner),
        }
        site = services.keep_site(Site(), fields, by=by, now=then, on=local(then).date())
        photo = _drawn() if board.kind in (SiteKind.BOARD, SiteKind.WALL) else b""
        services.refresh_site(site, hangs=board.hangs, by=_user(board.owner), now=then, photo=photo)


def _drawn() -> bytes:
    """Return a picture that stands for a photo of a board: a frame, a heading, lines."""
    picture = Image.new("RGB", (640, 480), "#d9dde2")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 40, 580, 440), fill="#ffffff", outline="#7a4b1e", width=14)
    pen.rectangle((90, 70, 550, 130), fill="#b3261e")
    for line in range(160, 410, 32):
        pen.rectangle((100, line, 540 - line // 4, line + 10), fill="#4a5560")
    out = BytesIO()
    picture.save(out, "PNG")
    return clean_picture(out.getvalue())


def _make_materials(community: Area, *, now: datetime) -> None:
    by, on = _user(OUTREACH), local(now).date()
    for name, kind, pieces in MATERIALS:
        found = Material.objects.within(community.code).filter(name=name).first()
        fields = {"name": name, "area": community, "kind": kind}
        material = found or services.keep_material(Material(), fields, by=by, now=now)
        services.move_stock(material, amount=pieces, on=on - timedelta(days=40), note="印刷到货", by=by, now=now)


def _make_meeting(community: Area, *, now: datetime) -> None:
    by, on = _user(MANAGER), local(now).date()
    monday, _after = week_of(on - timedelta(days=7))
    then = datetime.combine(monday, time(14, 30), tzinfo=LOCAL_TZ)
    fields = {
        "area": community,
        "kind": MeetingKind.WEEKLY,
        "at": then,
        "place": "社区会议室",
        "agenda": "1. 上周情况\n   上周讲座1场，群推送12条。\n2. 待办\n   第三网格楼道墙宣传到期。\n3. 本周安排",
        "present": "李芳雨、郭涛淑、陈欣欣、何建子、许洋、唐芳、沈怡超",
        "minutes": "各网格通报上周走访和推送。租客群推送不足，由陈欣欣补发。\n东门电子屏节目单每两周更换一次。",
    }
    meeting = services.keep_meeting(Meeting(), fields, by=by, now=then)
    _problem(meeting, "3号楼楼道墙宣传内容过期，需更换", "grid_leader.003003.1", due=on - timedelta(days=2), now=then)
    waiting = _problem(meeting, "租客群没有专人推送", OTHER_OUTREACH, due=on + timedelta(days=3), now=then)
    done = _problem(meeting, "劝阻流程卡第一网格缺货", OUTREACH, due=monday + timedelta(days=4), now=then)
    services.mark_mended(waiting, how="已安排每周二、周五推送", by=waiting.owner, now=now)
    services.mark_mended(done, how="已补发20张", by=done.owner, now=then + timedelta(days=2))
    services.strike_off(done, by=by, now=then + timedelta(days=3))


def _problem(meeting: Meeting, what: str, owner: str, *, due: date, now: datetime) -> Problem:
    return services.add_problem(
        area=meeting.area, what=what, owner=_user(owner), due_on=due, meeting=meeting, by=_user(MANAGER), now=now
    )
