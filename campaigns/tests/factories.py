"""Outreach as tests need it: an event in a grid, a campaign, a chat group."""

from datetime import UTC, date, datetime
from typing import Any

import factory

from accounts.models import User
from accounts.tests.factories import UserFactory
from campaigns.models import (
    Campaign,
    ChatGroup,
    ChatMember,
    Event,
    Material,
    Meeting,
    Organisation,
    Problem,
    Push,
    PushedTo,
    Series,
    Site,
    SiteRefresh,
    StockMove,
)
from campaigns.policy import Form, OrganisationKind, SiteKind
from residents.models import Area, Resident
from residents.tests.factories import AreaFactory

DAY = date(2026, 11, 10)


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    area = factory.SubFactory(AreaFactory)
    title = factory.Sequence(lambda number: f"第{number}次专项宣传")
    starts_on = date(2026, 11, 1)
    ends_on = date(2026, 12, 31)
    created_by = factory.SubFactory(UserFactory)


class EventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Event

    area = factory.SubFactory(AreaFactory)
    title = factory.Sequence(lambda number: f"第{number}场反诈讲座")
    form = Form.LECTURE
    starts_at = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
    ends_at = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
    created_by = factory.SubFactory(UserFactory)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    area = factory.SubFactory(AreaFactory)
    name = factory.Sequence(lambda number: f"第{number}派出所")
    kind = OrganisationKind.POLICE


class MaterialFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Material

    area = factory.SubFactory(AreaFactory)
    name = factory.Sequence(lambda number: f"{number}号宣传单")


class ChatGroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ChatGroup

    area = factory.SubFactory(AreaFactory)
    name = factory.Sequence(lambda number: f"{number}号楼居民群")
    people = 120


class PushFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Push

    area = factory.SubFactory(AreaFactory)
    text = "不轻信、不转账。"
    on = DAY
    by = factory.SubFactory(UserFactory)


class SiteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Site

    area = factory.SubFactory(AreaFactory)
    name = factory.Sequence(lambda number: f"{number}号宣传栏")
    kind = SiteKind.BOARD
    due_on = DAY


class MeetingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Meeting

    area = factory.SubFactory(AreaFactory)
    at = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
    created_by = factory.SubFactory(UserFactory)


class ProblemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Problem

    area = factory.SubFactory(AreaFactory)
    what = "东门宣传栏破损"
    owner = factory.SubFactory(UserFactory)
    due_on = DAY
    created_by = factory.SubFactory(UserFactory)


def series_at(area: Area, by: User) -> Series:
    """Return a repetition on Tuesdays that ended when it began: nothing is made of it."""
    series: Series = Series.objects.create(
        area=area,
        rule="FREQ=WEEKLY;BYDAY=TU",
        starts_at=datetime(2026, 11, 10, 1, 0, tzinfo=UTC),
        until_on=DAY,
        created_by=by,
    )
    return series


def make_everyday(grid: Area, resident: Resident, *, by: User) -> dict[str, Any]:
    """Return one of each thing of every day, all of one grid: a group with a member and a push, a site with what
    hangs there, a material with stock, a meeting, a problem."""
    group = ChatGroupFactory(area=grid, owner=by)
    push = PushFactory(area=grid.community, by=by)
    PushedTo.objects.create(push=push, group=group)
    site = SiteFactory(area=grid, owner=by)
    material = MaterialFactory(area=grid.community)
    return {
        "group": group,
        "member": ChatMember.objects.create(group=group, resident=resident, since_on=DAY),
        "push": push,
        "site": site,
        "refresh": SiteRefresh.objects.create(site=site, on=DAY, hangs="海报", by=by),
        "material": material,
        "stock": StockMove.objects.create(material=material, amount=100, on=DAY, by=by),
        "meeting": MeetingFactory(area=grid.community, created_by=by),
        "problem": ProblemFactory(area=grid, owner=by, created_by=by),
    }
