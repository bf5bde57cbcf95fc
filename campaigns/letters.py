"""The words in which people are told of outreach: events, pushes that are missing, sites and problems that are late.

No letter names a resident. What a robot says to a group names nobody at all.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from accounts.formats import day, hour_minute
from accounts.models import User
from campaigns.models import ChatGroup, Event, Problem, Site
from notifications.policy import Urgency
from notifications.services import Letter

MEND, STRIKE = "mend", "strike"
"""What a letter about a problem asks for: its owner to mend it, somebody else to strike it off."""


class EventNews(StrEnum):
    """What the staff of an event is told."""

    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    RELEASED = "released"
    STOPPED = "stopped"


def pushes_key(owner_id: int, community: str, monday: date) -> str:
    """Return what the reminder of somebody's groups for one week is filed under."""
    return f"pushes:{owner_id}:{community}:{monday.isoformat()}"


def push_summary_key(community: str, monday: date) -> str:
    """Return what the summary of a community's week is filed under."""
    return f"pushes:{community}:{monday.isoformat()}"


def site_key(site_id: int) -> str:
    """Return what the reminders about a site are filed under."""
    return f"site:{site_id}"


def problem_key(problem_id: int) -> str:
    """Return what the letters about a problem are filed under."""
    return f"problem:{problem_id}"


def event_key(event_id: int) -> str:
    """Return what the letters about an event are filed under."""
    return f"event:{event_id}"


def _names(groups: Sequence[ChatGroup]) -> str:
    return gettext("; ").join(group.name for group in groups)


def to_owner_of_groups(owner: User, groups: Sequence[ChatGroup], *, community: str, monday: date) -> Letter:
    """Return the reminder that groups somebody answers for are below this week's pushes."""
    number = len(groups)
    with translation.override(owner.language):
        title = ngettext(
            "%(number)d chat group is still below this week's pushes",
            "%(number)d chat groups are still below this week's pushes",
            number,
        ) % {"number": number}
        return Letter(
            key=f"pushes.{owner.pk}.{community}.{monday.isoformat()}",
            recipient_id=owner.pk,
            kind="outreach.pushes",
            urgency=Urgency.LOW,
            subject=pushes_key(owner.pk, community, monday),
            purpose="pushes",
            title=title,
            body=gettext("{groups}. Copy a text under Pushes, send it on, and log it there by Sunday.").format(
                groups=_names(groups)
            ),
            public_text=title,
            url=f"{reverse('campaigns:push')}?tick=mine",
            area_code=community,
        )


def push_summary(planner: User, groups: Sequence[ChatGroup], *, community: str, monday: date) -> Letter:
    """Return the one letter on all groups of a community that are below this week's pushes."""
    number = len(groups)
    unowned = sum(group.owner_id is None for group in groups)
    with translation.override(planner.language):
        title = ngettext(
            "%(number)d chat group of the community is below this week's pushes",
            "%(number)d chat groups of the community are below this week's pushes",
            number,
        ) % {"number": number}
        left = ngettext("%(number)d of them has no owner.", "%(number)d of them have no owner.", unowned)
        told = gettext("Those who answer for them have been reminded.")
        return Letter(
            key=f"pushes.{community}.{monday.isoformat()}.{planner.pk}",
            recipient_id=planner.pk,
            kind="outreach.pushes",
            urgency=Urgency.LOW,
            subject=push_summary_key(community, monday),
            purpose="pushes",
            title=title,
            body=" ".join(filter(None, [_names(groups) + ".", told, left % {"number": unowned} if unowned else ""])),
            public_text=title,
            url=reverse("campaigns:pushes"),
            area_code=community,
        )


def site_overdue(recipient: User, site: Site) -> Letter:
    """Return the reminder that a site was to be refreshed; told once for one due day."""
    with translation.override(recipient.language):
        return Letter(
            key=f"site.{site.pk}.{site.due_on.isoformat()}.{recipient.pk}",
            recipient_id=recipient.pk,
            kind="outreach.site",
            urgency=Urgency.LOW,
            subject=site_key(site.pk),
            purpose="refresh",
            title=gettext("To be refreshed: {site}").format(site=site.name),
            body=gettext("It was due on {day}. Hang up something new, take a photo, and it is done.").format(
                day=day(site.due_on)
            ),
            public_text=gettext("A publicity site is to be refreshed."),
            url=reverse("campaigns:site_refresh", args=[site.pk]),
            area_code=site.area.community_code,
        )


