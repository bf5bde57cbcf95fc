"""The residents, where they live, the groups they are in, and the carers who visit some of them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from accounts.personal_data import encrypt, id_check_digit, id_number_index, phone_index, phone_tail_index
from accounts.rows import reserve_keys
from antifraud.district.places import FIRST_PHONE, PHONES, Place
from antifraud.district.pouring import pour
from antifraud.district.scale import Scale
from residents.models import Household, Membership, Pairing, Resident, Sex, Visit
from residents.policy import Door, Group, Mood, Residence, VisitResult, age_on

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
# A hundred and twenty of the thousands of characters that given names are made of: real ones repeat less.
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文建国春梅红云志海波宁福生龙元全胜学祥才发武新利清飞彬富顺信子"
    "杰浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以德家致树炎行时泰盛雄琛钧冠策腾楠榕风航弘思雨佳"
)
OCCUPATIONS = ("", "", "退休", "公司职员", "个体工商户", "企业财务", "家庭主妇", "外卖骑手", "教师")
AT_A_DOOR = 3
FLATS_OF_A_BUILDING, FLATS_OF_A_UNIT, FLATS_OF_A_FLOOR = 60, 30, 3
OLDEST = 95 * 365
ELDER, GROWN_UP, SCHOOL_FROM, RETIRED = 60, 18, 6, 65
AT_WORK = (Group.SHOPKEEPER, Group.FINANCE, Group.YOUNG_WORKER, Group.HOMEMAKER, Group.MIGRANT)
BIRTHDAYS_MOST = 500


@dataclass
class People:
    """Who lives in the district, by number from nought in the order of the grids: what touches and alerts name."""

    first: list[int] = field(default_factory=list)
    """The number of the first in each grid, and one more at the end."""
    keys: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    born: list[date] = field(default_factory=list)
    women: bytearray = field(default_factory=bytearray)
    alone: list[int] = field(default_factory=list)
    """The elders who live alone."""

    def __len__(self) -> int:
        return len(self.keys)

    def of_grid(self, number: int) -> range:
        """Return who lives in a grid."""
        return range(self.first[number], self.first[number + 1])

    def grid_of(self, number: int) -> int:
        """Return in which grid somebody lives, by its place in the list of grids."""
        return bisect_right(self.first, number) - 1


def make_people(scale: Scale, places: Sequence[Place], *, on: date) -> People:
    """Make the households and the residents. ID numbers begin with 999999; phones repeat, there are ten thousand."""
    share = len(places)
    people = People(first=[n * scale.residents // share for n in range(share + 1)])
    people.keys = reserve_keys(Resident, scale.residents)
    doors = _make_households(people, places)
    pour(Resident, _residents(people, places, doors, dice=Random(f"{scale.seed} people"), on=on))
    pour(Membership, _memberships(people, dice=Random(f"{scale.seed} groups"), on=on))
    return people


def make_care(scale: Scale, people: People, places: Sequence[Place], *, now: datetime, on: date) -> int:
    """Pair the elders who live alone with their grid's carer, who was there lately with most of them."""
    dice = Random(f"{scale.seed} care")
    carers = [places[people.grid_of(n)].carer for n in people.alone]
    since = on - timedelta(days=300)
    pour(
        Pairing,
        (
            {"resident_id": people.keys[n], "carer_id": carer, "starts_on": since}
            for n, carer in zip(people.alone, carers, strict=True)
        ),
    )
    return pour(
        Visit,
        (
            {
                "resident_id": people.keys[n],
                "by_id": carer,
                "at": now - timedelta(days=weeks * 7 + dice.randrange(9), minutes=dice.randrange(300)),
                "result": dice.choice(VisitResult.values),
                "mood": dice.choice(Mood.values),
            }
            for n, carer in zip(people.alone, carers, strict=True)
            for weeks in (1, 0)
        ),
    )


