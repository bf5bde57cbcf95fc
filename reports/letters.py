"""The words in which people are told of reports to sign and of inspections. No letter names a resident."""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.formats import day
from accounts.models import User
from notifications.policy import Urgency
from notifications.services import Letter
from reports.models import Inspection, Report

TO_SIGN, TO_ANSWER, ANSWERED = "sign", "answer", "answered"


def report_key(report_id: int) -> str:
    """Return what the letters about a report are filed under."""
    return f"report:{report_id}"


def report_to_sign(recipient: User, report: Report) -> Letter:
    """Return what those who sign are told when a draft stands."""
    with translation.override(recipient.language):
        return Letter(
            key=f"report.{report.pk}.{recipient.pk}",
            recipient_id=recipient.pk,
            kind="reports.prepared",
            urgency=Urgency.LOW,
            subject=report_key(report.pk),
            purpose=TO_SIGN,
            title=gettext("Drafted, to be looked through and signed: {report}").format(report=report.title),
            body=gettext("Numbers and words are drafted from the data. Look them through, mend the words, sign."),
            public_text="",
            url=reverse("reports:report", args=[report.pk]),
            area_code=report.area.code,
        )


def inspection_key(inspection_id: int) -> str:
    """Return what the letters about an inspection are filed under."""
    return f"inspection:{inspection_id}"


def _about(recipient: User, inspection: Inspection, *, purpose: str, title: str, body: str) -> Letter:
    return Letter(
        key=f"inspection.{inspection.pk}.{purpose}.{recipient.pk}",
        recipient_id=recipient.pk,
        kind="reports.inspection",
        urgency=Urgency.LOW,
        subject=inspection_key(inspection.pk),
        purpose=purpose,
        title=title,
        body=body,
        public_text=title,
        url=reverse("reports:inspection", args=[inspection.pk]),
        area_code=inspection.community.code,
    )


def inspection_to_answer(recipient: User, inspection: Inspection) -> Letter:
    """Return what a manager is told of what was found in their community."""
    with translation.override(recipient.language):
        title = gettext("Inspection on {day}: please read and answer").format(day=day(inspection.on))
        body = f"{inspection.place} · {inspection.found}"
        return _about(recipient, inspection, purpose=TO_ANSWER, title=title, body=body)


def inspection_answered(inspection: Inspection) -> Letter:
    """Return what whoever inspected is told of the answer."""
    with translation.override(inspection.by.language):
        title = gettext("{community} has answered your inspection").format(community=inspection.community.name)
        return _about(inspection.by, inspection, purpose=ANSWERED, title=title, body=inspection.answer)
