"""Pushes to chat groups: one line of the log, and the reminders of those who are below the week's number."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.services import record
from campaigns import letters
from campaigns.models import ChatGroup, ChatMember, Push, PushedTo, Rule
from campaigns.policy import RuleName, is_push_week_late, week_of
from campaigns.services.common import OutreachError, planners_by_community
from campaigns.services.touches import remember_pushed
from knowledge.models import FraudType
from notifications.services import Letter, tell, withdraw
from residents.models import Area, Resident
from residents.policy import is_office_hour

LATEST_PAPER = timedelta(days=31)
"""How long after a push it may still be logged."""


@transaction.atomic
def log_push(
    groups: Collection[ChatGroup],
    *,
    text: str,
    posts: int,
    on: date,
    by: User,
    now: datetime,
    fraud_types: Iterable[FraudType] = (),
    press: UUID | None = None,
) -> Push:
    """Log so many posts sent on to some groups on a day: one line, and a day in the memory of each known member.

    The same press again gives the same push. Raises ``OutreachError`` for no group, groups of two communities or given
    up, a press of somebody else, and a day in the future or longer ago than ``LATEST_PAPER``.
    """
    keys = sorted(group.pk for group in groups)
    # Who presses twice queues up here, and the second finds the push of the first.
    queued = ChatGroup.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    locked = list(queued.select_related("area"))
    if press is not None and (made := Push.objects.filter(press=press).first()) is not None:
        if made.by_id != by.pk:
            raise OutreachError(_("This page was used for another push already; open it anew."))
        return made
    _require_possible(locked, on=on, today=local(now).date())
    community = Area.objects.get(code=locked[0].area.community_code)
    push = Push.objects.create(area=community, text=text, posts=posts, on=on, by=by, press=press)
    push.fraud_types.set(fraud_types)
    PushedTo.objects.bulk_create([PushedTo(push=push, group=group) for group in locked])
    members = ChatMember.objects.current().filter(group__in=locked).values("resident_id")
    remember_pushed(list(Resident.objects.living_here().filter(pk__in=members)), on=on)
    detail = {"posts": posts, "groups": keys, "on": on.isoformat()}
    record("campaigns.pushed", by=by, at=now, about=push, area_code=community.code, detail=detail)
    withdraw_what_is_done(community.code, day=on, now=now)
    return push


def _require_possible(groups: Collection[ChatGroup], *, on: date, today: date) -> None:
    if not groups:
        raise OutreachError(_("Tick the groups it was sent to."))
    if len({group.area.community_code for group in groups}) > 1:
        raise OutreachError(_("These groups lie in two communities; log the push once for each."))
    given_up = next((group for group in groups if group.ended_on is not None), None)
    if given_up is not None:
        raise OutreachError(_("{group} was given up; leave it out.").format(group=given_up))
    if on > today:
        raise OutreachError(_("The day lies in the future; log it once it is sent."))
    if today - on > LATEST_PAPER:
        raise OutreachError(_("That was more than a month ago; such old pushes are not added any more."))


@transaction.atomic
def take_back_push(push: Push, *, by: User, now: datetime) -> None:
    """Take back a push that was logged by mistake.

    Raises ``OutreachError`` where somebody else logged it. The members' last day stays: it is weak evidence, and who
    got another push that day would lose it.
    """
    if push.by_id != by.pk and not by.is_superuser:
        raise OutreachError(_("Only who logged a push takes it back: {person}.").format(person=push.by))
    detail = {"posts": push.posts, "groups": sorted(push.sent_to.values_list("group_id", flat=True))}
    record("campaigns.push_taken_back", by=by, at=now, about=push, area_code=push.area.code, detail=detail)
    push.delete()


def withdraw_what_is_done(community: str, *, day: date, now: datetime, also: int | None = None) -> None:
    """Take back the reminders of a week from those for whom nothing is missing any more.

    ``also`` is somebody who answers for a group no longer, and so may be the owner of none.
    """
    monday, _after = week_of(day)
    running = ChatGroup.objects.running().within(community)
    owners = set(running.exclude(owner=None).order_by().values_list("owner_id", flat=True))
    lacking = list(running.lacking(day, at_least=Rule.objects.number(RuleName.PUSHES_PER_WEEK)))
    done = (owners | {also}) - {group.owner_id for group in lacking}
    subjects = [letters.pushes_key(owner, community, monday) for owner in done if owner is not None]
    if not lacking:
        subjects.append(letters.push_summary_key(community, monday))
    withdraw(subjects, now=now)


@transaction.atomic
def chase_pushes(*, now: datetime) -> int:
    """Tell owners, and once for all outreach workers and managers, which groups are below the week's pushes.

    From Thursday on, while three days are left; nobody is told twice of one week (the letters' keys see to that).
    Returns how many people were told.
    """
    on = local(now).date()
    if not is_push_week_late(on) or not is_office_hour(local(now)):
        return 0
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    lacking = ChatGroup.objects.running().lacking(on, at_least=at_least).select_related("owner", "area")
    by_community: dict[str, list[ChatGroup]] = defaultdict(list)
    for group in lacking:
        by_community[group.area.community_code].append(group)
    told = tell(_letters(by_community, on=on), now=now)
    if told:
        record("campaigns.pushes_chased", by=None, at=now, detail={"told": told})
    return told


def _letters(by_community: dict[str, list[ChatGroup]], *, on: date) -> list[Letter]:
    monday, _after = week_of(on)
    planners = planners_by_community(by_community, on=on)
    found = []
    for community, groups in by_community.items():
        by_owner: dict[User, list[ChatGroup]] = defaultdict(list)
        for group in groups:
            if group.owner is not None and group.owner.is_active:
                by_owner[group.owner].append(group)
        found += [
            letters.to_owner_of_groups(owner, theirs, community=community, monday=monday)
            for owner, theirs in by_owner.items()
        ]
        found += [
            letters.push_summary(planner, groups, community=community, monday=monday)
            for planner in planners.get(community, ())
        ]
    return found
