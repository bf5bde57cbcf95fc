"""An invented district of any size, to try the program and to measure it on.

Nobody in it is real: ID numbers begin with 999999, phones lie in 199 0000 0000 to 199 0000 9999. Rows are written by
the batch and not through the services, which would take days for millions; what is kept beside them is counted by the
product's own tasks, or held against what its services count by a test.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from django.db import connection, transaction

from accounts.clock import local
from alerts.models import Alert
from antifraud.district.ledger import make_cases
from antifraud.district.outreach import make_outreach
from antifraud.district.people import make_care, make_people
from antifraud.district.places import ADMINISTRATOR, CODE, logins, make_areas, make_staff
from antifraud.district.scale import FEWEST, MOST, Scale
from antifraud.district.warnings import make_alerts, receive_alerts
from campaigns.tasks import count_coverage
from reports.tasks import keep_scores
from residents.models import Area, Resident
from residents.tasks import count_app

__all__ = ["ADMINISTRATOR", "CODE", "FEWEST", "MOST", "DistrictError", "Scale", "logins", "make_district"]

Phase = Callable[[str], AbstractContextManager[object]]
"""What goes around each part: it is told what is being made."""


class DistrictError(Exception):
    """This database cannot be filled."""


def make_district(scale: Scale, *, password: str, now: datetime, phase: Phase) -> None:
    """Fill an empty, migrated database, each part in one transaction; ``logins`` says who may come in by the password.

    What is kept beside the tables is counted by the product's own tasks, but for the last days of each channel, which
    are written with the touches. Raises ``DistrictError`` where there are areas, residents or alerts already.
    """
    if Area.objects.exists() or Resident.objects.exists() or Alert.objects.exists():
        raise DistrictError(
            "There are areas, residents or alerts already: a district wants an empty, migrated database."
        )
    on = local(now).date()
    with phase(f"{scale.grids:,} grids and their staff"), transaction.atomic():
        places = make_staff(make_areas(scale), password=password, on=on)
    with phase(f"{scale.residents:,} residents"), transaction.atomic():
        people = make_people(scale, places, on=on)
    with phase(f"{len(people.alone):,} elders who live alone, and their carers"), transaction.atomic():
        make_care(scale, people, places, now=now, on=on)
    with phase(f"{scale.touches:,} touches"), transaction.atomic():
        make_outreach(scale, people, places, on=on)
    with phase(f"{scale.alerts:,} alerts"), transaction.atomic():
        lost = make_alerts(scale, people, places, now=now)
    with phase(f"{scale.cases:,} cases"), transaction.atomic():
        make_cases(scale, people, places, lost, now=now)
    with phase(f"{scale.open_alerts:,} alerts that have just come in"):
        receive_alerts(scale, people, places, now=now)
    with phase("statistics of the database"), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with phase("coverage, the app, scores: what is kept beside the tables"):
        count_coverage()
        count_app()
        keep_scores()
