"""A community of the demo that did all it could this year: everybody reached, pushes every week, pledges, the app."""

from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.clock import local, midnight
from accounts.models import User
from accounts.roles import Role
from campaigns import services
from campaigns.models import ChatGroup, Event, EventStaff, Push, Rule, Site
from campaigns.policy import Audience, Channel, EventState, Form, GroupKind, RuleName, SiteKind, TouchSource, week_of
from campaigns.services import write_touches
from knowledge.models import FraudType
from residents.models import Area, Household, Post, Resident
from residents.policy import born_after

THOROUGH = "370105012004"
TITLE = "反诈集市"
ELDER = 60
ONE_IN = 6
"""So many residents, other than elders, come to one that does not; as many households to one without a pledge."""
TEXT = "【五个一律】陌生来电谈到银行卡，一律挂断；提到“安全账户”，一律是诈骗。拿不准，打96110。"
DAYS_AGO = 40


def make_thorough(*, now: datetime) -> bool:
    """Make its year, once; return whether it was made."""
    community = Area.objects.communities().filter(code=THOROUGH).first()
    on = local(now).date()
    workers = Post.objects.current(on).of_role(Role.OUTREACH_WORKER).filter(area__code=THOROUGH).order_by("pk")
    post = workers.select_related("user").first()
    if community is None or post is None or Event.objects.filter(area=community, title__endswith=TITLE).exists():
        return False
    people = list(Resident.objects.living_here().within(community.code).order_by("pk"))
    _hold_fair(community, people, on - timedelta(days=DAYS_AGO), by=post.user)
    Resident.objects.filter(pk__in=[one.pk for at, one in enumerate(people) if at % ONE_IN]).update(has_app=True)
    _push_every_week(community, people=len(people), by=post.user, now=now)
    _hang_up(community, by=post.user, now=now)
    return True


def _hold_fair(community: Area, people: list[Resident], on: date, *, by: User) -> None:
    """Have all elders come to one fair, and most of the others; most households sign on paper."""
    old = born_after(ELDER, on)
    came = [one for at, one in enumerate(people) if at % ONE_IN or (one.birth_on is not None and one.birth_on <= old)]
    at = midnight(on) + timedelta(hours=9)
    households = Household.objects.filter(grid__code__startswith=community.code).count()
    event = Event.objects.create(
        area=community,
        title=f"{community.name}{TITLE}",
        form=Form.STALL,
        place="社区广场",
        starts_at=at,
        ends_at=at + timedelta(hours=3),
        audience=Audience.EVERYBODY,
        expected_heads=80,
        expected_volunteers=6,
        heads=len(came) + 9,
        pledges=households - households // ONE_IN,
        state=EventState.HELD,
        created_by=by,
        logged_by=by,
        logged_at=at + timedelta(hours=4),
    )
    event.fraud_types.set(FraudType.objects.filter(parent=None)[:4])
    EventStaff.objects.create(event=event, user=by)
    write_touches(came, event=event, channel=Channel.ON_SITE, source=TouchSource.LIST, at=at, by=by)
    # Entered on the day: what is entered after a case does not count for its look-back.
    event.touches.update(recorded_at=F("at"))


def _push_every_week(community: Area, *, people: int, by: User, now: datetime) -> None:
    on = local(now).date()
    fields = {
        "name": f"{community.name}居民群",
        "area": community,
        "kind": GroupKind.RESIDENTS,
        "owner": by,
        "people": people,
    }
    group = services.keep_group(ChatGroup(), fields, by=by, now=now, on=on)
    kinds, posts = list(FraudType.objects.all()[:1]), Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    monday, _after = week_of(on)
    while monday.year == on.year:
        evening = min(now, midnight(monday) + timedelta(hours=18))
        push = services.log_push([group], text=TEXT, posts=posts, on=monday, fraud_types=kinds, by=by, now=evening)
        Push.objects.filter(pk=push.pk).update(recorded_at=evening)
        monday -= timedelta(weeks=1)


def _hang_up(community: Area, *, by: User, now: datetime) -> None:
    then = now - timedelta(days=5)
    fields = {"name": "南门电子屏", "area": community, "kind": SiteKind.SCREEN, "place": "社区南门", "owner": by}
    site = services.keep_site(Site(), fields, by=by, now=then, on=local(then).date())
    services.refresh_site(site, hangs="“安全账户”都是诈骗；96110 来电请接听。", by=by, now=then, photo=b"")
