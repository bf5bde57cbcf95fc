"""The year's score of communities: the sheet in versions, what people found, what was kept month by month."""

from datetime import date
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models import Problem
from reports.policy.scores import Bounds, Line, Measure, VetoKind, faults
from residents.access import scope_codes, within
from residents.models import Area, private_files

FIRST_YEAR, LAST_YEAR = 2000, 2100
YEARS = [MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
POINTS = [MinValueValidator(0), MaxValueValidator(100)]


class ScorePolicyQuerySet(models.QuerySet["ScorePolicy"]):
    """Versions of the sheet."""

    def published(self) -> "ScorePolicyQuerySet":
        """Return those that were ever in force."""
        return self.filter(published_at__isnull=False)

    def of_year(self, year: int) -> "ScorePolicy":
        """Return the version a year is scored under: of those from that year or an earlier one, the latest.

        A year before the first version is scored under the first. Raises ``DoesNotExist`` where none is published.
        """
        begun = self.published().filter(from_year__lte=year).order_by("-from_year", "-published_at", "-pk").first()
        return begun or self.published().earliest("from_year", "published_at", "pk")


class ScorePolicy(models.Model):
    """One edition of the whole sheet. Drafts may be edited; a published one never changes again."""

    name = models.CharField(_("name"), max_length=80)
    from_year = models.PositiveSmallIntegerField(_("from the year on"), validators=YEARS)
    red_below = models.DecimalField(_("red below"), max_digits=4, decimal_places=1, default=60, validators=POINTS)
    yellow_below = models.DecimalField(
        _("yellow below"), max_digits=4, decimal_places=1, default=80, validators=POINTS, help_text=_("Blue above.")
    )
    leaves_out = models.BooleanField(
        _("leave lines out where nothing fell due"),
        default=True,
        help_text=_("The points of the other lines are scaled up to 100. Otherwise such a line has all its points."),
    )
    created_at = models.DateTimeField(_("created"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("published by"), null=True, blank=True, related_name="+"
    )

    objects = ScorePolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        ordering = ("-published_at", "-pk")

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def is_published(self) -> bool:
        """Whether it is or was in force."""
        return self.published_at is not None

    @property
    def bounds(self) -> Bounds:
        """Where the colours begin."""
        return Bounds(Decimal(self.red_below), Decimal(self.yellow_below))

    def faults(self) -> list[str]:
        """Return what keeps this version from being published, each fault a sentence."""
        return faults([row.as_line() for row in self.lines.all()], bounds=self.bounds)


class ScoreLine(models.Model):
    """A line of a sheet: what it is called, how many points it has at most, and how they are counted."""

    policy = models.ForeignKey(ScorePolicy, models.CASCADE, related_name="lines")
    order = models.PositiveSmallIntegerField(_("order"))
    key = models.SlugField(
        _("key"), max_length=24, help_text=_("Stays the same from version to version; points by hand hang on it.")
    )
    name = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    most = models.DecimalField(_("most points"), max_digits=4, decimal_places=1, validators=POINTS)
    measure = models.CharField(_("what is counted"), max_length=16, choices=Measure.choices)
    full_at = models.DecimalField(_("all points at … %"), max_digits=5, decimal_places=1, default=100)
    none_at = models.DecimalField(_("no points at … %"), max_digits=5, decimal_places=1, default=0)
    is_full_of_nothing = models.BooleanField(_("nothing having fallen due is no fault"), default=False)
    reason = models.CharField(_("why so many points, and from where"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of the sheet")
        verbose_name_plural = _("lines of the sheet")
        ordering = ("order", "pk")
        constraints = (models.UniqueConstraint(fields=["policy", "key"], name="one_score_line_per_key"),)

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        is_english = not (get_language() or "").startswith("zh")
        return self.name_en if is_english and self.name_en else self.name

    def as_line(self) -> Line:
        """Return the rule."""
        return Line(
            key=self.key,
            measure=Measure(self.measure),
            most=Decimal(self.most),
            full_at=Decimal(self.full_at),
            none_at=Decimal(self.none_at),
            is_full_of_nothing=self.is_full_of_nothing,
        )


class ScoreVeto(models.Model):
    """What alone keeps a community from being no-fraud (一票否决)."""

    policy = models.ForeignKey(ScorePolicy, models.CASCADE, related_name="vetoes")
    kind = models.CharField(_("what"), max_length=10, choices=VetoKind.choices)
    limit = models.DecimalField(
        _("limit (yuan)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("For losses alone: one larger than this vetoes. 0: any loss does."),
    )
    reason = models.CharField(_("why, and from where"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("veto")
        verbose_name_plural = _("vetoes")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["policy", "kind"], name="one_veto_per_kind"),)

    def __str__(self) -> str:
        """Return what it is."""
        return str(self.get_kind_display())


class HandPointsQuerySet(models.QuerySet["HandPoints"]):
    """Points by hand, asked for by whose they are."""

    def visible_to(self, user: User, *, on: date) -> "HandPointsQuerySet":
        """Return those of the communities whose score a person sees."""
        return self.filter(within("community__code", scope_codes(user, Duty.SEE_REPORTS, on)))

    def of_line(self, community: Area, year: int, key: str) -> "HandPoints | None":
        """Return what a community was given for a line; None where nobody has given it anything."""
        return self.filter(community=community, year=year, line_key=key).first()


class HandPoints(models.Model):
    """What a supervisor gave a community for a line by hand, and on what evidence. The trail keeps what stood before.

    It hangs on the line's key, not on the line: a year may go on under a new version.
    """

    community = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField(_("year"), validators=YEARS)
    line_key = models.CharField(max_length=24)
    points = models.DecimalField(_("points"), max_digits=4, decimal_places=1, validators=POINTS)
    evidence = models.TextField(_("evidence"))
    photo = models.FileField(_("photo"), upload_to="scores/%Y/%m", storage=private_files, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    objects = HandPointsQuerySet.as_manager()

    class Meta:
        verbose_name = _("points by hand")
        verbose_name_plural = _("points by hand")
        constraints = (
            models.UniqueConstraint(fields=["community", "year", "line_key"], name="one_score_by_hand_per_line"),
        )

    def __str__(self) -> str:
        """Return which line of which year."""
        return f"{self.line_key} {self.year}"


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Inspections, asked for by place and person."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_REPORTS) -> "InspectionQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("community__code", scope_codes(user, duty, on)))

    def within(self, area_code: str) -> "InspectionQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("community__code", (area_code,)))


class VetoQuerySet(models.QuerySet["VetoFound"]):
    """Vetoes found by people."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_REPORTS) -> "VetoQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("community__code", scope_codes(user, duty, on)))

    def standing(self) -> "VetoQuerySet":
        """Return those that were not lifted."""
        return self.filter(lifted_at__isnull=True)


class VetoFound(models.Model):
    """A veto that somebody found: what, on what evidence; lifted with a reason where it was wrong."""

    community = models.ForeignKey(Area, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"), validators=YEARS)
    kind = models.CharField(_("what"), max_length=10, choices=VetoKind.choices)
    evidence = models.TextField(_("evidence"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    lifted_why = models.CharField(_("why it was lifted"), max_length=200, blank=True)

    objects = VetoQuerySet.as_manager()

    class Meta:
        verbose_name = _("veto found")
        verbose_name_plural = _("vetoes found")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        """Return what it is."""
        return str(self.get_kind_display())


class ScoreSnapshot(models.Model):
    """A community's score as it stood at the end of a month, the running one as of yesterday.

    ``counts`` keeps what each line found, key → [part, whole] as texts: a year that is over is read from its December.
    """

    community = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(_("month"))
    points = models.DecimalField(_("points"), max_digits=4, decimal_places=1)
    is_vetoed = models.BooleanField(_("vetoed"), default=False)
    counts = models.JSONField(default=dict)
    taken_at = models.DateTimeField(_("taken at"))

    class Meta:
        verbose_name = _("score of a month")
        verbose_name_plural = _("scores of months")
        ordering = ("month",)
        constraints = (models.UniqueConstraint(fields=["community", "month"], name="one_score_per_month"),)

    def __str__(self) -> str:
        """Return the month and the points."""
        return f"{self.month:%Y-%m} {self.points}"


class Inspection(models.Model):
    """What somebody found who went and looked, announced or not (明查暗访), and what the community answered."""

    community = models.ForeignKey(Area, models.PROTECT, verbose_name=_("community"), related_name="+")
    place = models.CharField(_("place"), max_length=120)
    on = models.DateField(_("on"))
    was_announced = models.BooleanField(_("announced"), default=False)
    is_good = models.BooleanField(_("good"), default=False)
    found = models.TextField(_("what was found"))
    photo = models.FileField(_("photo"), upload_to="inspections/%Y/%m", storage=private_files, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written at"))
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    problem = models.ForeignKey(Problem, models.SET_NULL, related_name="+", null=True, blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        """Return where and when."""
        return f"{self.place} {self.on}"


class CommendationQuerySet(models.QuerySet["Commendation"]):
    """Commendation lists."""

    def visible_to(self, user: User, *, on: date) -> "CommendationQuerySet":
        """Return those a person may read: of their areas, and frozen ones of the areas around theirs."""
        codes = scope_codes(user, Duty.SEE_REPORTS, on)
        if codes is None:
            return self
        above = sorted({code[:length] for code in codes for length in range(1, len(code))})
        mine = within("area__code", codes)
        return self.filter(mine | Q(area__code__in=above, frozen_at__isnull=False))

    def of(self, area: Area, year: int) -> "Commendation | None":
        """Return the list of an area and a year."""
        return self.filter(area=area, year=year).first()

    def kept_by(self, user: User, *, on: date) -> "CommendationQuerySet":
        """Return those a person may change."""
        return self.filter(within("area__code", scope_codes(user, Duty.SCORE, on)))


class Commendation(models.Model):
    """The communities of an area that are commended for a year; frozen it never changes again."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField(_("year"), validators=YEARS)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)

    objects = CommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("commendation list")
        verbose_name_plural = _("commendation lists")
        ordering = ("-year", "area__code")
        constraints = (models.UniqueConstraint(fields=["area", "year"], name="one_commendation_per_area_and_year"),)

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def is_frozen(self) -> bool:
        """Whether it stands for good."""
        return self.frozen_at is not None


class Commended(models.Model):
    """A community on the list, with its name, points and rank as they were when it was frozen."""

    commendation = models.ForeignKey(Commendation, models.CASCADE, related_name="communities")
    community = models.ForeignKey(Area, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=64)
    points = models.DecimalField(_("points"), max_digits=4, decimal_places=1)
    rank = models.PositiveSmallIntegerField(_("rank"))

    class Meta:
        verbose_name = _("community commended")
        verbose_name_plural = _("communities commended")
        ordering = ("rank", "community__code")
        constraints = (
            models.UniqueConstraint(fields=["commendation", "community"], name="a_community_commended_once"),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name
