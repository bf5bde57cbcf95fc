"""A small street to try the program with: areas and staff from files, residents by dice.

Every person is invented: phones lie in 199 0000 0000 to 199 0000 9999, ID numbers begin 999999.
The same seed gives the same people; ages follow the day.
"""

import random
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, cycle
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.clock import local, midnight
from accounts.models import User
from accounts.personal_data import id_check_digit
from accounts.pictures import clean_picture
from accounts.roles import Role
from notifications.models import Channel
from notifications.policy import Kind as ChannelKind
from notifications.policy import Topic, Wish
from notifications.services import add_robot, set_wish, withdraw
from residents import services
from residents.importers import Outcome, RosterKind, import_areas, import_staff
from residents.models import Area, FamilyContact, Household, Level, Membership, Pairing, Post, Resident, Sex, Visit
from residents.policy import Door, Group, Mood, VisitResult, WarningSign
from residents.services import ResidentsError
from sheets.models import Import, State
from sheets.services import hand_in, move_on, work_on
from sheets.writing import table_of

FILES = Path(__file__).with_name("demo")
HOUSEHOLDS_IN_A_GRID = 10
SHARE_WITH_FAMILY = 2 / 3
SHARE_WITH_ID_NUMBER = 1 / 3
SHARE_WITH_NOTE = 1 / 4
SHARE_OF_SAME_SURNAME = 1 / 2
FIRST_RESIDENT_PHONE = 19900000000
FIRST_FAMILY_PHONE = 19900004000

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
FEMALE_NAMES = (
    "秀兰",
    "桂英",
    "玉珍",
    "淑华",
    "春梅",
    "爱华",
    "晓燕",
    "雪",
    "倩",
    "佳怡",
    "思涵",
    "美玲",
    "红",
    "凤霞",
    "月娥",
)
MALE_NAMES = (
    "建国",
    "德明",
    "志强",
    "永福",
    "伟",
    "军",
    "浩然",
    "子轩",
    "国庆",
    "长顺",
    "文斌",
    "鹏",
    "振华",
    "宝山",
    "明辉",
)
NOTES_OF_ELDERS = ("耳背，敲门声音要大", "只会方言", "有保姆白天在家", "装有一键呼叫器", "腿脚不便，开门慢")
OCCUPATIONS = ("个体工商户", "企业财务", "公司职员", "网约车司机", "家庭主妇", "外卖骑手", "教师", "护士", "待业")

GROUP_OF_OCCUPATION = {
    "个体工商户": Group.SHOPKEEPER,
    "企业财务": Group.FINANCE,
    "公司职员": Group.YOUNG_WORKER,
    "家庭主妇": Group.HOMEMAKER,
    "外卖骑手": Group.MIGRANT,
}


@dataclass(frozen=True)
class Kind:
    """A kind of household: the ages of who lives there, and how often it is met."""

    ages: tuple[tuple[int, int], ...]
    weight: int


KINDS = (
    Kind(((66, 92),), weight=3),  # an elder living alone
    Kind(((62, 84), (62, 84)), weight=3),
    Kind(((60, 78), (7, 15)), weight=1),  # a grandparent with a child left behind
    Kind(((30, 48), (30, 48), (6, 17)), weight=3),
    Kind(((22, 35),), weight=2),  # a young tenant
    Kind(((23, 36), (23, 36)), weight=2),
    Kind(((40, 56), (40, 56), (68, 88)), weight=2),
)
GROWN_UP = 18
ELDER = 60
SHOWN, ELDERS_SHOWN = "370105012003", 40
"""The community that is shown first, and how many over 60 live there."""
RELATIONS = (  # from an age on, who is called, and of which sex they are
    (ELDER, (("女儿", Sex.FEMALE), ("儿子", Sex.MALE))),
    (GROWN_UP, (("姐姐", Sex.FEMALE), ("父亲", Sex.MALE), ("母亲", Sex.FEMALE), ("弟弟", Sex.MALE))),
    (0, (("母亲", Sex.FEMALE), ("父亲", Sex.MALE))),
)


def make_areas_and_staff(*, now: datetime) -> tuple[Outcome, Outcome]:
    """Bring the demo areas and staff in; their posts began a year ago. A second time changes nothing.

    Raises ``ResidentsError`` where something already in the database stands in the way.
    """
    began_on = local(now).date() - timedelta(days=365)
    areas = import_areas((FILES / "areas.csv").read_bytes(), by=None, now=now, from_where="demo")
    staff = import_staff((FILES / "staff.csv").read_bytes(), on=began_on, by=None, now=now, from_where="demo")
    if areas.errors or staff.errors:
        raise ResidentsError(" ".join(map(str, areas.errors + staff.errors)))
    return areas, staff


