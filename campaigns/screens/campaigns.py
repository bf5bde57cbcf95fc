"""Campaigns: the list, and the page of one with its parts, budget, events and results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from accounts.models import User
from accounts.paging import ListPage, page_of
from accounts.roles import Duty
from campaigns.figures.outcomes import Outcome, Totals, outcomes, totals
from campaigns.models import BudgetLine, Campaign, Event
from campaigns.models.scope import outreach_scope
from campaigns.policy import EventState
from residents.access import covers

PARTS = (
    "background",
    "problems_macro",
    "problems_meso",
    "problems_micro",
    "needs_macro",
    "needs_meso",
    "needs_micro",
    "theory",
    "objectives",
    "plan",
    "actual",
    "evaluation",
    "reflection",
)
"""The texts of a campaign, in the order of its report."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a campaign under its heading."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign, with all that its page says."""

    campaign: Campaign
    parts: tuple[Part, ...]
    budget: Sequence[BudgetLine]
    planned_cost: Decimal
    actual_cost: Decimal | None
    events: Sequence[Outcome]
    totals: Totals
    seen: frozenset[int]  # the events whose own pages the reader may open
    may_plan: bool

    @property
    def written(self) -> int:
        """How many of the parts have a text."""
        return sum(bool(part.text) for part in self.parts)


def campaigns_page(user: User, *, on: date, number: str) -> ListPage:
    """Return one page of the campaigns somebody may see, each with how many events it has and were held."""
    seen = Campaign.objects.visible_to(user, on=on)
    counted = seen.annotate(
        event_count=Count("events"), held_count=Count("events", filter=Q(events__state=EventState.HELD))
    )
    return page_of(counted.select_related("area"), number=number, counted=seen)


def campaign_page(campaign: Campaign, user: User, *, on: date) -> CampaignPage:
    """Return all that the page of a campaign says."""
    rows = outcomes(campaign.events.order_by("starts_at", "pk"))
    budget = list(campaign.budget.all())
    return CampaignPage(
        campaign=campaign,
        parts=tuple(_part(campaign, name) for name in PARTS),
        budget=budget,
        planned_cost=sum((line.planned_cost for line in budget), Decimal(0)),
        actual_cost=_known_cost(budget),
        events=rows,
        totals=totals(rows, campaign),
        seen=frozenset(Event.objects.visible_to(user, on=on).filter(campaign=campaign).values_list("pk", flat=True)),
        may_plan=covers(outreach_scope(user, Duty.PLAN_OUTREACH, on), campaign.area.code),
    )


def _known_cost(budget: Sequence[BudgetLine]) -> Decimal | None:
    """Return what the lines came to as far as it was written down; None where it is of no line."""
    known = [line.actual_cost for line in budget if line.actual_cost is not None]
    return sum(known, Decimal(0)) if known else None


def _part(campaign: Campaign, name: str) -> Part:
    title = campaign._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return Part(name=name, title=str(title).capitalize(), text=getattr(campaign, name))
