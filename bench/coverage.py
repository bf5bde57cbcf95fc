"""Coverage in a whole district: two thousand grids, a million residents, five million touches."""

from django.db import connection

from accounts.clock import today
from antifraud.district import CODE
from bench.figures import Figure, at_most, median
from campaigns.figures.coverage import cover_by_grid, cover_kept, missed
from campaigns.policy import CHANNELS_OF, Audience, Means, Period, span_of
from residents.models import Resident

COMMUNITY = f"{CODE}001001"
GRID = f"{COMMUNITY}001"


def coverage() -> list[Figure]:
    """Count whom outreach has reached: a district from what is kept, a community on the spot, names in a grid."""
    on = today()
    span = span_of(Period.YEAR, on=on)
    means, audience = Means.ON_SITE, Audience.OVER_60

    def counted(code: str) -> object:
        return cover_by_grid(code, audience=audience, channels=CHANNELS_OF[means], span=span, on=on)

    def kept() -> object:
        return cover_kept(CODE, audience=audience, means=means)

    def names() -> object:
        here = Resident.objects.within(GRID)
        found = missed(here, audience=audience, channels=CHANNELS_OF[means], span=span, on=on)
        return list(found.values_list("pk", "name")[:50])

    bare = median(_bare)
    return [
        at_most(
            "coverage of 2,000 grids, 12 months, as kept",
            median(kept),
            "ms",
            3,
            reference=bare,
            reference_is="the kept rows by bare SQL",
        ),
        Figure("  counted on the spot", median(lambda: counted(CODE), rounds=3), "ms"),
        at_most("coverage of a community of 20 grids, on the spot", median(lambda: counted(COMMUNITY)), "ms", 40),
        at_most("first 50 never reached in a grid", median(names), "ms", 3),
    ]


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, should, reached, weak FROM campaigns_communitycover"
            " WHERE audience = 'over_60' AND means = 'on_site'"
        )
        cursor.fetchall()
