"""The roster at full size: fifty thousand rows in, a million residents searched, a hundred thousand out."""

import io
import random
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta

from django.db import connection, transaction
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from accounts.clock import database_now, today
from accounts.personal_data import id_check_digit, phone_tail_index
from bench.figures import Figure, at_most
from bench.world import DISTRICT, make_world
from residents.exports import roster_workbook
from residents.importers import RosterKind
from residents.models import Area, Resident, ResidentQuerySet
from residents.screens.roster import found, meant
from sheets.services import carry_out, hand_in, plan_of

ROWS = 50_000
MILLION = 1_000_000
EXPORTED = 100_000
COMMUNITY = f"{DISTRICT}001000"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
# A hundred and twenty of the thousands of characters that given names are made of: real ones repeat less.
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文建国春梅红云志海波宁福生龙元全胜学祥才发武新利清飞彬富顺信子"
    "杰浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以德家致树炎行时泰盛雄琛钧冠策腾楠榕风航弘思雨佳"
)
HEAD = (
    *("序号", "网格", "楼栋单元房号", "姓名", "性别", "身份证号", "出生日期", "联系电话", "与户主关系", "人员类别"),
    *("家属联系人姓名", "家属联系人关系", "家属联系人电话", "国家反诈中心APP", "来电预警", "备注"),
)


