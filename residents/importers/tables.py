"""What areas and staff look like as CSV files, and how they come in.

A file is UTF-8 or GB18030, its first row names the columns. Rows that are right are kept, rows
that are wrong are reported by their number in the sheet (the header is row 1); the same file
again changes nothing.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import normalise_phone, phone_index
from accounts.roles import Role
from accounts.services import record
from residents.models import Area, AreaAlias, Level, Post, is_below
from residents.services import ResidentsError, appoint
from sheets.reading import OLE, ZIP, FileRefusedError, decoded

AREA_COLUMNS = ("code", "name", "level")
STAFF_COLUMNS = ("username", "name", "phone", "role", "area")
ALIAS_SEPARATORS = str.maketrans(dict.fromkeys("；;、|", ","))
MOST_DIGITS = 32


@dataclass(frozen=True)
class RowError:
    """Why a row stayed out: its number in the sheet, the column, a word for programs, words for people."""

    row: int
    field: str
    code: str
    message: str

    def __str__(self) -> str:
        """Return where and what, as the command prints it."""
        where = _("Row %(row)d, %(field)s") if self.field else _("Row %(row)d")
        return f"{where % {'row': self.row, 'field': self.field}}: {self.message}"


@dataclass
class Outcome:
    """What came of a file. ``rows`` counts those below the header that are not empty."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    errors: list[RowError] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return the numbers alone, for the audit trail."""
        return {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "errors": len(self.errors),
        }

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, fit for JSON."""
        return asdict(self)

    def add(self, verdict: str) -> None:
        """Count one row that is right: "new", "changed" or "same"."""
        setattr(self, verdict, getattr(self, verdict) + 1)


class RowRefusedError(Exception):
    """One row cannot be taken; becomes a ``RowError``."""

    def __init__(self, column: str, code: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.code = code


Row = Mapping[str, str]


def read_rows(content: bytes, columns: Sequence[str]) -> list[tuple[int, Row]]:
    """Return the rows that are not empty, each with its number in the sheet, cells stripped.

    Columns may stand in any order and others may stand beside them; a short row has empty cells.
    Raises ``FileRefusedError`` where nothing can be read.
    """
    try:
        lines = list(csv.reader(io.StringIO(_text(content), newline="")))
    except csv.Error as error:
        raise FileRefusedError(
            "not_csv", _("This is not a CSV file (%(why)s). Save the sheet as CSV.") % {"why": error}
        ) from error
    if not lines:
        raise FileRefusedError("empty", _("The file is empty. Its first row must name the columns."))
    header = [name.strip().lower() for name in lines[0]]
    for column in columns:
        if column not in header:
            raise FileRefusedError(
                "no_column",
                _("The first row has no column “%(column)s”. It must name: %(columns)s.")
                % {"column": column, "columns": ", ".join(columns)},
                column=column,
            )
    return list(_named(header, lines[1:]))


def _named(header: list[str], lines: Iterable[list[str]]) -> Iterator[tuple[int, Row]]:
    for number, cells in enumerate(lines, start=2):
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            stripped += [""] * (len(header) - len(stripped))
            yield number, dict(zip(header, stripped, strict=False))


def _text(content: bytes) -> str:
    """Return the text of a CSV file; what is a workbook is said to be one."""
    if content.startswith((ZIP, OLE)):
        raise FileRefusedError(
            "not_csv", _("This is not a CSV file but a workbook or an archive. Save the sheet as CSV.")
        )
    return decoded(content)


@transaction.atomic
def import_areas(content: bytes, *, by: User | None, now: datetime, from_where: str = "") -> Outcome:
    """Bring the tree of areas in. Rows may come in any order; other names are added, never taken away."""
    outcome = Outcome()
    try:
        rows = read_rows(content, AREA_COLUMNS)
    except FileRefusedError as error:
        outcome.errors.append(RowError(1, error.column, error.code, str(error)))
        return outcome
    tree = {area.code: area for area in Area.objects.all()}
    aliases: dict[str, set[str]] = {code: set() for code in tree}
    for code, name in AreaAlias.objects.values_list("area__code", "name"):
        aliases[code].add(name)
    seen: dict[str, int] = {}
    outcome.rows = len(rows)
    for number, row in sorted(rows, key=lambda numbered: len(numbered[1]["code"])):
        try:
            if row["code"] in seen:
                raise RowRefusedError(
                    "code",
                    "twice",
                    _("The code %(code)s already stands in row %(row)d. Give each area its own.")
                    % {"code": row["code"], "row": seen[row["code"]]},
                )
            outcome.add(_take_area(row, tree, aliases))
            seen[row["code"]] = number
        except RowRefusedError as error:
            outcome.errors.append(RowError(number, error.column, error.code, str(error)))
    _finish("residents.areas_imported", outcome, by=by, now=now, from_where=from_where)
    return outcome


def _take_area(row: Row, tree: dict[str, Area], aliases: dict[str, set[str]]) -> str:
    """Write one area where it is new or differs; return "new", "changed" or "same"."""
    _check_area(row)
    parent = _parent_of(row, tree)
    area = tree.get(row["code"])
    verdict = "same"
    if area is None:
        verdict = "new"
        area = Area(code=row["code"], name=row["name"], level=row["level"], parent=parent)
    elif (area.name, area.level, area.parent_id) != (row["name"], row["level"], parent.pk if parent else None):
        verdict = "changed"
        area.name, area.level, area.parent = row["name"], row["level"], parent
    if verdict != "same":
        _check(area, code="wrong")
        area.save()
        tree[area.code] = area
    known = aliases.setdefault(area.code, set())
    unknown = {name.strip() for name in row.get("aliases", "").translate(ALIAS_SEPARATORS).split(",")} - known - {""}
    for name in sorted(unknown):
        AreaAlias.objects.create(area=area, name=name[:64])
    known |= unknown
    return "changed" if verdict == "same" and unknown else verdict


def _check_area(row: Row) -> None:
    code = row["code"]
    if not code:
        raise RowRefusedError("code", "missing", _("The code is missing."))
    if not (code.isascii() and code.isdigit() and len(code) <= MOST_DIGITS):
        raise RowRefusedError(
            "code",
            "wrong",
            _("The code “%(code)s” is not made of digits alone. Set the column's cells to text.") % {"code": code},
        )
    if not row["name"]:
        raise RowRefusedError("name", "missing", _("The name is missing."))
    if row["level"] not in Level.values:
        raise RowRefusedError(
            "level",
            "unknown",
            _("There is no level “%(level)s”. It is one of: %(levels)s.")
            % {"level": row["level"], "levels": ", ".join(Level.values)},
        )


def _parent_of(row: Row, tree: Mapping[str, Area]) -> Area | None:
    """Return the narrowest area whose code begins this one's; None for a district."""
    code = row["code"]
    above = (tree[code[:length]] for length in range(len(code) - 1, 0, -1) if code[:length] in tree)
    parent = next(above, None)
    if parent is None and row["level"] != Level.DISTRICT:
        raise RowRefusedError(
            "code",
            "no_parent",
            _("No area above has a code that begins %(code)s. Put it into the file, or mend the code.")
            % {"code": code},
        )
    if parent is not None and not is_below(row["level"], parent.level):
        raise RowRefusedError(
            "level",
            "wrong",
            _("By its code it lies in %(parent)s, which is no wider level. Mend the code or the level.")
            % {"parent": parent.name},
        )
    return parent


