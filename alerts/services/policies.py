"""How the table changes: a draft is copied from a version, edited, and published whole; then it never changes again."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from alerts import policy
from alerts.models import PolicyStep, PolicyVersion
from alerts.services.common import AlertError


@transaction.atomic
def copy_to_draft(version: PolicyVersion, *, name: str, by: User | None, now: datetime) -> PolicyVersion:
    """Return a new draft with the same steps."""
    draft = PolicyVersion.objects.create(name=name, created_at=now)
    write_steps(draft, [row.as_step() for row in version.steps.all()])
    record("alerts.policy_copied", by=by, at=now, about=draft, detail={"from": version.pk})
    return draft


@transaction.atomic
def publish(version: PolicyVersion, *, by: User | None, now: datetime) -> PolicyVersion:
    """Put a draft in force for every alert received from now on. Open alerts keep the version they came under.

    Raises ``AlertError`` naming each fault of the table, or where it is published already.
    """
    locked = PolicyVersion.objects.select_for_update().get(pk=version.pk)
    if locked.is_published:
        raise AlertError(_("This version is published already; copy it to a draft to change it."))
    if faults := locked.faults():
        raise AlertError("\n".join(faults))
    locked.published_at, locked.published_by = now, by
    locked.save(update_fields=["published_at", "published_by"])
    record("alerts.policy_published", by=by, at=now, about=locked)
    return locked


def write_steps(version: PolicyVersion, steps: Sequence[policy.Step]) -> None:
    """Write a table's rows into a draft, in their order."""
    PolicyStep.objects.bulk_create(PolicyStep.of(version, step) for step in steps)
