"""Figures of a whole district: two thousand grids, a million residents, three years of cases and of alerts."""

from django.db import connection
from django.test import Client

from accounts.clock import database_now, midnight, today
from accounts.models import User
from antifraud.district import ADMINISTRATOR, CODE
from bench.figures import Figure, at_most, median
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures import figures_of, trend_of
from reports.figures.kept import Shown, figures_shown
from reports.policy import PeriodKind, months_later, period_around
from residents.models import Area

COMMUNITY = f"{CODE}001001"


def figures() -> list[Figure]:
    """Count a month with all its dimensions and last year's, the trend, and draw the dashboard."""
    on = today()
    month = period_around(months_later(on, -1), PeriodKind.MONTH)
    district, community = Area.objects.get(code=CODE), Area.objects.get(code=COMMUNITY)
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username=ADMINISTRATOR))

    def page(code: str) -> None:
        answer = client.get("/reports/", {"area": code, "at": month.first.isoformat()}, secure=True)
        assert answer.status_code == 200, answer.status_code

    def counted(area: Area, span: Span) -> object:
        return figures_of(area, span, on=on)

    def looked_at(area: Area, span: Span) -> Shown:
        return figures_shown(area, span, dated_by=DatedBy.REPORTED, on=on, now=database_now())

    looked_at(district, month)
    year = period_around(months_later(on, -12), PeriodKind.YEAR)
    return [
        at_most(
            "a month's figures of a district, all dimensions, with year on year",
            median(lambda: counted(district, month), rounds=7),
            "ms",
            200,
            reference=median(lambda: _bare(month), rounds=7),
            reference_is="the month's cases and alerts added up by bare SQL",
        ),
        at_most(
            "  as counted last, which is what one looks at",
            median(lambda: looked_at(district, month), rounds=7),
            "ms",
            20,
        ),
        Figure("  of a community", median(lambda: counted(community, month), rounds=7), "ms"),
        Figure("  a whole year of a district", median(lambda: counted(district, year), rounds=3), "ms"),
        Figure(
            "  cases by month, two years of a district",
            median(lambda: trend_of(CODE, last=on, dated_by=DatedBy.REPORTED), rounds=7),
            "ms",
        ),
        Figure("the dashboard of a district, drawn", median(lambda: page(CODE), rounds=5), "ms"),
        Figure("the dashboard of a community, drawn", median(lambda: page(COMMUNITY), rounds=5), "ms"),
    ]


def _bare(month: Span) -> None:
    """Ask the least that a month's figures could be made of: one pass over its rows in each of the two tables."""
    days = [midnight(month.first), midnight(month.after)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substr(area_code, 1, 12), count(*), sum(amount_lost) FROM cases_case"
            " WHERE reported_at >= %s AND reported_at < %s GROUP BY 1",
            days,
        )
        cursor.fetchall()
        cursor.execute(
            "SELECT substr(area_code, 1, 12), count(*) FROM alerts_alert"
            " WHERE received_at >= %s AND received_at < %s GROUP BY 1",
            days,
        )
        cursor.fetchall()
