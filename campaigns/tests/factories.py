"""Outreach as tests need it: an event in a grid, a campaign, a chat group."""

from datetime import UTC, date, datetime

import factory

from accounts.models import User
from accounts.tests.factories import UserFactory
from campaigns.models import Campaign, ChatGroup, Event, Material, Meeting, Organisation, Problem, Push, Series, Site
from campaigns.policy import Form, OrganisationKind, SiteKind
from residents.models import Area
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
