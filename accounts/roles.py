"""What a post may do: the roles of the field and the duties each carries.

This table is the whole answer to "may a … do …"; *where* it may do so follows from the areas of
the posts (``residents.access``). An administrator (``is_superuser``) stands outside the table.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A person's role at an area, in the words of the field."""

    DUTY_OFFICER = "duty_officer", _("Duty officer")
    GRID_LEADER = "grid_leader", _("Grid leader")
    WARNING_SPECIALIST = "warning_specialist", _("Warning specialist")
    BUILDING_INFORMANT = "building_informant", _("Building informant")
    CARER = "carer", _("Carer")
    OUTREACH_WORKER = "outreach_worker", _("Outreach worker")
    MANAGER = "manager", _("Community manager")
    POLICE_LIAISON = "police_liaison", _("Police liaison")
    SUPERVISOR = "supervisor", _("Supervisor")


class Duty(TextChoices):
    """Something a role is there to do; views are guarded by duties, never by roles."""

    WATCH_DESK = "watch_desk", _("Watch the desk: type in, place, dispatch and void alerts")
    HANDLE_ALERTS = "handle_alerts", _("Handle alerts: accept, act, hand over and close")
    SEE_ALERTS = "see_alerts", _("See alerts")
    SEE_RESIDENTS = "see_residents", _("See residents")
    SEE_CLOCK = "see_clock", _("See how the clock is kept: lateness, readiness, health")


DUTIES: Mapping[Role, frozenset[Duty]] = MappingProxyType(
    {
        Role.DUTY_OFFICER: frozenset(Duty),
        Role.MANAGER: frozenset(Duty),
        Role.GRID_LEADER: frozenset({Duty.HANDLE_ALERTS, Duty.SEE_ALERTS, Duty.SEE_RESIDENTS}),
        Role.WARNING_SPECIALIST: frozenset({Duty.HANDLE_ALERTS, Duty.SEE_ALERTS, Duty.SEE_RESIDENTS}),
        Role.POLICE_LIAISON: frozenset({Duty.HANDLE_ALERTS, Duty.SEE_ALERTS}),
        Role.SUPERVISOR: frozenset({Duty.SEE_ALERTS, Duty.SEE_CLOCK}),
        Role.CARER: frozenset({Duty.SEE_RESIDENTS}),
        Role.OUTREACH_WORKER: frozenset(),
        Role.BUILDING_INFORMANT: frozenset(),
    }
)


def roles_with(duty: Duty) -> frozenset[Role]:
    """Return the roles that carry a duty."""
    return frozenset(role for role, duties in DUTIES.items() if duty in duties)
