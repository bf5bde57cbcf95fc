"""Three years of frauds in the ledger: those that an alert could not prevent, and those nobody was warned of."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from accounts.clock import local
from accounts.personal_data import encrypt, phone_index
from antifraud.district.people import ELDER, People
from antifraud.district.places import Place
from antifraud.district.pouring import pour
from antifraud.district.scale import Scale
from antifraud.district.warnings import Reported
from cases.models import Case
from cases.policy import Approach, Status
from knowledge.models import FraudType
from residents.models import Sex
from residents.policy import age_on

STATUSES = (Status.REPORTED, Status.FILED, Status.FILED, Status.SOLVED, Status.NOT_FILED, Status.WITHDRAWN)


def make_cases(
    scale: Scale, people: People, places: Sequence[Place], lost: Sequence[Reported], *, now: datetime
) -> int:
    """Make the cases in the order in which they were reported; return how many."""
    dice = Random(f"{scale.seed} cases")
    warned = list(lost[: scale.cases])
    step = timedelta(days=scale.days) / max(1, scale.cases)
    unwarned = (
        Reported(0, dice.randrange(len(people)), now - n * step) for n in range(1, scale.cases - len(warned) + 1)
    )
    in_order = sorted([*warned, *unwarned], key=lambda one: one.at)
    return pour(Case, _cases(in_order, people, places, dice=dice, on=local(now).date()))


def _cases(
    reported: Sequence[Reported], people: People, places: Sequence[Place], *, dice: Random, on: date
) -> Iterator[dict[str, object]]:
    kinds = list(FraudType.objects.order_by("pk").values_list("pk", flat=True))
    for n, one in enumerate(reported, start=1):
        place = places[people.grid_of(one.person)]
        happened_at = one.at - timedelta(minutes=dice.randrange(30, 3000))
        status = dice.choice(STATUSES)
        lost = dice.choice((2_000, 8_000, 30_000, 80_000, 150_000)) + dice.randrange(1_000)
        filed_on = min(local(one.at).date() + timedelta(days=2), on)
        phone = people.phones[one.person]
        age = max(0, age_on(people.born[one.person], local(happened_at).date()))
        yield {
            "number": f"A{n:08d}",
            "status": status,
            "occurred_at": happened_at,
            "reported_at": one.at,
            "filed_on": filed_on if status in (Status.FILED, Status.SOLVED) else None,
            "fraud_type_id": dice.choice(kinds),
            "is_elder_fraud": age >= ELDER and dice.random() < 0.5,
            "approach": dice.choice(Approach.values),
            "story": "对方以高额回报为诱饵，受害人多次转账后无法提现。",
            "amount_lost": lost,
            "amount_frozen": lost // 10 if dice.random() < 0.2 else 0,
            "amount_returned": lost // 20 if dice.random() < 0.1 else 0,
            "area_code": place.code,
            "community_id": place.community_id,
            "grid_id": place.pk,
            "resident_id": people.keys[one.person],
            "victim_name": people.names[one.person],
            "victim_phone": encrypt(phone),
            "victim_phone_hash": phone_index(phone) if phone else "",
            "victim_sex": Sex.FEMALE if people.women[one.person] else Sex.MALE,
            "victim_age": age,
            "alert_id": one.alert or None,
            "changed_at": one.at,
        }
