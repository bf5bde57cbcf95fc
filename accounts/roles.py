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
    RUN_DRILLS = "run_drills", _("Plan drills, end them, write down what they taught")
    REPLAY = "replay", _("Try alerts of the past under another policy or duty roster")
    KEEP_DUTY_ROSTER = "keep_duty_roster", _("Keep the duty roster: shifts, rotations, holidays")
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
    SEE_CASES = "see_cases", _("See cases and their look-back")
    KEEP_CASES = "keep_cases", _("Keep the ledger of cases: enter, import, correct, export")
    JUDGE_CASES = "judge_cases", _("Confirm the verdict of a look-back")
    SEE_REPORTS = "see_reports", _("See figures and reports")
    SIGN_REPORTS = "sign_reports", _("Sign a community's report")
    SIGN_SUMMARIES = "sign_summaries", _("Sign the report of a street or a district")
    SCORE = "score", _("Score communities: inspections, points by hand, commendation")


_ALERTS = frozenset({Duty.HANDLE_ALERTS, Duty.SEE_ALERTS})
_OUTREACH = frozenset({Duty.SEE_OUTREACH, Duty.LOG_OUTREACH})

DUTIES: Mapping[Role, frozenset[Duty]] = MappingProxyType(
    {
        Role.DUTY_OFFICER: _ALERTS
        | _OUTREACH
        | {Duty.WATCH_DESK, Duty.SEE_RESIDENTS, Duty.SEE_CLOCK, Duty.KEEP_ROSTER, Duty.SEE_MINORS, Duty.PAIR}
        | {Duty.SEE_CASES, Duty.KEEP_CASES},
        # Nobody scores their own community, or signs for those around it.
        Role.MANAGER: frozenset(Duty) - {Duty.SCORE, Duty.SIGN_SUMMARIES},
        Role.GRID_LEADER: _ALERTS
        | _OUTREACH
        | {Duty.SEE_RESIDENTS, Duty.KEEP_ROSTER, Duty.SEE_MINORS, Duty.VISIT, Duty.PAIR, Duty.SEE_CASES},
        Role.WARNING_SPECIALIST: _ALERTS | _OUTREACH | {Duty.SEE_RESIDENTS, Duty.VISIT},
        Role.POLICE_LIAISON: _ALERTS | {Duty.SEE_OUTREACH, Duty.SEE_CASES, Duty.KEEP_CASES, Duty.SEE_REPORTS},
        Role.SUPERVISOR: frozenset(
            {Duty.SEE_ALERTS, Duty.SEE_CLOCK, Duty.SEE_OUTREACH, Duty.SEE_CASES}
            | {Duty.SEE_REPORTS, Duty.SIGN_SUMMARIES, Duty.SCORE, Duty.REPLAY}
        ),
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
