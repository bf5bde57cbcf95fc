"""Files that an office hands in, what came of them, and files that were handed out.

A file holds personal data, so it and what was read from it lie sealed (``accounts.personal_data.seal``), and are let go
of after some months; who handed in what, when, and the counts stay.
"""

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import seal, unseal


class State(models.TextChoices):
    """Where a file stands."""

    WAITING = "waiting", _("Waiting to be read")
    READING = "reading", _("Being read")
    PREVIEW = "preview", _("Read: look it through")
    REFUSED = "refused", _("Cannot be read")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Discarded")


AT_WORK = (State.WAITING, State.READING, State.APPLYING, State.UNDOING)
"""States in which a worker has it or is about to."""


class Verdict(models.TextChoices):
    """What a row of a file is, held against what is there already."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Same")
    CONFLICT = "conflict", _("Conflicting")
    ERROR = "error", _("Wrong")


def pack(value: Any) -> bytes:
    """Return JSON, compressed and sealed."""
    return seal(zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 1))


def unpack(stored: bytes | memoryview) -> Any:
    """Return what ``pack`` was given."""
    return json.loads(zlib.decompress(unseal(stored)))


def _in_areas(codes: tuple[str, ...] | None) -> Q:
    if codes is None:
        return Q()
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(area_code__startswith=code)
    return condition


@dataclass(frozen=True, slots=True)
class Kept:
    """How much old files still hold: files, pages of rows read from them, rows that conflicted and are settled."""

    files: int
    pages: int
    conflicts: int


class ImportQuerySet(models.QuerySet["Import"]):
    """Files handed in."""

    def visible_in(self, codes: tuple[str, ...] | None) -> "ImportQuerySet":
        """Return those of some areas: None is everywhere, () nowhere."""
        return self.filter(_in_areas(codes))

    def of_kind(self, kind: str) -> "ImportQuerySet":
        """Return those of one kind of rows."""
        return self.filter(kind=kind)

    def left_lying(self, before: datetime) -> "ImportQuerySet":
        """Return those that a worker should have and nobody has touched since: it died, or its message was lost."""
        return self.filter(Q(touched_at__lt=before), state__in=AT_WORK)

    def with_files_from_before(self, at: datetime) -> "ImportQuerySet":
        """Return those handed in before a moment that still hold what was in them; a worker's are left to it."""
        kept = Q(content__isnull=False) | Q(pk__in=Page.objects.values("owner_id"))
        settled = Conflict.objects.settled().exclude(body=b"")
        return self.exclude(state__in=AT_WORK).filter(kept | Q(pk__in=settled.values("owner_id")), at__lt=at)

    def kept_by_files(self, before: datetime) -> "Kept":
        """Return how much of what was handed in before a moment is still held."""
        old = self.with_files_from_before(before)
        return Kept(
            files=old.count(),
            pages=Page.objects.filter(owner__in=old).count(),
            conflicts=Conflict.objects.settled().exclude(body=b"").filter(owner__in=old).count(),
        )

    def let_go_of_files(self, before: datetime) -> "Kept":
        """Empty the files handed in before a moment, what was read from them, and what settled conflicts held.

        Who handed in what, when, and the counts stay. A preview that nobody applied is discarded: there is nothing left
        to apply. Call it in a transaction. Returns how much was let go of.
        """
        kept = self.kept_by_files(before)
        old = list(self.with_files_from_before(before).values_list("pk", flat=True))
        Page.objects.filter(owner__in=old).delete()
        Conflict.objects.settled().filter(owner__in=old).update(body=b"")
        mine = self.model.objects.filter(pk__in=old)
        mine.filter(state=State.PREVIEW).update(state=State.DISCARDED)
        mine.update(content=None)
        return kept