def _about_problem(
    recipient: User, problem: Problem, *, key: str, purpose: str, title: str, public: str = ""
) -> Letter:
    """Return a letter about a problem. ``public`` stands for a title that holds what somebody typed."""
    return Letter(
        key=f"problem.{problem.pk}.{key}.{recipient.pk}",
        recipient_id=recipient.pk,
        kind="outreach.problem",
        urgency=Urgency.LOW,
        subject=problem_key(problem.pk),
        purpose=purpose,
        title=title,
        body=problem.what,
        public_text=public or title,
        url=reverse("campaigns:problem", args=[problem.pk]),
        area_code=problem.area.community_code,
    )


def problem_given(problem: Problem, *, at: datetime) -> Letter:
    """Return what the owner of a new problem is told."""
    with translation.override(problem.owner.language):
        title = gettext("For you to mend by {day}").format(day=day(problem.due_on))
        return _about_problem(problem.owner, problem, key=f"given.{at.isoformat()}", purpose=MEND, title=title)


def problem_overdue(problem: Problem, *, monday: date) -> Letter:
    """Return the reminder of a week in which a problem stands overdue."""
    with translation.override(problem.owner.language):
        title = gettext("Still to be mended, due on {day}").format(day=day(problem.due_on))
        return _about_problem(problem.owner, problem, key=f"late.{monday.isoformat()}", purpose=MEND, title=title)


def problem_sent_back(problem: Problem, *, at: datetime) -> Letter:
    """Return what the owner is told when somebody looked and found it not mended."""
    with translation.override(problem.owner.language):
        title = gettext("Not mended yet: {why}").format(why=problem.sent_back_why)
        public = gettext("A problem is not mended yet.")
        key = f"back.{at.isoformat()}"
        return _about_problem(problem.owner, problem, key=key, purpose=MEND, title=title, public=public)


def problem_to_strike(planner: User, problem: Problem, *, key: str) -> Letter:
    """Return what those who may strike a problem off are told: at once, and each week until somebody does."""
    with translation.override(planner.language):
        title = gettext("Mended: please look and strike it off")
        return _about_problem(planner, problem, key=f"strike.{key}", purpose=STRIKE, title=title)


def about_event(recipient: User, event: Event, news: EventNews, *, at: datetime) -> Letter:
    """Return what somebody on an event's staff is told of it; a robot says the same to all, and to whom to nobody."""
    with translation.override(recipient.language):
        said = _said_of_event(news)
        # What somebody called it may name whom they visit: a group reads of what form it is, and when.
        public = said.format(title=f"{event.get_form_display()} · {day(event.starts_at)}")
        return Letter(
            key=f"event.{event.pk}.{news}.{at.isoformat()}.{recipient.pk}",
            recipient_id=recipient.pk,
            kind="outreach.event",
            urgency=Urgency.LOW,
            subject=event_key(event.pk),
            purpose=news,
            title=said.format(title=event.title),
            body=_when_and_where(event, news),
            # Who no longer comes is a matter between two.
            public_text="" if news is EventNews.RELEASED else public,
            url=_event_page(event, news),
            area_code=event.area.community_code,
        )


def _said_of_event(news: EventNews) -> str:
    return {
        EventNews.PLANNED: gettext("On the staff of an event: {title}"),
        EventNews.MOVED: gettext("Changed in time or place: {title}"),
        EventNews.CANCELLED: gettext("Cancelled: {title}"),
        EventNews.RELEASED: gettext("No longer on the staff: {title}"),
        EventNews.STOPPED: gettext("No longer takes place: {title}"),
    }[news]


def _when_and_where(event: Event, news: EventNews) -> str:
    times = f"{hour_minute(event.starts_at)}–{hour_minute(event.ends_at)}"
    if news is EventNews.STOPPED:
        return gettext("From {day} on, each of its dates.").format(day=day(event.starts_at))
    why = event.cancelled_why if news is EventNews.CANCELLED else ""
    place = event.place or event.area.name
    return gettext("; ").join(filter(None, [f"{day(event.starts_at)} {times}", place, why]))


def _event_page(event: Event, news: EventNews) -> str:
    is_gone = news is EventNews.STOPPED
    return reverse("campaigns:calendar") if is_gone else reverse("campaigns:event", args=[event.pk])
