"""Events that repeat: begun, their next dates made, changed from a date on, stopped."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.calendars import dates_of
from accounts.clock import LOCAL_TZ, local, midnight
from accounts.models import User
from accounts.services import record
from campaigns.models import Campaign, Event, Organisation, Series
from campaigns.models.staff import staff_in
from campaigns.policy import MADE_AHEAD, Repeat, rule_of
from campaigns.services.common import OutreachError
from campaigns.services.planning import Plan, locked, plan_event, require_order, write_plan
from campaigns.services.telling import Before, tell_changed, tell_stopped
from knowledge.models import FraudType
from residents.models import COMMUNITY_DIGITS, Area

OLDEST_BEGIN = timedelta(days=31)
"""A repetition that began earlier is entered from its next date on."""

KEPT = ("title", "form", "place", "audience", "expected_heads", "expected_volunteers", "note")


@transaction.atomic
def plan_series(
    plan: Plan, *, repeat: Repeat, weekdays: Iterable[int] = (), until_on: date | None = None, by: User, now: datetime
) -> Event:
    """Plan an event that repeats, and its dates of the next ninety days; return the first.

    Raises ``OutreachError`` where it began long ago, or ends before it begins.
    """
    first_on = local(plan.starts_at).date()
    if plan.starts_at < now - OLDEST_BEGIN:
        raise OutreachError(_("A repetition begins at most a month ago. Enter it from its next date on."))
    if until_on is not None and until_on < first_on:
        raise OutreachError(_("The repetition would end before its first date."))
    event = plan_event(plan, by=by, now=now)
    series = Series.objects.create(
        area=plan.area,
        rule=rule_of(repeat, first_on, weekdays),
        starts_at=plan.starts_at,
        until_on=until_on,
        created_by=by,
        plan=_kept(event),
    )
    Event.objects.filter(pk=event.pk).update(series=series, occurs_at=plan.starts_at)
    _make_dates(series, now=now)
    record(
        "campaigns.series_begun",
        by=by,
        at=now,
        about=series,
        area_code=plan.area.code,
        detail={"rule": series.rule, "first": plan.starts_at.isoformat()},
    )
    event.refresh_from_db()
    return event


def make_next_events(*, now: datetime) -> int:
    """Make the dates of all repetitions ninety days ahead; return how many were made. Again, it makes none."""
    running = Series.objects.running(local(now).date()).values_list("pk", flat=True)
    return sum(_make_next(pk, now=now) for pk in list(running))


@transaction.atomic
def change_later(event: Event, plan: Plan, *, by: User, now: datetime) -> int:
    """Change a date of a repetition and all later ones that are planned; return how many later ones.

    The staff is told of the first of them.

    A date that was changed by itself stays as it is. Raises ``OutreachError`` as ``change_event`` does, and where the
    plan is of another day: the rule says the days.
    """
    event = locked(event)
    if event.series_id is None:
        raise OutreachError(_("This event does not repeat."))
    if local(plan.starts_at).date() != local(event.starts_at).date():
        raise OutreachError(
            _("All later ones keep their days. Move this date alone, or stop the repetition and plan a new one.")
        )
    require_order(plan.starts_at, plan.ends_at)
    series = Series.objects.select_for_update().get(pk=event.series_id)
    later = _later(series, event.occurs_at).filter(is_changed_alone=False)
    before = Before.of(event)
    write_plan(event, plan, now=now)
    for one in later:
        write_plan(one, _on(plan, local(one.starts_at).date()), now=now)
    series.plan, series.area = _kept(event), plan.area
    series.starts_at = _at(local(series.starts_at).date(), like=plan.starts_at)
    series.save()
    detail = {"from": event.starts_at.isoformat(), "later": len(later)}
    record("campaigns.series_changed", by=by, at=now, about=event, area_code=event.area.code, detail=detail)
    tell_changed(event, before, by=by, now=now)
    return len(later)


@transaction.atomic
def stop_series(event: Event, *, last_on: date, by: User, now: datetime) -> int:
    """Stop a repetition after a day; its planned dates beyond are taken out of the calendar. Return how many.

    Raises ``OutreachError`` for an event that does not repeat.
    """
    if event.series_id is None:
        raise OutreachError(_("This event does not repeat."))
    series = Series.objects.select_for_update().get(pk=event.series_id)
    series.until_on = last_on
    series.save(update_fields=["until_on"])
    gone = Event.objects.planned().filter(series=series, occurs_at__gte=midnight(last_on + timedelta(days=1)))
    dates = list(gone.select_related("area").order_by("occurs_at"))
    tell_stopped(dates, by=by, now=now)
    gone.delete()
    count = len(dates)
    detail = {"last_on": last_on.isoformat(), "taken_out": count}
    record("campaigns.series_stopped", by=by, at=now, about=series, area_code=series.area.code, detail=detail)
    return count


def _later(series: Series, after: datetime | None) -> Any:
    return Event.objects.planned().filter(series=series, occurs_at__gt=after).order_by("occurs_at")


@transaction.atomic
def _make_next(pk: int, *, now: datetime) -> int:
    """Make one repetition's next dates: who makes them twice at once queues up here."""
    series = Series.objects.select_for_update(of=("self",)).select_related("area", "created_by").get(pk=pk)
    made = _make_dates(series, now=now)
    if made:
        detail = {"dates": made}
        record("campaigns.dates_made", by=None, at=now, about=series, area_code=series.area.code, detail=detail)
    return made