class Import(models.Model):
    """One file on its way into the database."""

    kind = models.CharField(_("kind"), max_length=16)
    area_code = models.CharField(_("area code"), max_length=32)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # What the person chose: whether unknown grids are made, which column is which where the file does not say.
    options = models.JSONField(default=dict)
    # What was found: columns with their labels, the row of the header, columns nobody knows.
    header = models.JSONField(default=dict)
    counts = models.JSONField(_("counts"), default=dict)
    message = models.TextField(_("message"), blank=True)
    notices = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # Nobody where the command line handed it in.
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), null=True, related_name="+")
    at = models.DateTimeField(_("at"))
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(_("applied at"), null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone at"), null=True)
    touched_at = models.DateTimeField(db_default=Now())

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["kind", "area_code", "at"], name="import_by_place"),
            models.Index(fields=["touched_at"], condition=Q(state__in=AT_WORK), name="import_at_work"),
        )

    def __str__(self) -> str:
        """Return the file's name."""
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has it or is about to."""
        return self.state in AT_WORK

    @property
    def percent(self) -> int:
        """How far it is, in hundredths."""
        return min(100, self.done * 100 // self.total) if self.total else 0


class Page(models.Model):
    """Some rows of one verdict as the preview shows them, or of what an undo puts back."""

    owner = models.ForeignKey(Import, models.CASCADE, related_name="pages", db_index=False)
    kind = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering = ("owner", "kind", "number")
        constraints = (models.UniqueConstraint(fields=["owner", "kind", "number"], name="one_page_per_number"),)

    def __str__(self) -> str:
        """Return which it is."""
        return f"{self.kind} {self.number}"

    @property
    def rows(self) -> list[Any]:
        """What was packed."""
        rows: list[Any] = unpack(self.body)
        return rows


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """Rows that a person must settle."""

    def visible_in(self, codes: tuple[str, ...] | None) -> "ConflictQuerySet":
        """Return those of some areas: None is everywhere, () nowhere."""
        return self.filter(_in_areas(codes))

    def of_kind(self, kind: str) -> "ConflictQuerySet":
        """Return those of one kind of rows."""
        return self.filter(owner__kind=kind)

    def open(self) -> "ConflictQuerySet":
        """Return those nobody has settled."""
        return self.filter(settled_at__isnull=True)

    def settled(self) -> "ConflictQuerySet":
        """Return those somebody has settled."""
        return self.filter(settled_at__isnull=False)


class Conflict(models.Model):
    """A row that was parked: the file goes in without it, and a person says what is right."""

    owner = models.ForeignKey(Import, models.CASCADE, related_name="conflicts")
    area_code = models.CharField(max_length=32)
    row = models.PositiveIntegerField(_("row"))
    code = models.CharField(max_length=16)
    message = models.TextField()
    body = models.BinaryField()
    settled = models.CharField(max_length=12, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        ordering = ("owner", "row")

    def __str__(self) -> str:
        """Return where."""
        return f"{self.owner} {self.row}"

    @property
    def content(self) -> Any:
        """What was packed: the row's values, and the keys of those it conflicts with."""
        return unpack(self.body)

    @property
    def place(self) -> str:
        """The row as people look for it: 12, or 2026年!12 where the file had several sheets."""
        sheet = self.content.get("sheet", "")
        return f"{sheet}!{self.row}" if sheet else f"{self.row}"


class ColumnName(models.Model):
    """What a community calls a column: mapped once in a preview, known ever after."""

    kind = models.CharField(max_length=16)
    area_code = models.CharField(max_length=32)
    label = models.CharField(max_length=120)
    column = models.CharField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "area_code", "label"], name="one_meaning_per_column_name"),
        )

    def __str__(self) -> str:
        """Return what means what."""
        return f"{self.label} → {self.column}"


class Export(models.Model):
    """One file that left: who, what, how many rows, for whom and why (Network Data Security rules, article 12)."""

    kind = models.CharField(_("kind"), max_length=16)
    area_code = models.CharField(_("area code"), max_length=32, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    is_whole = models.BooleanField(_("names and numbers whole"))
    recipient = models.CharField(_("recipient"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("export register")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=["area_code", "at"], name="export_by_place"),)

    def __str__(self) -> str:
        """Return what left."""
        return f"{self.kind} {self.rows}"


class FileState(models.TextChoices):
    """How far a file is that somebody ordered."""

    WAITING = "waiting", _("Waiting to be made")
    MAKING = "making", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Could not be made")
    EXPIRED = "expired", _("Let go of")


MAKING = (FileState.WAITING, FileState.MAKING)
"""States in which a worker has it or is about to."""


class FileJobQuerySet(models.QuerySet["FileJob"]):
    """Files that were ordered."""

    def of(self, user: User) -> "FileJobQuerySet":
        """Return one person's own: nobody else fetches what somebody ordered."""
        return self.filter(by=user)

    def left_lying(self, before: datetime) -> "FileJobQuerySet":
        """Return those that a worker should have and nobody has touched since: it died, or its message was lost."""
        return self.filter(touched_at__lt=before, state__in=MAKING)

    def past_their_time(self, now: datetime) -> "FileJobQuerySet":
        """Return those whose days are over and that still hold a file."""
        return self.filter(expires_at__lte=now, state=FileState.READY)


class FileJob(models.Model):
    """A file that somebody ordered: made by a worker, kept sealed for some days, handed to who ordered it alone."""

    kind = models.CharField(_("kind"), max_length=24)
    area_code = models.CharField(_("area code"), max_length=32, blank=True)
    title = models.CharField(_("file"), max_length=200)
    # What the maker needs to know; nothing of a person.
    options = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=8, choices=FileState.choices, default=FileState.WAITING)
    message = models.TextField(_("message"), blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    touched_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    keep_days = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField(null=True)

    objects = FileJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("ordered file")
        verbose_name_plural = _("ordered files")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["by", "-at"], name="file_by_who_ordered"),
            models.Index(fields=["touched_at"], condition=Q(state__in=MAKING), name="file_being_made"),
            models.Index(fields=["expires_at"], condition=Q(state=FileState.READY), name="file_by_end"),
        )

    def __str__(self) -> str:
        """Return what it is called."""
        return self.file_name or self.title

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has it or is about to."""
        return self.state in MAKING

    @property
    def percent(self) -> int:
        """How far it is, in hundredths."""
        return min(100, self.done * 100 // self.total) if self.total else 0
