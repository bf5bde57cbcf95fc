"""Coverage at full size: two thousand grids, a million residents, five million touches."""

from datetime import timedelta

from django.db import connection

from accounts.clock import today
from bench.figures import Figure, at_most
from bench.roster import MILLION, median
from campaigns.figures.coverage import cover_by_grid, cover_kept, missed
from campaigns.policy import CHANNELS_OF, Audience, Means, Period, span_of
from campaigns.tasks import count_coverage
from residents.models import Area, Level, Resident

DISTRICT = "990102"
COMMUNITY = f"{DISTRICT}001007"
COMMUNITIES, GRIDS = 100, 20
TOUCHES = 5


def coverage() -> list[Figure]:
    """Count whom outreach has reached: a district from what is kept, a community on the spot, names in a grid."""
    _fill()
    on = today()
    span = span_of(Period.YEAR, on=on)
    means, audience = Means.ON_SITE, Audience.OVER_60

    def counted(code: str) -> object:
        return cover_by_grid(code, audience=audience, channels=CHANNELS_OF[means], span=span, on=on)

    def kept() -> object:
        return cover_kept(DISTRICT, audience=audience, means=means)

    def names() -> object:
        here = Resident.objects.within(f"{DISTRICT}001000001")
        found = missed(here, audience=audience, channels=CHANNELS_OF[means], span=span, on=on)
        return list(found.values_list("pk", "name")[:50])

    count_coverage()
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
        Figure("  counted on the spot", median(lambda: counted(DISTRICT), rounds=3), "ms"),
        at_most(
            "coverage of a community of 20 grids, on the spot", median(lambda: counted(f"{DISTRICT}001007")), "ms", 40
        ),
        at_most("first 50 never reached in a grid", median(names), "ms", 3),
    ]


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, should, reached, weak FROM campaigns_gridcover"
            " WHERE audience = 'over_60' AND means = 'on_site'"
        )
        cursor.fetchall()


def _fill() -> None:
    """Insert everything by a few statements: nobody in it is real."""
    district = Area.objects.create(code=DISTRICT, name="量区", level=Level.DISTRICT)
    street = Area.objects.create(code=f"{DISTRICT}001", name="量街道", level=Level.STREET, parent=district)
    communities = Area.objects.bulk_create(
        Area(code=f"{street.code}{n:03d}", name=f"量{n}社区", level=Level.COMMUNITY, parent=street)
        for n in range(COMMUNITIES)
    )
    grids = Area.objects.bulk_create(
        Area(code=f"{one.code}{n:03d}", name=f"第{n}网格", level=Level.GRID, parent=one)
        for one in communities
        for n in range(GRIDS)
    )
    first_day = today() - timedelta(days=900)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            "INSERT INTO residents_resident (grid_id, name, sex, birth_on, phone, phone_hash, tail_hash, id_number,"
            " id_hash, relation, residence, occupation, devices, risks, note, legal_basis, departure)"
            " SELECT (%s::bigint[])[1 + (n - 1) / %s], '居民' || n, '', date '1930-01-01' + n * 7 %% 33000, '', '', '',"
            " '', '', '', '', '', '', '', '', 'duty', '' FROM generate_series(1, %s) n",
            [[grid.pk for grid in grids], MILLION // len(grids), MILLION],
        )
        cursor.execute(
            'INSERT INTO campaigns_touch (resident_id, channel, at, "on", source, has_installed)'
            " SELECT r.id, (ARRAY['on_site', 'door', 'phone'])[1 + (r.id + k) %% 3], now(),"
            " %s::date + ((r.id * 7919 + k * 104729) %% 900)::int, 'list', false"
            " FROM residents_resident r, generate_series(1, %s) k WHERE r.id %% 3 > 0 OR k < 3",
            [first_day, TOUCHES],
        )
        cursor.execute(
            "INSERT INTO campaigns_reach (resident_id, on_site_on, door_on, phone_on)"
            " SELECT r.id, max(t.\"on\") FILTER (WHERE channel = 'on_site'),"
            " max(t.\"on\") FILTER (WHERE channel = 'door'), max(t.\"on\") FILTER (WHERE channel = 'phone')"
            " FROM residents_resident r JOIN campaigns_touch t ON t.resident_id = r.id GROUP BY r.id"
        )
        cursor.execute("VACUUM ANALYZE")
