"""The roster at full size: fifty thousand rows in, a hundred thousand out."""

import io
import random
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from accounts.clock import database_now
from accounts.personal_data import id_check_digit
from antifraud.district.people import GIVEN, SURNAMES
from bench.figures import Figure, at_most
from bench.world import DISTRICT, make_world
from cases.exports import ledger_workbook
from cases.models import Case
from residents.exports import roster_workbook
from residents.importers import RosterKind
from residents.models import Resident
from sheets.services import carry_out, hand_in, plan_of

ROWS = 50_000
EXPORTED = 100_000
GOAL_BESIDE_OPENPYXL = 10 / 8.8
"""limits.md's goal for fifteen columns, beside what openpyxl alone took for them there."""
COMMUNITY = f"{DISTRICT}001000"
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


def worked(deed: Callable[[], object]) -> tuple[float, float, object]:
    """Return how long it took, and how long this process's processor worked on it: others' work does not move that."""
    started = time.process_time()
    took, done = timed(deed)
    return took, time.process_time() - started, done


def roster() -> list[Figure]:
    """Read, look through and apply fifty thousand rows; then the same file again."""
    make_world()
    content = roster_file(ROWS)

    def read() -> object:
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    bare, bare_work, _rows = worked(read)
    first, first_work, counts = worked(lambda: _apply(content))
    assert counts["new"] == ROWS, counts
    again, again_work, counts = worked(lambda: _apply(content))
    assert counts["same"] == ROWS, counts
    more = {"reference": bare, "reference_is": "reading the cells alone"}
    work = {"reference": bare_work, "reference_is": "of reading the cells alone"}
    return [
        at_most("roster of 50,000 rows, read, held against the roster and applied", first, "s", 8, **more),
        Figure("  the processor's time, without the database's", first_work, "s", **work),
        at_most("the same file again: nothing written", again, "s", 3, **more),
        Figure("  the processor's time, without the database's", again_work, "s", **work),
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


def export() -> list[Figure]:
    """Write a hundred thousand residents as a workbook."""
    make_world(residents=EXPORTED)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took, content = timed(lambda: roster_workbook(Resident.objects.within(DISTRICT), is_whole=False, mark="量"))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare, _content = timed(lambda: _bare_export(22))
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


def ledger() -> list[Figure]:
    """Write a hundred thousand cases of a district's ledger as a workbook."""
    cases = Case.objects.filter(pk__in=Case.objects.order_by("pk").values("pk")[:EXPORTED])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took, content = timed(lambda: ledger_workbook(cases, is_whole=False, mark="量"))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bare, _content = timed(lambda: _bare_export(27))
    goal = f"≤ 10 or {GOAL_BESIDE_OPENPYXL:.2f} × ref."
    is_kept = took <= 10 or took <= GOAL_BESIDE_OPENPYXL * bare
    return [
        Figure(
            "export of 100,000 cases, 27 columns",
            took,
            "s",
            goal,
            is_kept,
            bare,
            "as many empty cells by openpyxl alone",
        ),
        at_most("memory that it takes more", after - before, "MB", 80),
        Figure("the file", len(content) / 2**20, "MB"),
    ]


def _bare_export(columns: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _row in range(EXPORTED):
        sheet.append(["字"] * columns)
    book.save(io.BytesIO())