def _make_dates(series: Series, *, now: datetime) -> int:
    """Make the dates after the last one made."""
    last = series.events.aggregate(last=Max("occurs_at"))["last"]
    first_on = local(series.starts_at).date()
    after = local(last).date() if last else first_on - timedelta(days=1)
    until = min(local(now + MADE_AHEAD).date(), series.until_on or date.max)
    dates = dates_of(series.rule, first=first_on, after=after, until=until)
    for on in dates:
        _make_date(series, on, now=now)
    return len(dates)


def _make_date(series: Series, on: date, *, now: datetime) -> None:
    plan = _opened(series, on)
    write_plan(Event(series=series, occurs_at=plan.starts_at, created_by=series.created_by), plan, now=now)


def _at(on: date, *, like: datetime) -> datetime:
    """Return the time of day of a moment, on another day."""
    return datetime.combine(on, local(like).time(), tzinfo=LOCAL_TZ)


def _on(plan: Plan, on: date) -> Plan:
    """Return a plan as it is for another day; an organisation entered in place is there already."""
    starts_at = _at(on, like=plan.starts_at)
    values = {name: getattr(plan, name) for name in Plan.__slots__}
    return Plan(**values | {"starts_at": starts_at, "ends_at": starts_at + (plan.ends_at - plan.starts_at)})


def _kept(event: Event) -> dict[str, Any]:
    """Return an event's plan as a repetition keeps it: rows by their keys."""
    return {name: getattr(event, name) for name in KEPT} | {
        "seconds": int((event.ends_at - event.starts_at).total_seconds()),
        "campaign": event.campaign_id,
        "more_areas": list(event.more_areas.values_list("pk", flat=True)),
        "fraud_types": list(event.fraud_types.values_list("pk", flat=True)),
        "staff": list(event.staff.values_list("user_id", flat=True)),
        "partners": list(event.partners.filter(is_planned=True).values_list("organisation_id", flat=True)),
    }


def _opened(series: Series, on: date) -> Plan:
    """Return what a repetition's date is planned as: with the people who still have a post there that day."""
    kept = series.plan
    starts_at = _at(on, like=series.starts_at)
    people = staff_in((series.area.code[:COMMUNITY_DIGITS],), on=on)
    campaign = Campaign.objects.filter(pk=kept["campaign"], ends_on__gte=on).first()
    return Plan(
        **{name: kept[name] for name in KEPT},
        area=series.area,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=kept["seconds"]),
        campaign=campaign,
        more_areas=list(Area.objects.filter(pk__in=kept["more_areas"])),
        fraud_types=list(FraudType.objects.filter(pk__in=kept["fraud_types"])),
        staff=list(people.filter(pk__in=kept["staff"])),
        partners=list(Organisation.objects.filter(pk__in=kept["partners"])),
    )
