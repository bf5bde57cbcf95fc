"""Who of the roster belongs to an audience."""

from datetime import date

from django.db.models import Q

from campaigns.models.events import Event
from campaigns.policy import YOUNGEST, Audience
from residents.access import fewest, within
from residents.models import COMMUNITY_DIGITS, Membership, ResidentQuerySet
from residents.policy import Group, Residence, born_after

BY_RESIDENCE = {Audience.TENANT: Residence.TENANT, Audience.NEWCOMER: Residence.NEWCOMER}


def of_audience(residents: ResidentQuerySet, audience: Audience, *, on: date) -> ResidentQuerySet:
    """Return those residents who belong to an audience on a day.

    Who is over 60 or 80 is told by the birth date alone: without one somebody belongs to neither. Minors under
    fourteen are whatever their group says; who may see them is ``visible_to``'s business.
    """
    if audience == Audience.EVERYBODY:
        return residents
    if audience in YOUNGEST:
        return residents.filter(birth_on__lte=born_after(YOUNGEST[audience], on))
    if audience in BY_RESIDENCE:
        return residents.filter(residence=BY_RESIDENCE[audience])
    held = Membership.objects.filter(group=Group(audience.value)).values("resident_id")
    return residents.filter(Q(pk__in=held))


def who_may_come(residents: ResidentQuerySet, event: Event) -> ResidentQuerySet:
    """Return those residents who live in the communities of an event: a grid's lecture is open to its neighbours."""
    codes = [event.area.code, *event.more_areas.values_list("code", flat=True)]
    return residents.living_here().filter(within("grid__code", fewest(code[:COMMUNITY_DIGITS] for code in codes)))
