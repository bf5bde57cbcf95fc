"""Campaigns and events, whom they reached, and what the office keeps for them."""

from campaigns.models.audiences import of_audience, who_may_come
from campaigns.models.events import (
    Event,
    EventPartner,
    EventPhoto,
    EventQuerySet,
    EventStaff,
    Organisation,
    Series,
    Volunteer,
)
from campaigns.models.feeds import CalendarFeed
from campaigns.models.groups import ChatGroup, ChatGroupQuerySet, ChatMember, Push, PushedTo
from campaigns.models.meetings import Meeting, Problem, ProblemQuerySet
from campaigns.models.plans import BudgetLine, Campaign
from campaigns.models.scope import outreach_scope
from campaigns.models.sites import Site, SiteRefresh
from campaigns.models.stock import Material, StockMove
from campaigns.models.touches import CommunityCover, Door, Pledge, Reach, Rule, SignIn, Touch

__all__ = [
    "BudgetLine",
    "CalendarFeed",
    "Campaign",
    "ChatGroup",
    "ChatGroupQuerySet",
    "ChatMember",
    "CommunityCover",
    "Door",
    "Event",
    "EventPartner",
    "EventPhoto",
    "EventQuerySet",
    "EventStaff",
    "Material",
    "Meeting",
    "Organisation",
    "Pledge",
    "Problem",
    "ProblemQuerySet",
    "Push",
    "PushedTo",
    "Reach",
    "Rule",
    "Series",
    "SignIn",
    "Site",
    "SiteRefresh",
    "StockMove",
    "Touch",
    "Volunteer",
    "of_audience",
    "outreach_scope",
    "who_may_come",
]
