"""What somebody who plans may choose among: their areas and what belongs to these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from accounts.roles import Duty
from campaigns.models import Campaign, Organisation, Rule
from campaigns.models.scope import outreach_scope
from campaigns.models.staff import places_of, staff_in
from campaigns.policy import RuleName
from knowledge.models import FraudType
from residents.access import within
from residents.models import Area, Level

AreaGroups = Sequence[tuple[str, Sequence[Area]]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What a planner chooses among, and the number that says how many volunteers a crowd asks for."""

    areas: AreaGroups
    staff: Sequence[User]
    places: Mapping[int, tuple[str, ...]]
    partners: Sequence[Organisation]
    campaigns: Sequence[Campaign]
    fraud_types: Sequence[FraudType]
    heads_per_volunteer: int

    def works_at(self, person: User, area: Area) -> bool:
        """Say whether somebody has a part in the outreach of an area's community."""
        home = area.community_code or area.code
        return any(home.startswith(code) or code.startswith(home) for code in self.places.get(person.pk, ()))


def offered_to(user: User, *, on: date) -> Offered:
    """Return what somebody may plan with on a day, for seven queries."""
    staff = list(staff_in(outreach_scope(user, Duty.PLAN_OUTREACH, on), on=on))
    return Offered(
        areas=areas_offered(user, on=on, duty=Duty.PLAN_OUTREACH),
        staff=staff,
        places=places_of(staff, on=on),
        partners=list(Organisation.objects.visible_to(user, on=on, duty=Duty.PLAN_OUTREACH)),
        campaigns=list(Campaign.objects.visible_to(user, on=on, duty=Duty.PLAN_OUTREACH)),
        fraud_types=list(FraudType.objects.all()),
        heads_per_volunteer=Rule.objects.number(RuleName.HEADS_PER_VOLUNTEER),
    )


def areas_offered(user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> AreaGroups:
    """Return the areas whose outreach somebody has a duty for, down to the grids, under their communities' names."""
    scope = within("code", outreach_scope(user, duty, on))
    groups: dict[str, list[Area]] = {}
    for area in Area.objects.filter(scope).exclude(level=Level.BUILDING):
        groups.setdefault(area.community_code or area.code, []).append(area)
    return [(rows[0].name, rows) for rows in groups.values()]