def roster_file(rows: int) -> bytes:
    """Return a roster of invented people; each ID number stands once."""
    dice = random.Random(1)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("花名册")
    sheet.append(["量社区居民花名册"])
    sheet.append(HEAD)
    for n in range(rows):
        born = date(1930, 1, 1) + timedelta(days=n % 33_000)
        number = f"999999{born:%Y%m%d}{n // 33_000:03d}"
        has_family = n % 2 == 0
        sheet.append(
            [
                n + 1,
                f"量0-{n % 20}网格",
                f"{n // 200 + 1}号楼{n % 4 + 1}单元{n % 20 + 1}0{n % 4 + 1}",
                dice.choice(SURNAMES) + dice.choice(GIVEN) + dice.choice(GIVEN),
                "男" if int(number[16]) % 2 else "女",
                number + id_check_digit(number),
                born.isoformat(),
                f"1990{n:07d}",
                "户主",
                "租户" if n % 5 == 0 else "",
                "李某" if has_family else "",
                "女儿" if has_family else "",
                f"1991{n:07d}" if has_family else "",
                "是",
                "否",
                "",
            ]
        )
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def timed(deed: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    done = deed()
    return time.perf_counter() - started, done


def roster() -> list[Figure]:
    """Read, look through and apply fifty thousand rows; then the same file again."""
    make_world()
    content = roster_file(ROWS)
    bare, _rows = timed(lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python())
    first, counts = timed(lambda: _apply(content))
    assert counts["new"] == ROWS, counts
    again, counts = timed(lambda: _apply(content))
    assert counts["same"] == ROWS, counts
    more = {"reference": bare, "reference_is": "reading the cells alone"}
    return [
        at_most("roster of 50,000 rows, read, held against the roster and applied", first, "s", 8, **more),
        at_most("the same file again: nothing written", again, "s", 3, **more),
        Figure("memory at its peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"),
    ]


def _apply(content: bytes) -> dict[str, int]:
    kind, now = RosterKind(), database_now()
    with transaction.atomic():
        options = {}
        _table, plan = plan_of(kind, content, area_code=COMMUNITY, options=options, now=now)
        if plan.counts["new"] or plan.counts["changed"]:
            sheet = hand_in(
                kind, content=content, file_name="量.xlsx", area_code=COMMUNITY, options=options, by=None, now=now
            )
            carry_out(sheet, plan, by=None, now=now)
    return plan.counts


def search() -> list[Figure]:
    """Find residents among a million by one, two, three characters, by the phone's end, by the building."""
    make_world()
    _fill(MILLION)
    everybody = Resident.objects.within(DISTRICT)
    figures = []
    for text, goal in (("王", 3.0), ("秀英", 3.0), ("王秀英", 3.0), ("0017", 1.0), ("3号楼", 3.0)):
        took = median(lambda text=text: list(_asked(everybody, text).values_list("pk", flat=True)[:51]))
        assert _asked(everybody, text).exists(), text
        page = median(lambda text=text: found(everybody, text, number="", on=today()))
        bare = median(lambda text=text: _bare(text))
        more = {"reference": bare, "reference_is": "fifty keys by bare SQL"}
        figures.append(at_most(f"residents by “{text}”, 1 M", took, "ms", goal, **more))
        figures.append(Figure("  the page of fifty, drawn", page, "ms"))
    return figures


def _asked(residents: ResidentQuerySet, text: str) -> ResidentQuerySet:
    """Return the question that the page asks: a single character is a surname."""
    return residents.whose_name_begins(text) if len(text) == 1 else meant(residents, text)


def median(deed: Callable[[], object], rounds: int = 15) -> float:
    deed()
    return sorted(timed(deed)[0] for _round in range(rounds))[rounds // 2] * 1000


IN_BUILDING = """
    SELECT r.id FROM residents_resident r JOIN residents_household h ON h.id = r.household_id
    WHERE h.building = %s LIMIT 51
"""


def _bare(text: str) -> None:
    questions = {
        "0017": ("SELECT id FROM residents_resident WHERE tail_hash = %s LIMIT 51", [phone_tail_index("19900000017")]),
        "3号楼": (IN_BUILDING, ["3"]),
        "王": (
            "SELECT id FROM residents_resident WHERE name >= %s AND name < %s ORDER BY name LIMIT 51",
            ["王", "王\U0010ffff"],
        ),
    }
    pieces = [text[at : at + 2] for at in range(len(text) - 1)]
    by_pieces = "SELECT id FROM residents_resident WHERE residents_pieces_of_name(name) @> %s::text[] LIMIT 51"
    sql, values = questions.get(text, (by_pieces, [pieces]))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.fetchall()


def _fill(number: int) -> None:
    """Insert residents by one statement: nothing of them is real, and of their numbers the indexes alone are there."""
    grids = list(Area.objects.grids().values_list("pk", flat=True))
    surnames, given = list(SURNAMES), list(GIVEN)
    tails = [phone_tail_index(f"{n:04d}") for n in range(10_000)]
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            'INSERT INTO residents_household (grid_id, building, unit, room, "order")'
            " SELECT g, b::text, '1', (b * 100 + r)::text, lpad(b::text, 5, '0') || r"
            " FROM unnest(%s::bigint[]) g, generate_series(1, 50) b, generate_series(1, 20) r",
            [grids],
        )
        cursor.execute("SELECT min(id), max(id) FROM residents_household")
        low, high = cursor.fetchone()
        cursor.execute(
            "INSERT INTO residents_resident (grid_id, household_id, name, sex, birth_on, phone, phone_hash, tail_hash,"
            " id_number, id_hash, relation, residence, occupation, devices, risks, note, legal_basis, departure)"
            " SELECT h.grid_id, h.id, (%s::text[])[1 + n * 7 %% %s] || (%s::text[])[1 + n * 104729::bigint / 31 %% %s]"
            " || (%s::text[])[1 + n * 7919::bigint / 97 %% %s], '', date '1930-01-01' + n %% 30000, '', md5(n::text),"
            " t.tail, '', '', '', '', '', '', '', '', 'duty', ''"
            " FROM unnest(%s::text[]) WITH ORDINALITY t(tail, i)"
            " JOIN generate_series(0, %s - 1) n ON n %% 10000 = t.i - 1"
            " JOIN residents_household h ON h.id = %s + n %% %s",
            [
                *(surnames, len(surnames), given, len(given), given, len(given), tails),
                *(number, low, high - low + 1),
            ],
        )
        cursor.execute("ANALYZE")


def export() -> list[Figure]:
    """Write a hundred thousand residents as a workbook."""
    make_world(residents=EXPORTED)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took, content = timed(lambda: roster_workbook(Resident.objects.within(DISTRICT), is_whole=False, mark="量"))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare, _content = timed(_bare_export)
    return [
        at_most(
            "export of 100,000 residents, 22 columns",
            took,
            "s",
            10,
            reference=bare,
            reference_is="as many empty cells by openpyxl alone",
        ),
        at_most("memory that it takes more", after - before, "MB", 80),
        Figure("the file", len(content) / 2**20, "MB"),
    ]


def _bare_export() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _row in range(EXPORTED):
        sheet.append(["字"] * 22)
    book.save(io.BytesIO())