@transaction.atomic
def import_staff(content: bytes, *, on: date, by: User | None, now: datetime, from_where: str = "") -> Outcome:
    """Bring people and their posts in; new posts begin ``on`` that day.

    A person is known by the username and may stand in several rows, one for each post. New people
    cannot log in until somebody sets a password for them.
    """
    outcome = Outcome()
    try:
        rows = read_rows(content, STAFF_COLUMNS)
    except FileRefusedError as error:
        outcome.errors.append(RowError(1, error.column, error.code, str(error)))
        return outcome
    areas = {area.code: area for area in Area.objects.all()}
    outcome.rows = len(rows)
    for number, row in rows:
        try:
            with transaction.atomic():  # a person is not left behind without the post
                outcome.add(_take_staff(row, areas, on=on, by=by, now=now, from_where=from_where))
        except RowRefusedError as error:
            outcome.errors.append(RowError(number, error.column, error.code, str(error)))
    _finish("residents.staff_imported", outcome, by=by, now=now, from_where=from_where)
    return outcome


def _take_staff(
    row: Row, areas: Mapping[str, Area], *, on: date, by: User | None, now: datetime, from_where: str
) -> str:
    """Write one person and post where new or different; return "new", "changed" or "same"."""
    area, phone = _check_staff(row, areas)
    role = Role(row["role"])
    user = User.objects.filter(username=row["username"]).first()
    verdict = "same"
    if user is None:
        verdict = "new"
        user = User(username=row["username"], name=row["name"], phone=phone)
        user.set_unusable_password()
    elif user.name != row["name"] or (phone and user.phone != phone):
        verdict = "changed"
        user.name, user.phone = row["name"], phone or user.phone
    if verdict != "same":
        _check(user, code="wrong")
        user.save()
    if not Post.objects.current(on).filter(user=user, area=area, role=role).exists():
        try:
            appoint(user, area=area, role=role, starts_on=on, by=by, now=now, from_where=from_where)
        except ResidentsError as error:
            raise RowRefusedError("role", "overlap", str(error)) from error
        verdict = "changed" if verdict == "same" else verdict
    return verdict


def _check_staff(row: Row, areas: Mapping[str, Area]) -> tuple[Area, str]:
    """Return the area and the phone number in its one form, "" for none."""
    for column, missing in (("username", _("The username is missing.")), ("name", _("The name is missing."))):
        if not row[column]:
            raise RowRefusedError(column, "missing", missing)
    if row["role"] not in Role.values:
        raise RowRefusedError(
            "role",
            "unknown",
            _("There is no role “%(role)s”. It is one of: %(roles)s.")
            % {"role": row["role"], "roles": ", ".join(Role.values)},
        )
    area = areas.get(row["area"])
    if area is None:
        raise RowRefusedError(
            "area",
            "unknown",
            _("There is no area with the code “%(code)s”. Import the areas first, or mend the code.")
            % {"code": row["area"]},
        )
    if not row["phone"]:
        return area, ""
    try:
        phone = normalise_phone(row["phone"])
    except ValueError as error:
        raise RowRefusedError("phone", "wrong", str(error)) from error
    other = User.objects.filter(phone_hash=phone_index(phone)).exclude(username=row["username"]).first()
    if other is not None:
        raise RowRefusedError(
            "phone", "taken", _("%(person)s already has this phone number.") % {"person": other.username}
        )
    return area, phone


def _check(thing: Area | User, *, code: str) -> None:
    """Refuse the row for what the model itself refuses, naming the first field."""
    try:
        thing.full_clean(exclude={"password"}, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        column, messages = next(iter(error.message_dict.items()))
        raise RowRefusedError(column, code, " ".join(messages)) from error


def _finish(verb: str, outcome: Outcome, *, by: User | None, now: datetime, from_where: str) -> None:
    """Put the errors in the order of the sheet; leave a line in the trail where anything was written."""
    outcome.errors.sort(key=lambda error: error.row)
    if outcome.new or outcome.changed:
        record(verb, by=by, at=now, detail=outcome.counts(), from_where=from_where)