def _make_households(people: People, places: Sequence[Place]) -> list[list[int]]:
    """Make a flat for three people each; return their keys by grid."""
    flats = [-(-len(people.of_grid(n)) // AT_A_DOOR) for n in range(len(places))]
    keys = iter(reserve_keys(Household, sum(flats)))
    doors = [_door(n) for n in range(max(flats))]
    orders = [door.order for door in doors]
    made = [[next(keys) for _flat in range(count)] for count in flats]
    pour(
        Household,
        (
            {
                "id": key,
                "grid_id": place.pk,
                "building": doors[n].building,
                "unit": doors[n].unit,
                "room": doors[n].room,
                "order": orders[n],
            }
            for place, here in zip(places, made, strict=True)
            for n, key in enumerate(here)
        ),
    )
    return made


def _door(number: int) -> Door:
    building, rest = divmod(number, FLATS_OF_A_BUILDING)
    unit, rest = divmod(rest, FLATS_OF_A_UNIT)
    floor, room = divmod(rest, FLATS_OF_A_FLOOR)
    return Door(str(building + 1), str(unit + 1), f"{floor + 1}0{room + 1}")


def _residents(
    people: People, places: Sequence[Place], doors: Sequence[Sequence[int]], *, dice: Random, on: date
) -> Iterator[dict[str, object]]:
    """Yield each, and remember of each what others ask for."""
    indexes = [phone_index(str(FIRST_PHONE + n)) for n in range(PHONES)]
    tails = [phone_tail_index(str(FIRST_PHONE + n)) for n in range(PHONES)]
    on_this_day: dict[int, int] = {}
    for grid, place in enumerate(places):
        here = people.of_grid(grid)
        for n in here:
            days = dice.randrange(OLDEST)
            born, is_woman = on - timedelta(days=days), dice.random() < 0.5
            turn = on_this_day[days] = on_this_day.get(days, -1) + 1
            id_number = _id_number(born, turn % BIRTHDAYS_MOST, is_woman=is_woman)
            name = dice.choice(SURNAMES) + dice.choice(GIVEN) + (dice.choice(GIVEN) if dice.random() < 0.8 else "")
            number = dice.randrange(PHONES)
            has_phone = days > 12 * 365 and dice.random() < 0.9
            phone = str(FIRST_PHONE + number) if has_phone else ""
            is_tenant = dice.random() < 0.1
            people.names.append(name)
            people.phones.append(phone)
            people.born.append(born)
            people.women.append(is_woman)
            yield {
                "id": people.keys[n],
                "grid_id": place.pk,
                "household_id": doors[grid][(n - here.start) // AT_A_DOOR],
                "name": name,
                "sex": Sex.FEMALE if is_woman else Sex.MALE,
                "birth_on": f"{born}",
                "phone": encrypt(phone),
                "phone_hash": indexes[number] if phone else "",
                "tail_hash": tails[number] if phone else "",
                "id_number": encrypt(id_number),
                "id_hash": id_number_index(id_number),
                "residence": Residence.TENANT if is_tenant else Residence.REGISTERED,
                "moved_in_on": f"{on - timedelta(days=dice.randrange(1500))}" if is_tenant else None,
                "has_app": dice.choice((True, True, False, None)),
                "has_call_warning": dice.choice((True, False, None)),
                "occupation": dice.choice(OCCUPATIONS) if GROWN_UP * 365 < days < RETIRED * 365 else "",
            }


def _id_number(born: date, turn: int, *, is_woman: bool) -> str:
    """Return an ID number of nobody; its seventeenth digit is odd for men."""
    first = f"999999{born:%Y%m%d}{2 * turn + (not is_woman):03d}"
    return first + id_check_digit(first)


def _memberships(people: People, *, dice: Random, on: date) -> Iterator[dict[str, object]]:
    for n, born in enumerate(people.born):
        for group in _groups(age_on(born, on), dice):
            if group == Group.ELDER_ALONE:
                people.alone.append(n)
            yield {"resident_id": people.keys[n], "group": group}


def _groups(age: int, dice: Random) -> tuple[Group, ...]:
    by_chance = dice.random()
    if age >= ELDER:
        return (Group.ELDER, Group.ELDER_ALONE) if by_chance < 0.1 else (Group.ELDER,)
    if age >= GROWN_UP:
        return (dice.choice(AT_WORK),) if by_chance < 0.3 else ()
    if age >= SCHOOL_FROM:
        return (Group.STUDENT, Group.TEEN_ONLINE) if by_chance < 0.05 else (Group.STUDENT,)
    return ()
