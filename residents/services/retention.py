"""What is let go of, and when (PIPL, articles 19 and 47): people who have gone, and files that were handed in.

The log of access is only counted: nobody removes a line of the audit trail, and so no page and no task does. What an
alert keeps of a person is the alert's own.

An app above that keeps something of people registers a ``Keeper`` when the program starts; residents knows none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from django.db import transaction
from django.db.models import DateField, QuerySet
from django.db.models.fields.files import FileField
from django.db.models.functions import Trunc
from django.utils.functional import Promise

from accounts.clock import local, midnight
from accounts.models import AuditEntry, User
from accounts.services import record
from residents.access import Scope, within
from residents.models import FamilyContact, Membership, Resident, Rule, Visit
from residents.models.care import VisitQuerySet
from residents.models.people import ResidentQuerySet
from residents.policy import KEY_GROUPS, RuleName
from sheets.models import Import

BATCH = 500
"""Residents at once: SQLite takes no list of any length."""

NOTHING_SAID = {
    "name": "",
    "phone": "",
    "phone_hash": "",
    "id_number": "",
    "id_hash": "",
    "tail_hash": "",
    "household": None,
    "relation": "",
    "moved_in_on": None,
    "occupation": "",
    "devices": "",
    "risks": "",
    "note": "",
    "consent_on": None,
    "consent_withdrawn_on": None,
    "merged_into": None,  # a living person: the row would have their name again
}
"""What a resident's row holds once they are anonymised. The grid, the sex, the year of birth, the key groups and the
day they ended stay: figures of past years are made of them, and of nobody's name."""


@dataclass(frozen=True, slots=True)
class Report:
    """How much is let go of: people who ended with what hangs on them, files, and how many lines of the log are old."""

    residents: int
    family_contacts: int
    visits: int
    photos: int
    files: int
    pages: int
    conflicts: int
    old_log_lines: int
    beside: Mapping[str, int] = field(default_factory=dict)  # what the apps above let go of, by their own words

    @property
    def counts(self) -> dict[str, int]:
        """All of it in one, fit for JSON."""
        counts = asdict(self)
        return counts | dict(counts.pop("beside"))


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule of retention: what it says, its days, the least that the law asks for, the first day still kept."""

    label: str
    number: int
    least: int | None
    before: date


class Keeper(Protocol):
    """An app above that keeps something of people, and lets go of it."""

    @property
    def labels(self) -> Mapping[str, str | Promise]:
        """What each number of its report counts, by a key that no other keeper has."""

    def limits(self, *, on: date) -> Sequence[Limit]:
        """Return its rules as they stand on a day."""

    def due(self, gone: ResidentQuerySet, *, codes: Scope, on: date) -> Mapping[str, int]:
        """Return how much ``forget`` of those gone and ``let_go`` would do, in a scope of areas; nothing is changed."""

    def forget(self, pks: Sequence[int], *, on: date) -> None:
        """Let go of what says who some residents were, in the caller's transaction."""

    def let_go(self, *, on: date) -> None:
        """Let go of what is older than its own rules, in the caller's transaction."""


keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> None:
    """Have what an app keeps let go of with the rest from now on; called once, when the program starts."""
    keepers.append(keeper)


@dataclass(frozen=True, slots=True)
class Limits:
    """The first days of which everything is still kept, by the rules with numbers."""

    ended_before: date
    files_on: date
    logs_on: date

    @classmethod
    def at(cls, now: datetime) -> "Limits":
        """Return the limits that hold at a moment."""
        today = local(now).date()
        since = {name: today - timedelta(days=number) for name, number in Rule.objects.numbers().items()}
        return cls(
            ended_before=since[RuleName.KEEP_ENDED_DAYS],
            files_on=since[RuleName.KEEP_FILES_DAYS],
            logs_on=since[RuleName.KEEP_LOGS_DAYS],
        )

    @property
    def files_before(self) -> datetime:
        """The moment before which files were handed in."""
        return midnight(self.files_on).astimezone(UTC)

    @property
    def logs_before(self) -> datetime:
        """The moment before which lines of the log were written."""
        return midnight(self.logs_on).astimezone(UTC)


def what_is_due(*, now: datetime, codes: Scope = None) -> Report:
    """Return what ``apply_retention`` would do at this moment, in a scope of areas; nothing is changed."""
    limits, today = Limits.at(now), local(now).date()
    gone = Resident.objects.filter(within("grid__code", codes)).gone_before(limits.ended_before)
    beside: dict[str, int] = {}
    for keeper in keepers:
        beside |= keeper.due(gone, codes=codes, on=today)
    visits = Visit.objects.filter(resident__in=gone)
    kept = Import.objects.filter(within("area_code", codes)).kept_by_files(limits.files_before)
    old_lines = AuditEntry.objects.filter(within("area_code", codes)).before(limits.logs_before)
    return Report(
        residents=gone.count(),
        family_contacts=FamilyContact.objects.filter(resident__in=gone).count(),
        visits=visits.count(),
        photos=visits.exclude(photo="").count(),
        **asdict(kept),
        old_log_lines=old_lines.count(),
        beside=beside,
    )


@transaction.atomic
def apply_retention(*, now: datetime, by: User | None = None, from_where: str = "") -> Report:
    """Anonymise who has been gone for longer than the rule says, and empty old files; return how much it was.

    What the apps above keep of them goes with it. Photos are deleted from the disk once all of it is committed.
    """
    report = what_is_due(now=now)
    limits, today = Limits.at(now), local(now).date()
    gone = Resident.objects.gone_before(limits.ended_before)
    for pks in _batches(gone):
        _anonymise(pks, now=now)
    Import.objects.let_go_of_files(limits.files_before)
    for keeper in keepers:
        keeper.let_go(on=today)
    record("residents.retention_applied", by=by, at=now, detail=report.counts, from_where=from_where)
    return report


def _anonymise(pks: list[int], *, now: datetime) -> None:
    for keeper in keepers:
        keeper.forget(pks, on=local(now).date())
    FamilyContact.objects.filter(resident__in=pks).delete()
    # Beside a grid and a year of birth the others could still say who it was: "under community correction", say.
    Membership.objects.filter(resident__in=pks).exclude(group__in=KEY_GROUPS).delete()
    _empty(Visit.objects.filter(resident__in=pks))
    first_of_january = Trunc("birth_on", "year", output_field=DateField())
    Resident.objects.filter(pk__in=pks).update(birth_on=first_of_january, anonymised_at=now, **NOTHING_SAID)


def _empty(visits: VisitQuerySet) -> None:
    """Leave of visits their result and their date."""
    delete_files(visits, "photo")
    visits.update(note="", photo="", mood="", signs=[], next_on=None)


def delete_files(rows: QuerySet[Any], name: str) -> None:
    """Delete the files of a field of some rows from the disk, once the caller's transaction is committed."""
    column = rows.model._meta.get_field(name)
    assert isinstance(column, FileField)
    for file_name in rows.exclude(**{name: ""}).order_by().values_list(name, flat=True):
        transaction.on_commit(partial(column.storage.delete, file_name), robust=True)


def _batches(gone: ResidentQuerySet) -> Iterator[list[int]]:
    pks = list(gone.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        yield pks[start : start + BATCH]
