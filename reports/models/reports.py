"""A report of an area and a period: drawn up, signed, and from then on as it was.

The database has no row that says "frozen"; the models refuse. What is signed cannot be saved, updated or deleted by any
way the program has (the timeline of an alert is kept likewise); a correction of the data makes a revision beside it.
"""

from datetime import date
from typing import Any, NoReturn

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, User
from accounts.personal_data import seal, unseal
from accounts.roles import Duty
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.formats import period_name
from reports.policy import Paper, PeriodKind, Section, State
from residents.access import scope_codes, within
from residents.models import Area, Level


class FrozenError(TypeError):
    """Somebody tried to change or remove what was signed."""


def _refuse() -> NoReturn:
    raise FrozenError("What was signed is never changed; make a revision.")


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports, asked for by place, period and state."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_REPORTS) -> "ReportQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", scope_codes(user, duty, on)))

    def of(self, area: Area, span: Span) -> "ReportQuerySet":
        """Return the revisions of one area's report on one period."""
        return self.filter(area=area, first=span.first, after=span.after)

    def on_span(self, span: Span) -> "ReportQuerySet":
        """Return those on one period."""
        return self.filter(first=span.first, after=span.after)

    def signed(self) -> "ReportQuerySet":
        """Return those that were signed."""
        return self.filter(state=State.SIGNED)

    def drafts(self) -> "ReportQuerySet":
        """Return those nobody has signed."""
        return self.filter(state=State.DRAFT)

    def of_communities_in(self, code: str) -> "ReportQuerySet":
        """Return those of the communities of an area."""
        return self.filter(within("area__code", (code,)), area__level=Level.COMMUNITY)

    def latest_revisions(self) -> "ReportQuerySet":
        """Return the latest revision of each report."""
        same = self.model.objects.filter(area=OuterRef("area"), first=OuterRef("first"), after=OuterRef("after"))
        return self.filter(pk=Subquery(same.order_by("-revision").values("pk")[:1]))

    def without_figures(self) -> "ReportQuerySet":
        """Leave the numbers in the database: lists name reports, they do not show them."""
        return self.defer("figures", "parts", "drafted", "edited")

    def update(self, **fields: Any) -> int:
        """Refuse where one of them is signed."""
        if self.filter(state=State.SIGNED).exists():
            _refuse()
        return super().update(**fields)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse where one of them is signed."""
        if self.filter(state=State.SIGNED).exists():
            _refuse()
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list["Report"]:
        """Add many at once; refuse to overwrite where keys collide."""
        if options.get("update_conflicts"):
            _refuse()
        return super().bulk_create(objs, *args, **options)


class Report(models.Model):
    """What an area says of a period: numbers as they were counted, words as somebody signed them.

    ``figures`` is ``reports.figures.Figures`` as ``reports.figures.freezing`` writes it; ``parts`` says of a street's
    or a district's report which communities' signed reports it adds up, and which are missing.
    """

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="reports", db_index=False)
    kind = models.CharField(_("period"), max_length=8, choices=PeriodKind.choices, default=PeriodKind.MONTH)
    first = models.DateField(_("from"))
    after = models.DateField(_("up to, and without"))
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    dated_by = models.CharField(_("counted by"), max_length=8, choices=DatedBy.choices, default=DatedBy.REPORTED)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.DRAFT)
    # The language its words and its files are in.
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)

    figures = models.JSONField()
    parts = models.JSONField(default=dict)
    # Words by section: as the program drafted them, and as a person wrote them, where a person did.
    drafted = models.JSONField(default=dict)
    edited = models.JSONField(default=dict)

    prepared_at = models.DateTimeField(_("prepared at"))
    prepared_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("prepared by"), null=True, related_name="+", db_index=False
    )
    signed_at = models.DateTimeField(_("signed at"), null=True)
    signed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("signed by"), null=True, related_name="+", db_index=False
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("-first", "area__code", "-revision")
        indexes = (models.Index(fields=["first", "after"], name="report_by_period"),)
        constraints = (
            # What makes two beats, or two people, prepare a report once.
            models.UniqueConstraint(
                fields=["area", "first", "after", "revision"], name="one_report_per_area_period_and_revision"
            ),
            models.UniqueConstraint(
                fields=["area", "first", "after"], condition=Q(state=State.DRAFT), name="one_draft_at_a_time"
            ),
            models.CheckConstraint(condition=Q(after__gt=F("first")), name="a_report_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, signed_at__isnull=True)
                | Q(state=State.SIGNED, signed_at__isnull=False, signed_by__isnull=False),
                name="a_signed_report_says_who_and_when",
            ),
        )

    def __str__(self) -> str:
        """Return which it is: it ends up in logs."""
        return f"#{self.pk}"

    def save(self, *args: Any, **options: Any) -> None:
        """Write it while it is a draft. Raises ``FrozenError`` once it is signed, however old this copy of it is."""
        if self.pk is not None and Report.objects.filter(pk=self.pk, state=State.SIGNED).exists():
            _refuse()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Let a draft go. Raises ``FrozenError`` for what was signed."""
        if Report.objects.filter(pk=self.pk, state=State.SIGNED).exists():
            _refuse()
        return super().delete(*args, **options)

    @property
    def title(self) -> str:
        """What it is called, in the reader's language: 西苑社区 2026年4月 月报."""
        names = {
            PeriodKind.MONTH: gettext("{period} monthly report of {area}"),
            PeriodKind.QUARTER: gettext("Quarterly report of {area}, {period}"),
            PeriodKind.HALF: gettext("Half-year report of {area}, {period}"),
            PeriodKind.YEAR: gettext("Yearly report of {area}, {period}"),
            PeriodKind.DAYS: gettext("Report of {area}, {period}"),
        }
        return names[PeriodKind(self.kind)].format(period=period_name(self.span), area=self.area)

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(self.first, self.after)

    @property
    def is_signed(self) -> bool:
        """Whether it is frozen."""
        return self.state == State.SIGNED

    @property
    def is_summary(self) -> bool:
        """Whether it adds up communities."""
        return self.area.is_wide

    @property
    def sign_duty(self) -> Duty:
        """What somebody must be there for to sign it."""
        return Duty.SIGN_SUMMARIES if self.is_summary else Duty.SIGN_REPORTS

    @property
    def words(self) -> dict[str, str]:
        """Its text by section: as somebody wrote it, else as it was drafted."""
        return {section: self.edited.get(section, self.drafted.get(section, "")) for section in Section.values}


class ReportFileQuerySet(models.QuerySet["ReportFile"]):
    """Files of signed reports; they can be read and added, nothing else."""

    def update(self, **_fields: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def delete(self) -> NoReturn:
        """Refuse."""
        _refuse()


class ReportFile(models.Model):
    """A file as it was when its report was signed, byte for byte. It lists masked people, so it lies sealed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="files", db_index=False)
    paper = models.CharField(_("file"), max_length=10, choices=Paper.choices)
    name = models.CharField(_("name"), max_length=200)
    content = models.BinaryField()
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made at"))

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["report", "paper"], name="one_file_of_a_kind_per_report"),)

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Add it. Raises ``FrozenError`` for one that is already there."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **options)

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def keep(self, content: bytes) -> None:
        """Hold what the file is, sealed."""
        self.content = seal(content)

    @property
    def bytes(self) -> bytes:
        """The file as it was signed."""
        return unseal(self.content)