@transaction.atomic
def make_residents(*, now: datetime, seed: int = 1) -> list[Resident]:
    """Return some 200 invented residents over the grids there are, in the order of the grids.

    Two thirds have somebody of the family to call. Made once: where the first phone number is
    already on the roster, nothing is written and those on it are returned.
    """
    if Resident.objects.with_phone(str(FIRST_RESIDENT_PHONE)).exists():
        return list(Resident.objects.select_related("grid", "household").order_by("grid__code", "pk"))
    dice = random.Random(seed)  # noqa: S311  # invented people need no secret dice
    on = local(now).date()
    doors = [door for grid in Area.objects.grids().order_by("code") for door in _doors(grid, dice)]
    Household.objects.bulk_create(doors)
    phones = map(str, count(FIRST_RESIDENT_PHONE))
    people = [one for door in doors for one in _family(door, phones, dice, on)]
    people += _elders_up_to_forty(people, doors, phones, on)
    residents = Resident.objects.bulk_create(sorted(people, key=lambda one: one.grid.code))
    Membership.objects.bulk_create([member for one in residents for member in _memberships(one, residents, on)])
    family_phones = map(str, count(FIRST_FAMILY_PHONE))
    FamilyContact.objects.bulk_create(
        [_contact(one, next(family_phones), dice, on) for one in residents if dice.random() < SHARE_WITH_FAMILY]
    )
    return residents


