"""Pushes kept: of the chat groups a community has, how many were sent at least the week's number of posts.

A push of n posts counts n to each group it was sent to. Counted are the groups that run today: when a group began is
not on record, so an earlier week may count one that was not there yet.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.formats import share
from campaigns.models import ChatGroupQuerySet, PushedTo
from campaigns.policy import week_of


@dataclass(frozen=True, slots=True)
class PushWeek:
    """One week of a community's groups."""

    monday: date
    reached: int
    groups: int
    posts: int

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def said(self) -> str:
        """Both counts beside the percentage."""
        return share(self.reached, self.groups)


def pushed_every_week(
    groups: ChatGroupQuerySet, *, mondays: Sequence[date], at_least: int
) -> Sequence[tuple[str, bool]]:
    """Return each group's area, by its code, and whether it was sent at least so many posts in each of some weeks.

    Of no weeks, of no group. Two queries.
    """
    if not mondays:
        return ()
    areas = dict(groups.order_by().values_list("pk", "area__code"))
    counted = _posts(areas, mondays)
    return [(area, all(counted[monday, key] >= at_least for monday in mondays)) for key, area in areas.items()]


def push_weeks(groups: ChatGroupQuerySet, *, mondays: Sequence[date], at_least: int) -> list[PushWeek]:
    """Return the weeks that begin on some Mondays, in their order; two queries for any number of them."""
    keys = list(groups.order_by().values_list("pk", flat=True))
    counted = _posts(keys, mondays)
    return [
        PushWeek(
            monday,
            reached=sum(counted[monday, key] >= at_least for key in keys),
            groups=len(keys),
            posts=sum(counted[monday, key] for key in keys),
        )
        for monday in mondays
    ]


def _posts(keys: Collection[int], mondays: Sequence[date]) -> Counter[tuple[date, int]]:
    """Return the posts each of some groups was sent, by week, from the first of some Mondays to the last."""
    first, after = min(mondays), max(mondays) + timedelta(days=7)
    sent = PushedTo.objects.filter(group__in=keys, push__on__gte=first, push__on__lt=after)
    counted: Counter[tuple[date, int]] = Counter()
    for group, on, posts in sent.values_list("group_id", "push__on", "push__posts"):
        counted[week_of(on)[0], group] += posts
    return counted
