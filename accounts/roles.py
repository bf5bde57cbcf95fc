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
    KEEP_ROSTER = "keep_roster", _("Keep the roster: import, edit, merge, end, export masked")
    SEE_MINORS = "see_minors", _("See minors under fourteen, with a reason")
    EXPORT_WHOLE = "export_whole", _("Export with names and numbers whole")
    VISIT = "visit", _("Visit paired residents and log it")
    PAIR = "pair", _("Pair carers with residents, see whose visits are due")
    APPOINT = "appoint", _("Keep areas and posts: appoint, end, stand in")
    SEE_ACCESS = "see_access", _("See who looked at personal data")
    SEE_OUTREACH = "see_outreach", _("See outreach and its coverage")
    LOG_OUTREACH = "log_outreach", _("Log outreach: who came, doors, pushes, sites")
    PLAN_OUTREACH = "plan_outreach", _("Plan outreach: campaigns, events, groups, materials, meetings")


_ALERTS = frozenset({Duty.HANDLE_ALERTS, Duty.SEE_ALERTS})
_OUTREACH = frozenset({Duty.SEE_OUTREACH, Duty.LOG_OUTREACH})

DUTIES: Mapping[Role, frozenset[Duty]] = MappingProxyType(
    {
        Role.DUTY_OFFICER: _ALERTS
        | _OUTREACH
        | {Duty.WATCH_DESK, Duty.SEE_RESIDENTS, Duty.SEE_CLOCK, Duty.KEEP_ROSTER, Duty.SEE_MINORS, Duty.PAIR},
        Role.MANAGER: frozenset(Duty),
        Role.GRID_LEADER: _ALERTS
        | _OUTREACH
        | {Duty.SEE_RESIDENTS, Duty.KEEP_ROSTER, Duty.SEE_MINORS, Duty.VISIT, Duty.PAIR},
        Role.WARNING_SPECIALIST: _ALERTS | _OUTREACH | {Duty.SEE_RESIDENTS, Duty.VISIT},
        Role.POLICE_LIAISON: _ALERTS | {Duty.SEE_OUTREACH},
        Role.SUPERVISOR: frozenset({Duty.SEE_ALERTS, Duty.SEE_CLOCK, Duty.SEE_OUTREACH}),
        # Whom they look after follows from their pairings, not from the area of the post.
        Role.CARER: frozenset({Duty.VISIT}),
        # Names are seen where outreach is logged (``visible_to`` with that duty), not on the roster.
        Role.OUTREACH_WORKER: _OUTREACH | {Duty.PLAN_OUTREACH},
        Role.BUILDING_INFORMANT: frozenset(),
    }
)


def roles_with(duty: Duty) -> frozenset[Role]:
    """Return the roles that carry a duty."""
    return frozenset(role for role, duties in DUTIES.items() if duty in duties)
