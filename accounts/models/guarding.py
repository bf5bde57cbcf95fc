"""What guards a log-in: the second factor, known devices, brakes on guessing, who sits where, what roles must do."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.sessions.models import Session
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.personal_data import EncryptedTextField
from accounts.policy import Guard
from accounts.roles import Role

ADMINISTRATOR = "administrator"
"""Stands in the table of roles for those who may do everything; it is no post."""

DAYS_AT_MOST, MINUTES_AT_MOST = 365, 24 * 60


class RolePolicyQuerySet(models.QuerySet["RolePolicy"]):
    """What roles must do."""

    def of_roles(self, roles: Collection[str]) -> Guard:
        """Return what holds for somebody with these roles: the strictest of each. One query.

        Somebody without any role is held to nothing; the desk's time is the longest of theirs.
        """
        rows = list(self.filter(role__in=roles))
        return Guard(
            needs_second_factor=any(row.needs_second_factor for row in rows),
            remember_days=min((row.remember_days for row in rows), default=0),
            idle_minutes=min((row.idle_minutes for row in rows if row.idle_minutes), default=0),
            desk_minutes=max((row.desk_minutes for row in rows), default=0),
        )


class RolePolicy(models.Model):
    """What somebody in a role must do to come in and to stay, as an administrator says; holds from the next log-in."""

    role = models.CharField(
        _("role"), max_length=32, primary_key=True, choices=[*Role.choices, (ADMINISTRATOR, _("Administrator"))]
    )
    needs_second_factor = models.BooleanField(
        _("needs a second factor"),
        default=False,
        help_text=_("Who has none yet is led to set it up at the next log-in."),
    )
    remember_days = models.PositiveSmallIntegerField(
        _("a device may be remembered for (days)"),
        default=30,
        validators=[MaxValueValidator(DAYS_AT_MOST)],
        help_text=_("So long no code is asked for on it again. 0: asked for every time."),
    )
    idle_minutes = models.PositiveSmallIntegerField(
        _("asked for the password again after (minutes)"),
        default=0,
        validators=[MaxValueValidator(MINUTES_AT_MOST)],
        help_text=_("Without a press or a keystroke. 0: never, until the session ends."),
    )
    desk_minutes = models.PositiveSmallIntegerField(
        _("the same where the alert desk is open (minutes)"),
        default=0,
        validators=[MaxValueValidator(MINUTES_AT_MOST)],
        help_text=_("The desk and the wall stand open through a shift. 0: never, until the session ends."),
    )

    objects = RolePolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("security of a role")
        verbose_name_plural = _("security by role")
        ordering = ("role",)

    def __str__(self) -> str:
        """Return whose."""
        return str(self.get_role_display())


class SecondFactor(models.Model):
    """The secret that somebody's telephone shares with us; it counts once a code of it has been typed."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="second_factor")
    secret = EncryptedTextField()
    made_at = models.DateTimeField(_("made at"))
    confirmed_at = models.DateTimeField(_("in use since"), null=True, blank=True)
    # A code is good once: whoever looks over a shoulder has nothing from it.
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        """Return whose; the secret is nobody's business."""
        return str(self.user)


class RecoveryCode(models.Model):
    """A code on paper for the day the telephone is gone: good once. Kept as a hash of eighty random bits."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        """Return whose."""
        return str(self.user)


class KnownDevice(models.Model):
    """A browser in which somebody came in once. Strangers who guess at the name cannot shut it out.

    ``trusted_until`` is until when no second factor is asked for on it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="known_devices")
    token_hash = models.CharField(max_length=64, editable=False)
    device = models.CharField(_("device"), max_length=80)
    made_at = models.DateTimeField(_("first seen"))
    used_at = models.DateTimeField(_("last log-in"))
    trusted_until = models.DateTimeField(_("no code asked until"), null=True, blank=True)

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        constraints = (models.UniqueConstraint(fields=["token_hash", "user"], name="a_device_once_for_each_person"),)

    def __str__(self) -> str:
        """Return what it is."""
        return self.device


class Brake(models.Model):
    """Failed log-ins under one key (a hash of a name, and of whence or which device): how many, until when to wait."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    wait_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("brake on log-ins")
        verbose_name_plural = _("brakes on log-ins")
        indexes = (models.Index(fields=["last_at"], name="brake_by_last_failure"),)

    def __str__(self) -> str:
        """Return how many."""
        return f"{self.failures}"


class SittingQuerySet(models.QuerySet["Sitting"]):
    """Where people are logged in."""

    def open(self, *, now: datetime) -> "SittingQuerySet":
        """Return those whose session still stands."""
        standing = Session.objects.filter(expire_date__gt=now).values("session_key")
        return self.filter(session_key__in=standing)


class Sitting(models.Model):
    """One session of a person: on which device, from where, since when. When it was last used stands in the session."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sittings")
    # As the sessions' own table has it: a hash of what the cookie says.
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    device = models.CharField(_("device"), max_length=80)
    from_where = models.CharField(_("from where"), max_length=64, blank=True)
    began_at = models.DateTimeField(_("since"))

    objects = SittingQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        """Return where."""
        return f"{self.device} {self.from_where}".rstrip()
