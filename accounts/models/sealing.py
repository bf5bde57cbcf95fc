"""What makes a change of the trail show, and how far a change of keys has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditSeal(models.Model):
    """A batch of the trail under seal, chained to the one before it (docs/decisions/the-trail-is-sealed-in-batches.md).

    ``rows`` holds for each row its key and sixteen bytes of its hash, so that the very row that was changed is named.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField(_("lines"))
    rows = models.BinaryField()
    chain = models.CharField(max_length=64)
    tag = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("seal of the audit trail")
        verbose_name_plural = _("seals of the audit trail")
        ordering = ("number",)

    def __str__(self) -> str:
        """Return which, and what it covers."""
        return f"{self.number}: {self.first_id}–{self.last_id}"


class AuditMark(models.Model):
    """How far the trail may be sealed next: the highest line that stood there when it was looked at. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    high_id = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark of the audit trail")
        verbose_name_plural = _("marks of the audit trail")

    def __str__(self) -> str:
        """Return how far."""
        return str(self.high_id)


class Rotation(models.Model):
    """How far one table has come in a change of keys; an interrupted change goes on from there."""

    table = models.CharField(max_length=100)
    keys = models.CharField(max_length=64)
    last_id = models.CharField(max_length=64, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of keys")
        verbose_name_plural = _("changes of keys")
        constraints = (models.UniqueConstraint(fields=["table", "keys"], name="a_table_once_for_each_set_of_keys"),)

    def __str__(self) -> str:
        """Return which table, and how far."""
        return f"{self.table}: {self.rows}"
