"""Campaigns: written, their budget kept, handed out as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.services import record
from campaigns.models import BudgetLine, Campaign
from campaigns.services.common import OutreachError


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the budget as typed; ``pk`` where it is there already."""

    item: str
    unit_price: Decimal
    planned: int
    actual: int | None
    pk: int | None = None


@transaction.atomic
def save_campaign(
    campaign: Campaign | None, *, values: Mapping[str, Any], lines: Sequence[Line], by: User, now: datetime
) -> Campaign:
    """Write a campaign, a new one without ``campaign``, and its budget: lines that are not given any more go.

    Raises ``OutreachError`` where it would end before it starts.
    """
    is_new = campaign is None
    written = Campaign(created_by=by) if campaign is None else campaign
    for name, value in values.items():
        setattr(written, name, value)
    try:
        written.clean()
    except ValidationError as error:
        raise OutreachError(" ".join(error.messages)) from error
    written.save()
    _keep_budget(written, lines)
    verb = "campaigns.campaign_begun" if is_new else "campaigns.campaign_changed"
    record(verb, by=by, at=now, about=written, area_code=written.area.code, detail={"title": written.title})
    return written


def _keep_budget(campaign: Campaign, lines: Sequence[Line]) -> None:
    campaign.budget.exclude(pk__in=[line.pk for line in lines if line.pk]).delete()
    known = set(campaign.budget.values_list("pk", flat=True))
    for line in lines:
        BudgetLine(
            pk=line.pk if line.pk in known else None,
            campaign=campaign,
            item=line.item,
            unit_price=line.unit_price,
            planned=line.planned,
            actual=line.actual,
        ).save()


def record_export(campaign: Campaign, *, by: User, now: datetime) -> None:
    """Write down that a campaign left as a document."""
    record("campaigns.campaign_exported", by=by, at=now, about=campaign, area_code=campaign.area.code)
