"""The ledger as a workbook that comes back unchanged: export, edit, import.

Names and numbers are masked unless somebody who may asked for them whole; what is masked means "as it was" when the
file comes back, and the system's number says which case is meant.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from accounts.clock import local
from cases.columns import APPROACH_WORDS, COLUMNS, MASKS, MONEY, STATUS_WORDS
from cases.models import CaseQuerySet
from cases.policy import Approach, Status
from residents.columns import GROUP_WORDS, RESIDENCE_WORDS, SEX_WORDS
from residents.exports import TICKS
from residents.policy import Group, Residence
from sheets.writing import table_of

EXPORTED = tuple(column for column in COLUMNS if column.is_in_template)
KEYS = tuple(column.key for column in EXPORTED)
TOGETHER = 2000
FIELDS = (
    *("pk", "number", "status", "occurred_at", "reported_at", "filed_on", "victim_name", "victim_phone", "victim_sex"),
    *("victim_age", "victim_occupation", "victim_group", "victim_residence", "grid__name", "fraud_type__name_zh"),
    *("is_elder_fraud", "approach", "place_happened", "amount_lost", "amount_frozen", "amount_returned"),
    *("amount_prevented", "prevented_judged_by", "was_warned", "warned_at", "story", "note"),
)


def ledger_workbook(cases: CaseQuerySet, *, is_whole: bool, mark: str) -> bytes:
    """Return the cases as a workbook: a line that says whose file it is, the headings, a row each. Amounts are yuan."""

    def lines() -> Iterator[list[object]]:
        yield [mark]
        yield [column.label for column in EXPORTED]
        rows = cases.newest_first().values(*FIELDS).iterator(chunk_size=TOGETHER)
        for number, row in enumerate(rows, start=1):
            yield _line(row, number, is_whole=is_whole)

    return table_of(lines(), title="警情台账", widths=[column.width for column in EXPORTED])


def _line(row: Mapping[str, Any], number: int, *, is_whole: bool) -> list[object]:
    name, phone = row["victim_name"], row["victim_phone"]
    cells: dict[str, Any] = {
        "pk": row["pk"],
        "row": number,
        "number": row["number"],
        "status": STATUS_WORDS[Status(row["status"])],
        "occurred": _moment(row["occurred_at"]),
        "reported": _moment(row["reported_at"]),
        "filed": _day(row["filed_on"]),
        "victim": name if is_whole else MASKS["victim_name"](name),
        "phone": phone if is_whole else MASKS["victim_phone"](phone),
        "sex": SEX_WORDS.get(row["victim_sex"], ""),
        "age": row["victim_age"],
        "occupation": row["victim_occupation"],
        "categories": _categories(row["victim_group"], row["victim_residence"]),
        "grid": row["grid__name"],
        "type": row["fraud_type__name_zh"],
        "elder": TICKS[row["is_elder_fraud"]],
        "approach": APPROACH_WORDS[Approach(row["approach"])] if row["approach"] else "",
        "place": row["place_happened"],
        "judged_by": row["prevented_judged_by"],
        "warned": TICKS[row["was_warned"]],
        "warned_at": _moment(row["warned_at"]),
        "story": row["story"],
        "note": row["note"],
    }
    cells |= {key: _amount(row[field]) for key, field in MONEY.items() if row[field] or key == "lost"}
    return [cells.get(key, "") for key in KEYS]


def _amount(amount: Decimal) -> float | int:
    """Return an amount as a number of the sheet: yuan, whole where there is no fen."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _moment(at: datetime | None) -> str:
    """Return a moment as the importer reads it back: to the minute, and to the second where it has some."""
    if at is None:
        return ""
    here = local(at)
    return here.replace(tzinfo=None).isoformat(" ", "seconds" if here.second else "minutes")


def _day(on: date | None) -> str:
    return on.isoformat() if on is not None else ""


@lru_cache
def _categories(group: str, residence: str) -> str:
    words = [GROUP_WORDS[Group(group)]] if group else []
    return "、".join([*words, RESIDENCE_WORDS[Residence(residence)]] if residence else words)
