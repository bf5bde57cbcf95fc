"""A victim with a household, and what was done before the fraud; moments are the case's, never the clock's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from campaigns.models import ChatMember, Door, Event, Pledge, Push, PushedTo, Touch
from campaigns.policy import Channel, DoorResult, Form
from campaigns.tests.factories import ChatGroupFactory, EventFactory, PushFactory
from cases.models import Case
from cases.tests.factories import REPORTED, CaseFactory
from knowledge.models import FraudType
from residents.models import Resident, Visit
from residents.tests.factories import Community, ResidentFactory, VisitFactory, make_community, make_staff

CODE = "brushing_rebate"


def kind(code: str) -> FraudType:
    return FraudType.objects.get(code=code)


def days_before(days: float) -> datetime:
    return REPORTED - timedelta(days=days)


@dataclass(frozen=True)
class Victim:
    """A resident who was defrauded, somebody of the household, and a worker of the place."""

    place: Community
    resident: Resident
    other: Resident
    worker: User
    manager: User
    case: Case

    def event(self, days: float, codes: Iterable[str] = (CODE,), form: str = Form.LECTURE) -> Event:
        at = days_before(days)
        event = EventFactory(area=self.place.community, form=form, starts_at=at, ends_at=at, place="活动室")
        event.fraud_types.set([kind(code) for code in codes])
        return event

    def touch(
        self, days: float, *, codes: Iterable[str] = (CODE,), whom: Resident | None = None, **options: Any
    ) -> Touch:
        """Somebody reached so many days before; entered on the spot unless ``entered`` says when."""
        at = days_before(days)
        return Touch.objects.create(
            resident=whom or self.resident,
            channel=options.get("channel", Channel.ON_SITE),
            at=at,
            on=at.date(),
            event=options.get("event") or self.event(days, codes),
            source="list",
            by=self.worker,
            recorded_at=options.get("entered") or at,
        )

    def door(self, days: float, result: str = DoorResult.NOBODY) -> Door:
        at = days_before(days)
        event = self.event(days, form=Form.HOUSEHOLD)
        fields = {"result": result, "at": at, "by": self.worker, "recorded_at": at}
        return Door.objects.create(event=event, household=self.resident.household, **fields)

    def pledge(self, days: float, *, entered: datetime | None = None) -> Pledge:
        at, event = days_before(days), self.event(days)
        pledge = Pledge.objects.create(
            event=event,
            area=self.place.grid,
            resident=self.resident,
            name=self.resident.name,
            text="承诺书",
            signature=ContentFile(b"x", "a.jpg"),
            at=at,
            by=self.worker,
        )
        detail = {"pledge": pledge.pk}
        record("campaigns.pledge_signed", by=self.worker, at=entered or at, about=event, detail=detail)
        return pledge

    def push(self, days: float, *, since: float = 90, until: float | None = None) -> Push:
        """A push to a group that the victim was in from so many days before on."""
        group = ChatGroupFactory(area=self.place.grid)
        ChatMember.objects.create(
            group=group,
            resident=self.resident,
            since_on=days_before(since).date(),
            until_on=days_before(until).date() if until is not None else None,
        )
        push = PushFactory(area=self.place.community, on=days_before(days).date(), by=self.worker)
        push.fraud_types.set([kind(CODE)])
        Push.objects.filter(pk=push.pk).update(recorded_at=days_before(days))
        PushedTo.objects.create(push=push, group=group)
        return push

    def visit(self, days: float, *, result: str = "met", whom: Resident | None = None) -> Visit:
        at = days_before(days)
        visit = VisitFactory(resident=whom or self.resident, by=self.worker, at=at, result=result)
        Visit.objects.filter(pk=visit.pk).update(recorded_at=at)
        return visit


def make_victim(number: int = 3, **fields: Any) -> Victim:
    """Return somebody defrauded at ``REPORTED`` who has stood on the roster for years."""
    place = make_community(number)
    resident = ResidentFactory(grid=place.grid, name="王秀英")
    other = ResidentFactory(grid=place.grid, household=resident.household)
    Resident.objects.filter(pk__in=[resident.pk, other.pk]).update(created_at=days_before(900))
    resident.refresh_from_db()
    return Victim(
        place=place,
        resident=resident,
        other=other,
        worker=make_staff(Role.OUTREACH_WORKER, place.community),
        manager=make_staff(Role.MANAGER, place.community),
        case=CaseFactory(grid=place.grid, resident=resident, **fields),
    )