def _doors(grid: Area, dice: random.Random) -> Iterator[Household]:
    """Yield a grid's flats, two in each of its buildings."""
    buildings_before = (int(grid.code[-3:]) - 1) * HOUSEHOLDS_IN_A_GRID // 2
    for number in range(HOUSEHOLDS_IN_A_GRID):
        room = f"{dice.randint(1, 6)}0{1 + number % 2}"
        building = str(buildings_before + 1 + number // 2)
        yield Household.behind(Door(building, unit=str(1 + number % 2), room=room), grid=grid)


def _family(door: Household, phones: Iterator[str], dice: random.Random, on: date) -> Iterator[Resident]:
    """Yield who lives behind a door; children carry the first one's surname."""
    kind = dice.choices(KINDS, weights=[kind.weight for kind in KINDS])[0]
    surname = dice.choice(SURNAMES)
    for youngest, oldest in kind.ages:
        sex = dice.choice((Sex.FEMALE, Sex.MALE))
        birth_on = on - timedelta(days=round(dice.uniform(youngest + 0.1, oldest + 0.9) * 365.25))
        is_child = oldest < GROWN_UP
        is_elder = youngest >= ELDER
        yield Resident(
            household=door,
            grid=door.grid,
            name=_name(sex, dice, surname=surname if is_child else ""),
            sex=sex,
            birth_on=birth_on,
            phone="" if is_child else next(phones),
            id_number=_id_number(birth_on, sex, dice) if dice.random() < SHARE_WITH_ID_NUMBER else "",
            occupation=_occupation(dice, is_child=is_child, is_elder=is_elder),
            note=dice.choice(NOTES_OF_ELDERS) if is_elder and dice.random() < SHARE_WITH_NOTE else "",
        )


def _elders_up_to_forty(
    people: list[Resident], doors: list[Household], phones: Iterator[str], on: date
) -> Iterator[Resident]:
    """Yield so many elders that the community shown has forty: its coverage is then told in whole hundredths."""
    dice = random.Random(ELDERS_SHOWN)  # noqa: S311  # as above; its own, so that everybody else stays who they were
    there = [door for door in doors if door.grid.code.startswith(SHOWN)]
    elders = [one for one in people if one.grid.code.startswith(SHOWN) and (one.age(on) or 0) >= ELDER]
    for number in range(ELDERS_SHOWN - len(elders)):
        door, sex = there[number * 3 % len(there)], dice.choice((Sex.FEMALE, Sex.MALE))
        yield Resident(
            household=door,
            grid=door.grid,
            name=_name(sex, dice),
            sex=sex,
            birth_on=on - timedelta(days=round(dice.uniform(ELDER + 2, 84) * 365.25)),
            phone=next(phones),
            occupation=_occupation(dice, is_child=False, is_elder=True),
        )


def _memberships(one: Resident, everybody: list[Resident], on: date) -> Iterator[Membership]:
    """Yield the groups that follow from who lives behind the door with them."""
    with_them = [other for other in everybody if other.household_id == one.household_id and other is not one]
    age = one.age(on) or 0
    if age >= ELDER:
        yield Membership(resident=one, group=Group.ELDER)
        if not with_them:
            yield Membership(resident=one, group=Group.ELDER_ALONE)
        elif all((other.age(on) or 0) < GROWN_UP for other in with_them):
            yield Membership(resident=one, group=Group.LEFT_BEHIND)
    elif age < GROWN_UP:
        yield Membership(resident=one, group=Group.STUDENT)
    elif one.occupation in GROUP_OF_OCCUPATION:
        yield Membership(resident=one, group=GROUP_OF_OCCUPATION[one.occupation])


def _name(sex: Sex, dice: random.Random, *, surname: str = "") -> str:
    return (surname or dice.choice(SURNAMES)) + dice.choice(FEMALE_NAMES if sex == Sex.FEMALE else MALE_NAMES)


def _occupation(dice: random.Random, *, is_child: bool, is_elder: bool) -> str:
    if is_child:
        return "学生"
    return "退休" if is_elder else dice.choice(OCCUPATIONS)


def _id_number(birth_on: date, sex: Sex, dice: random.Random) -> str:
    """Return a number of the invented division 999999 with a right check digit; odd is a man."""
    order = dice.randrange(0, 998, 2) + (sex == Sex.MALE)
    first_seventeen = f"999999{birth_on:%Y%m%d}{order:03d}"
    return first_seventeen + id_check_digit(first_seventeen)


def _contact(resident: Resident, phone: str, dice: random.Random, on: date) -> FamilyContact:
    """Return somebody of the family who fits the resident's age."""
    age = resident.age(on) or 0
    relation, sex = dice.choice(next(choices for least, choices in RELATIONS if age >= least))
    surname = resident.name[0] if dice.random() < SHARE_OF_SAME_SURNAME else ""
    return FamilyContact(resident=resident, name=_name(sex, dice, surname=surname), relation=relation, phone=phone)


# ── care ────────────────────────────────────────────────────────────────────────────────────────────────────────────

WEEKS_OF_CARE = 6
ONE_WITHOUT_CARER_OF = 6
ONE_LATE_OF = 4
NOTES_OF_VISITS = (
    "一起看了反诈中心 App 的来电预警。",
    "说最近总有推销电话，已教她直接挂断。",
    "血压偏高，精神还好。",
    "邻居照看着，没有异常。",
    "提醒了“五不”：不回拨、不轻信、不点击、不透露、不转账。",
)
SIGNS_SEEN = (WarningSign.BUYS_TONICS, WarningSign.STRANGE_CALLS)
RISKS_OF = {
    Group.ELDER_ALONE: "独自居住，常接推销电话，信“免费体检”",
    Group.LEFT_BEHIND: "不会用智能手机，转账都托人办",
    Group.TEEN_ONLINE: "整天玩手机，充过游戏币",
}


def make_care(*, now: datetime, seed: int = 1) -> int:
    """Pair the demo's key groups with carers and make their visits of some weeks; return how many there are.

    Some residents have nobody yet, some carers are slow: visits are overdue on the day it is loaded. Made once.
    """
    if Pairing.objects.exists():
        return Visit.objects.count()
    dice = random.Random(seed)  # noqa: S311  # as above
    on = local(now).date()
    _let_some_be_always_online(on)
    people = Resident.objects.in_key_groups().select_related("grid").order_by("grid__code", "pk")
    _give_key_groups_more(people.prefetch_related("memberships"))
    carers, leaders = _holders(Role.CARER, on=on), _holders(Role.GRID_LEADER, on=on)
    specialists = _holders(Role.WARNING_SPECIALIST, on=on)
    for number, one in enumerate(people.prefetch_related("memberships")):
        code = one.grid.code
        if number % ONE_WITHOUT_CARER_OF == ONE_WITHOUT_CARER_OF - 1:
            continue
        # The first is looked after by somebody who has alerts as well.
        carer = carers[code] if number else specialists[code]
        starts_on = on - timedelta(days=dice.randint(10, WEEKS_OF_CARE * 7))
        begin = midnight(starts_on) + timedelta(hours=9)
        services.pair(one, carer=carer, starts_on=starts_on, by=leaders[code], now=begin, on=starts_on)
        _make_visits(one, carer, starts_on, dice, now=now, is_slow=number % ONE_LATE_OF == 1)
    _make_one_with_photo(now=now)
    # A morning at the office begins without the letters of past weeks.
    withdraw([f"pairing:{pk}" for pk in Pairing.objects.values_list("pk", flat=True)], now=now)
    return Visit.objects.count()


def _let_some_be_always_online(on: date) -> None:
    """Put some of the older pupils into the group of those who never leave their phone."""
    teens = [
        one for one in Resident.objects.filter(memberships__group=Group.STUDENT).order_by("pk") if not one.is_minor(on)
    ]
    Membership.objects.bulk_create(Membership(resident=one, group=Group.TEEN_ONLINE) for one in teens[::3])


def _holders(role: Role, *, on: date) -> dict[str, User]:
    """Return who holds a role at each area; of several the first."""
    posts = Post.objects.current(on).of_role(role).select_related("user", "area").order_by("-pk")
    return {post.area.code: post.user for post in posts}


def _give_key_groups_more(people: Iterable[Resident]) -> None:
    """Write down what a dossier says of them, where nothing stands yet."""
    changed = []
    for number, one in enumerate(people):
        one.risks = one.risks or RISKS_OF.get(one.key_groups[0], "")
        one.devices = one.devices or ("一键呼叫器（床头）" if number % 3 == 0 else "")
        if one.has_app is None:
            one.has_app, one.has_call_warning = number % 2 == 0, number % 4 == 0 if number % 2 == 0 else None
        changed.append(one)
    Resident.objects.bulk_update(changed, ["risks", "devices", "has_app", "has_call_warning"])


def _make_visits(
    one: Resident, carer: User, starts_on: date, dice: random.Random, *, now: datetime, is_slow: bool
) -> None:
    """Let a carer come every few days; a slow one has not come for more than a week."""
    on = local(now).date()
    last_on = on - timedelta(days=dice.randint(9, 12) if is_slow else 1)
    days = []
    day = starts_on + timedelta(days=dice.randint(0, 3))
    while day <= last_on:
        days.append(day)
        day += timedelta(days=dice.randint(4, 7))
    if not is_slow and (not days or (on - days[-1]).days > 5):
        days.append(max(starts_on, on - timedelta(days=dice.randint(1, 4))))
    Visit.objects.bulk_create(_visit(one, carer, day, dice, is_last=day == days[-1]) for day in days)


def _visit(one: Resident, carer: User, day: date, dice: random.Random, *, is_last: bool) -> Visit:
    results = (VisitResult.MET,) if is_last else (VisitResult.MET,) * 8 + (VisitResult.PHONE_ONLY, VisitResult.NOT_HOME)
    result = dice.choice(results)
    at = midnight(day) + timedelta(minutes=dice.randint(9 * 60, 17 * 60))
    return Visit(
        resident=one,
        by=carer,
        at=at,
        recorded_at=at,
        result=result,
        mood=dice.choice(Mood.values) if result == VisitResult.MET else "",
        signs=[dice.choice(SIGNS_SEEN)] if dice.random() < 1 / 20 else [],
        note=dice.choice(NOTES_OF_VISITS) if result == VisitResult.MET and dice.random() < 1 / 2 else "",
    )


def _make_one_with_photo(*, now: datetime) -> None:
    """Give the latest visit a photo, drawn here: a white button on a green wall."""
    visit = Visit.objects.met().filter(at__lte=now).order_by("resident__grid__code", "-at").first()
    if visit is not None:
        visit.photo.save("button.jpg", ContentFile(clean_picture(_picture())))


def _picture(width: int = 240, height: int = 160) -> bytes:
    """Return a small PNG."""

    def pixel(x: int, y: int) -> bytes:
        is_button = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2
        return b"\xf4\xf4\xf0" if is_button else bytes((60, 120 + y // 4, 90))

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


# Files handed in

SHOWN_COMMUNITY = "370105012003"
HEADINGS = ("序号", "网格", "楼栋单元房号", "姓名", "身份证号", "联系电话", "人员类别", "住户编号", "备注")


@transaction.atomic
def make_imports(*, now: datetime) -> int:
    """Hand two files in as an office would: one to be looked through, one applied with a row that is parked.

    Returns how many; none a second time.
    """
    area = Area.objects.filter(code=SHOWN_COMMUNITY).first()
    manager = next(iter(_holders(Role.MANAGER, on=local(now).date()).values()), None)
    told = Resident.objects.within(SHOWN_COMMUNITY).exclude(phone_hash="").exclude(id_hash="")
    known = list(told.select_related("grid", "household").order_by("pk")[:3])
    if area is None or manager is None or len(known) < 3 or Import.objects.exists():
        return 0
    first, second, third = (_row_of(one) for one in known)
    third[4] = "999999" + "19600101" + "001" + id_check_digit("99999919600101001")
    _hand_in("西苑社区一季度核对.xlsx", [first, second, third], at=now - timedelta(days=20), by=manager, applies=True)
    grid, door = known[0].grid.name, "30号楼1单元101"
    rows = [
        [*first[:6], "租户", "", "核对时补登"],
        second,
        ["", grid, door, "孙玉珍", "", "199 0000 3901", "独居老人", "", ""],
        ["", grid, "30号楼1单元102", "马国庆", "", "19900003902", "租户", "", "4月新搬来"],
        ["", grid, "30号楼1单元201", "胡晓燕", "", "1990000390", "", "", ""],
        ["", "第九网格", "30号楼1单元202", "林浩然", "", "19900003904", "", "", ""],
    ]
    _hand_in("西苑社区4月新增人员.xlsx", rows, at=now - timedelta(hours=2), by=manager, applies=False)
    return 2


ROBOTS_OF_COMMUNITIES = (
    (ChannelKind.WECOM, "反诈值班群", ""),
    (ChannelKind.DINGTALK, "反诈工作群", "反诈"),
    (ChannelKind.FEISHU, "网格预警群", "预警"),
)
WISHES = (
    ("carer", Topic.CARE, Wish([ChannelKind.SMS], begins_at=time(8), ends_at=time(20))),
    ("outreach_worker", Topic.OUTREACH, Wish([ChannelKind.WECOM, ChannelKind.EMAIL])),
    ("manager", Topic.FILES, Wish(is_inbox_alone=True)),
    ("manager", Topic.REPORTS, Wish([ChannelKind.EMAIL], begins_at=time(9), ends_at=time(18))),
    ("police_liaison", Topic.ALERTS, Wish([ChannelKind.SMS], begins_at=time(7), ends_at=time(22))),
)
"""What the first holder of each role in every community wishes; ``begins_at`` and ``ends_at`` are hours of theirs."""


@transaction.atomic
def make_channels(*, now: datetime) -> int:
    """Set up a robot for each community, switched off, and let some people wish; return how many robots there are."""
    communities = list(Area.objects.filter(level=Level.COMMUNITY).order_by("code"))
    if Channel.objects.robots().filter(area_code__in=[area.code for area in communities]).exists():
        return Channel.objects.robots().count()
    for (kind, name, keyword), area in zip(cycle(ROBOTS_OF_COMMUNITIES), communities, strict=False):
        manager = User.objects.filter(posts__area=area, posts__role=Role.MANAGER).order_by("pk").first()
        if manager is None:
            continue
        add_robot(
            kind=kind,
            name=name,
            area_code=area.code,
            address=f"demo-switched-off-{area.code}",
            secret="",
            keyword=keyword,
            mention=True,
            is_active=False,
            by=manager,
            now=now,
        )
        for role, topic, wish in WISHES:
            holders = User.objects.filter(posts__area__code__startswith=area.code, posts__role=role)
            if holder := holders.order_by("username").first():
                set_wish(holder, topic, wish, now=now)
    return Channel.objects.robots().count()


def _row_of(one: Resident) -> list[str]:
    return ["", one.grid.name, one.address, one.name, one.id_number, one.phone, "", "", ""]


def _hand_in(name: str, rows: list[list[str]], *, at: datetime, by: User, applies: bool) -> None:
    title = ["西苑社区居民花名册", "", "", "", "", "", "", "", ""]
    numbered = ([str(number), *row[1:]] for number, row in enumerate(rows, start=1))
    content = table_of([title, HEADINGS, *numbered])
    sheet = hand_in(RosterKind(), content=content, file_name=name, area_code=SHOWN_COMMUNITY, options={}, by=by, now=at)
    work_on(sheet.pk, now=at)
    if applies:
        move_on(sheet, to=State.APPLYING, by=by, now=at)
        work_on(sheet.pk, now=at)
