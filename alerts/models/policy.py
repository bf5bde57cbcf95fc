"""The escalation table as rows that an administrator edits, in versions; an alert keeps the version it came under."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts import policy


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def published(self) -> "PolicyVersionQuerySet":
        return self.filter(published_at__isnull=False)

    def in_force(self) -> "PolicyVersion":
        """Return the version that a new alert comes under: the one published last. Raises ``DoesNotExist``."""
        return self.published().latest("published_at", "pk")


class PolicyVersion(models.Model):
    """One edition of the whole table. Drafts may be edited; a published one never changes again."""

    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(_("created"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation policy")
        verbose_name_plural = _("escalation policies")
        ordering = ["-published_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    def faults(self) -> list[str]:
        """Return what keeps this version from being published, each fault a sentence."""
        return policy.faults([row.as_step() for row in self.steps.all()])

    def as_policy(self) -> policy.Policy:
        """Return the table as the engine uses it. A published version is read once a process: it never changes."""
        if self.published_at is None:
            return policy.Policy(tuple(row.as_step() for row in self.steps.all()))
        return _published_policy(self.pk, self.published_at)


@lru_cache(maxsize=64)
def _published_policy(pk: int, published_at: datetime) -> policy.Policy:
    """The publication time is part of the key so that a test's recycled primary key is not mistaken for another's."""
    return policy.Policy(tuple(row.as_step() for row in PolicyStep.objects.filter(version_id=pk)))


class PolicyStep(models.Model):
    """One row of the table: at this time, if this holds, do that and tell them."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="steps")
    objective = models.CharField(_("objective"), max_length=12, choices=policy.Objective.choices)
    level = models.CharField(
        _("level"), max_length=8, choices=policy.Level.choices, blank=True, help_text=_("Empty: every level.")
    )
    at_seconds = models.PositiveIntegerField(_("after (seconds)"))
    when = models.CharField(_("if"), max_length=20, choices=policy.Condition.choices)
    do = models.CharField(_("do"), max_length=20, choices=policy.Action.choices)
    tell = models.JSONField(
        _("tell"),
        default=list,
        blank=True,
        help_text=_("A list out of: desk, specialists, leader, manager, police, supervisor."),
    )
    breach = models.BooleanField(_("the objective is breached here"), default=False)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["objective", "level", "at_seconds", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "objective", "level", "at_seconds", "do"], name="one_step_per_moment_and_action"
            )
        ]

    def __str__(self) -> str:
        return self.as_step().key

    @classmethod
    def of(cls, version: PolicyVersion, step: policy.Step) -> "PolicyStep":
        """Return a step's row, not yet saved."""
        return cls(
            version=version,
            objective=step.objective,
            level=step.level or "",
            at_seconds=int(step.at.total_seconds()),
            when=step.when,
            do=step.do,
            tell=[str(audience) for audience in step.tell],
            breach=step.breach,
        )

    def as_step(self) -> policy.Step:
        return policy.Step(
            objective=policy.Objective(self.objective),
            level=policy.Level(self.level) if self.level else None,
            at=timedelta(seconds=self.at_seconds),
            when=policy.Condition(self.when),
            do=policy.Action(self.do),
            tell=tuple(policy.Audience(name) for name in self.tell),
            breach=self.breach,
        )
