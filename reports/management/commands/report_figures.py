"""Say the figures of an area and a period from the command line."""

import json
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.clock import today
from accounts.formats import share, yuan
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures import figures_of
from reports.figures.plain import plain
from reports.figures.shapes import CaseSums, Compared, Figures
from reports.formats import cases_changed, period_name, yuan_changed
from reports.policy import FIRST_DAY, LAST_DAY, PeriodKind, period_around
from residents.models import Area


class Command(BaseCommand):
    """Count the figures of one area and period as every report and page counts them."""

    help = "Print the figures of an area and a month, or any two days; docs/figures.md says what each is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the area, the period and the date that cases are counted by."""
        parser.add_argument("--area", required=True, help="code of the district, street, community or grid")
        parser.add_argument("--month", type=_month, help="a calendar month: 2026-04")
        parser.add_argument("--from", dest="since", type=_day, help="the first day: 2026-02-01")
        parser.add_argument("--to", dest="until", type=_day, help="the last day, counted: 2026-04-30")
        parser.add_argument(
            "--by", choices=DatedBy.values, default=DatedBy.REPORTED, help="the date that cases are counted by"
        )
        parser.add_argument("--json", action="store_true", help="print them as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print them."""
        area = Area.objects.filter(code=options["area"]).first()
        if area is None:
            raise CommandError(f"No area has the code {options['area']}.")
        span = _span(options["month"], options["since"], options["until"])
        found = figures_of(area, span, dated_by=DatedBy(options["by"]), on=today())
        if options["json"]:
            self.stdout.write(json.dumps(plain(found), ensure_ascii=False, indent=1))
            return
        for line in _lines(found):
            self.stdout.write(line)


def _month(text: str) -> date:
    """Return a month's first day."""
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        raise ArgumentTypeError(f"{text}: write a month as 2026-04")
    return _day(f"{text}-01")


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text}: write a day as 2026-04-30") from error
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ArgumentTypeError(f"{text}: write a day from {FIRST_DAY} to {LAST_DAY}")
    return found


def _span(month: date | None, since: date | None, until: date | None) -> Span:
    if month is not None:
        if since or until:
            raise CommandError("Give a month, or --from and --to, not both.")
        return period_around(month, PeriodKind.MONTH)
    if since is None or until is None:
        raise CommandError("Give --month, or --from and --to.")
    if until < since:
        raise CommandError("The last day lies before the first.")
    return Span(since, until + timedelta(days=1))


def _lines(found: Figures) -> list[str]:
    """Return the figures that a summary begins with, in words."""
    cases, alerts, done = found.cases, found.alerts.now, found.outreach.now
    count, lost = _three(cases, "count"), _three(cases, "lost")
    held = f"{share(alerts.high.part, alerts.high.whole)}, medium {share(alerts.medium.part, alerts.medium.whole)}"
    return [
        f"{found.area_name} · {period_name(found.span)} · {found.dated_by.label}",
        f"cases {_beside(count, str, cases_changed)}; filed {cases.now.filed}",
        f"lost {_beside(lost, yuan, yuan_changed)}",
        f"prevented {yuan(cases.now.prevented)} (an estimate, no part of the losses)",
        f"days without a case {found.zero_days}; quiet days up to the last {found.quiet_days}",
        f"alerts {alerts.received}; at the grid in time {share(alerts.pushed.part, alerts.pushed.whole)}; high {held}",
        f"events {done.events}, people {done.people}, households {done.households}, posts {done.posts}",
        *(f"{row.name} {row.cases.now.count}, {yuan(row.cases.now.lost)}" for row in found.areas),
    ]


def _three(sums: Compared[CaseSums], name: str) -> tuple[Any, Any, Any]:
    return getattr(sums.now, name), getattr(sums.before, name), getattr(sums.last_year, name)


def _beside(three: tuple[Any, Any, Any], said: Callable[[Any], str], changed: Callable[[Any, Any], str]) -> str:
    """Return a number with what it is held against: "23: +15.0 % on 20 last year"."""
    now, before, last_year = three
    return (
        f"{said(now)}: {changed(now, before)} on {said(before)} before,"
        f" {changed(now, last_year)} on {said(last_year)} last year"
    )
