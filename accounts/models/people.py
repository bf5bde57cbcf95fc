"""People who log in, and the trail of what they did."""

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.personal_data import (
    BlindIndexField,
    EncryptedTextField,
    bare_phone,
    mask_phone,
    normalise_phone,
    phone_index,
)


class Language(models.TextChoices):
    """A language of the interface; each is named in itself."""

    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class Theme(models.TextChoices):
    """How the screen is lit."""

    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class TextSize(models.TextChoices):
    """How large everything is drawn."""

    NORMAL = "normal", _("Normal")
    LARGE = "large", _("Large type")


class UserManager(BaseUserManager["User"]):
    """Make users, and find them by what they type."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new user; without a password nobody can log in as them until one is set."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new administrator."""
        return self.create_user(username, password, **{**fields, "is_staff": True, "is_superuser": True})

    def who_types(self, name_or_phone: str) -> "User | None":
        """Return the person who logs in by this username or this phone number.

        A username wins over a phone number; administrators hand out usernames, so nobody can take
        another's number for theirs.
        """
        typed = name_or_phone.strip()
        if not typed or "\x00" in typed:  # PostgreSQL's texts hold no NUL
            return None
        by_name = self.filter(username=typed).first()
        return by_name or self.filter(phone_hash=phone_index(typed)).first()


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in. What they may do follows from their posts; a superuser may do all."""

    username = models.CharField(_("username"), max_length=64)
    name = models.CharField(_("name"), max_length=64, blank=True)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_hash = BlindIndexField(of="phone", index=phone_index, null=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    text_size = models.CharField(_("text size"), max_length=6, choices=TextSize.choices, default=TextSize.NORMAL)
    channel_order = models.JSONField(
        _("order of channels"),
        default=list,
        blank=True,
        help_text=_("Kinds of channels, the preferred one first; empty leaves it to the program."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Clear this instead of deleting the user: the audit trail keeps the name."),
    )
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("username",)
        constraints = (
            models.UniqueConstraint(
                fields=["username"], name="one_user_per_username", violation_error_message=_("This username is taken.")
            ),
            models.UniqueConstraint(
                fields=["phone_hash"],
                name="one_user_per_phone",
                violation_error_message=_("Somebody else logs in with this phone number."),
            ),
        )

    def __str__(self) -> str:
        """Return the name people know them by."""
        return self.name or self.username

    @property
    def masked_phone(self) -> str:
        """The phone number as lists show it."""
        return mask_phone(self.phone)

    def clean(self) -> None:
        """Bring the phone number into its one form, and refuse one that somebody else has."""
        super().clean()
        if not self.phone:
            return
        try:
            self.phone = normalise_phone(self.phone)
        except ValueError as error:
            raise ValidationError({"phone": str(error)}) from error
        # The constraint looks at the stored index, which is only made on saving.
        if User.objects.exclude(pk=self.pk).filter(phone_hash=phone_index(bare_phone(self.phone))).exists():
            raise ValidationError({"phone": _("Somebody else logs in with this phone number.")})


ACCESS_VERBS = (
    "accounts.log_in_failed",
    "alerts.contact_revealed",
    "alerts.searched",
    "alerts.message_revealed",
    "campaigns.names_opened",
    "cases.exported",
    "cases.printed",
    "cases.revealed",
    "cases.searched",
    "cases.viewed",
    "reports.exported",
    "reports.printed",
    "residents.exported",
    "residents.minor_opened",
    "residents.printed",
    "residents.resident_revealed",
    "residents.revealed",
    "residents.searched",
    "residents.sheet_printed",
    "residents.viewed",
    "sheets.alerts_applied",
    "sheets.alerts_discarded",
    "sheets.alerts_handed_in",
    "sheets.alerts_undone",
    "sheets.cases_applied",
    "sheets.cases_discarded",
    "sheets.cases_handed_in",
    "sheets.cases_undone",
    "sheets.file_fetched",
    "sheets.file_ordered",
    "sheets.roster_applied",
    "sheets.roster_discarded",
    "sheets.roster_handed_in",
    "sheets.roster_undone",
    "sheets.row_settled",
)
"""Lines that say who looked at personal data or brought it in, and who tried to log in. They have an index of their
own: the log of access is read by area and day, and must not wade through every press of a busy desk."""


class AppendOnlyError(TypeError):
    """Somebody tried to change or remove a line of the audit trail."""


def _refuse() -> NoReturn:
    raise AppendOnlyError("The audit trail is only ever added to.")


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Lines of the trail; they can be read and added, nothing else."""

    def about(self, thing: models.Model) -> "AuditEntryQuerySet":
        """Return the lines about one object."""
        return self.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))

    def of_access(self) -> "AuditEntryQuerySet":
        """Return the lines that say who looked at personal data, and who tried to get in."""
        return self.filter(verb__in=ACCESS_VERBS)

    def before(self, at: datetime) -> "AuditEntryQuerySet":
        """Return the lines written before a moment."""
        return self.filter(at__lt=at)

    def update(self, **_fields: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list["AuditEntry"]:
        """Add many at once; refuse to overwrite where keys collide."""
        if options.get("update_conflicts"):
            _refuse()
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> NoReturn:
        """Refuse."""
        _refuse()


class AuditEntry(models.Model):
    """One thing somebody did: who, what, when, to what, from where. Never edited, never deleted."""

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("who"), null=True, blank=True, related_name="audit_entries", db_index=False
    )
    verb = models.CharField(_("what"), max_length=64)
    object_type = models.CharField(_("kind of object"), max_length=64, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    area_code = models.CharField(_("area code"), max_length=32, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    from_where = models.CharField(_("from where"), max_length=64, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
            models.Index(fields=["object_type", "object_id", "at"], name="audit_by_object"),
            models.Index(fields=["at", "area_code"], condition=models.Q(verb__in=ACCESS_VERBS), name="audit_of_access"),
        )

    def __str__(self) -> str:
        """Return the line in short."""
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor or '-'} {self.verb} {self.object_id}".rstrip()

    def save(self, *args: Any, **options: Any) -> None:
        """Add the line. Raises ``AppendOnlyError`` for one that is already written."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **options)

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        _refuse()


class PressQuerySet(models.QuerySet["Press"]):
    """Presses that phones sent."""

    def forget(self, *, before: datetime, limit: int) -> int:
        """Remove the oldest presses recorded before a moment, at most so many at once; return how many went."""
        oldest = self.filter(recorded_at__lt=before).order_by("recorded_at").values_list("pk", flat=True)[:limit]
        count, _of_each = self.filter(pk__in=list(oldest)).delete()
        return count


class Press(models.Model):
    """One press of one person, under the key that their device gave it, and how it was answered.

    Kept for some days, so that a press that a phone with bad reception sends twice is carried out once.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    address = models.CharField(_("sent to"), max_length=120)
    # When it was pressed, by the device's clock as the server's time corrects it; never later than recorded.
    at = models.DateTimeField(_("pressed at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    is_refused = models.BooleanField(_("refused"), default=False)
    said = models.TextField(_("answer"), blank=True)

    objects = PressQuerySet.as_manager()

    class Meta:
        verbose_name = _("press")
        verbose_name_plural = _("presses")
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="a_press_once_under_its_key"),)
        indexes = (models.Index(fields=["recorded_at"], name="press_by_when_recorded"),)

    def __str__(self) -> str:
        """Return where and when."""
        return f"{self.address} {self.at:%H:%M:%S}"
