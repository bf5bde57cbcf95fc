"""Cases typed in, corrected, withdrawn and brought back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.formats import moment
from accounts.models import AuditEntry, User
from accounts.services import record
from alerts.models import Alert
from cases.models import Case
from cases.policy import Status
from cases.services.common import CasesError
from cases.services.follow_ups import plan_follow_ups, subject_of
from residents.services import cancel_follow_ups_under


@transaction.atomic
def enter_case(values: Mapping[str, Any], *, by: User, now: datetime, from_where: str = "") -> Case:
    """Enter a case into the ledger, and plan the follow-up visits to its victim; ``values`` are its fields.

    Raises ``CasesError`` where the alert it came of has a case already: one alert gives one.
    """
    alert = values.get("alert")
    if alert is not None:
        _require_no_case_of(alert)
    case = Case(**values, created_by=by, changed_at=now)
    case.settle_place()
    case.save()
    detail = {"alert": alert.pk} if alert is not None else {}
    record("cases.entered", by=by, at=now, about=case, area_code=case.area_code, detail=detail, from_where=from_where)
    plan_follow_ups(case, by=by, now=now)
    return case


def _require_no_case_of(alert: Alert) -> None:
    # Two who enter it at once queue up here, and the second is told.
    Alert.objects.select_for_update(no_key=True, of=("self",)).get(pk=alert.pk)
    if (other := Case.objects.filter(alert=alert).first()) is not None:
        raise CasesError(_("This alert is case %(number)s already.") % {"number": other})


@transaction.atomic
def correct_case(case: Case, values: Mapping[str, Any], *, seen_at: datetime, by: User, now: datetime) -> list[str]:
    """Write what somebody corrected; return which fields changed, which is what the trail keeps, never their values.

    ``seen_at`` is when the case had last changed as its corrector saw it. Raises ``CasesError`` where somebody else
    changed it since, or it is withdrawn.
    """
    locked = Case.objects.select_for_update(of=("self",)).select_related("community", "grid").get(pk=case.pk)
    if locked.changed_at != seen_at:
        raise CasesError(_changed_meanwhile(locked))
    if locked.status == Status.WITHDRAWN:
        raise CasesError(_("This case is withdrawn. Bring it back first."))
    fields = sorted(name for name, value in values.items() if getattr(locked, name) != value)
    for name in fields:
        setattr(locked, name, values[name])
    if fields:
        locked.changed_at = now
        locked.settle_place()
        locked.save()
        detail = {"fields": fields}
        record("cases.corrected", by=by, at=now, about=locked, area_code=locked.area_code, detail=detail)
    return fields


def _changed_meanwhile(case: Case) -> str:
    """Say who changed a case while somebody else was typing."""
    last = AuditEntry.objects.about(case).filter(at=case.changed_at).select_related("actor").first()
    who = str(last.actor) if last is not None and last.actor is not None else _("Somebody")
    words = _(
        "%(who)s changed this case while you were typing (%(when)s). What you typed stands here still: "
        "look at the case in another window, then save once more to put yours in its place."
    )
    return words % {"who": who, "when": moment(case.changed_at)}


@transaction.atomic
def withdraw_case(case: Case, *, why: str, by: User, now: datetime) -> Case:
    """Take a case out of every figure: it was none, or stands twice. The row stays; its follow-up visits are cancelled.

    Raises ``CasesError`` for one that is withdrawn already.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.status == Status.WITHDRAWN:
        raise CasesError(_("This case is withdrawn already."))
    was, locked.status, locked.withdrawn_why, locked.changed_at = locked.status, Status.WITHDRAWN, why, now
    locked.save(update_fields=["status", "withdrawn_why", "changed_at"])
    record("cases.withdrawn", by=by, at=now, about=locked, area_code=locked.area_code, detail={"was": was})
    if locked.alert_id is None:  # an alert that was real asks for its visits, whatever became of the case
        cancel_follow_ups_under(subject_of(locked), why=_("The case was withdrawn."), now=now)
    return locked


@transaction.atomic
def bring_case_back(case: Case, *, by: User, now: datetime) -> Case:
    """Let a withdrawn case count again, as it stood with the police.

    Raises ``CasesError`` for one that counts already.
    """
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.status != Status.WITHDRAWN:
        raise CasesError(_("This case counts already."))
    last = AuditEntry.objects.about(locked).filter(verb="cases.withdrawn").order_by("-at", "-pk").first()
    was = last.detail.get("was") if last is not None else None
    locked.status = Status(was) if was else Status.FILED if locked.filed_on else Status.REPORTED
    locked.withdrawn_why, locked.changed_at = "", now
    locked.save(update_fields=["status", "withdrawn_why", "changed_at"])
    record("cases.brought_back", by=by, at=now, about=locked, area_code=locked.area_code)
    return locked
