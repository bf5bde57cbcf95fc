"""Where the rows behind a number are: the one place that knows the addresses of the lists."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.roles import Duty
from campaigns.policy import MONTHS_OF_A_YEAR, Audience, Means, Period, Span, months_later
from cases.policy import AMOUNT_BANDS, DatedBy
from residents.access import scope_codes


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of the rows of an area; "" for a list that this reader may not open, or in a public version."""

    area: str
    dated_by: DatedBy
    on: date
    cases_open: bool
    alerts_open: bool
    outreach_open: bool
    care_open: bool

    def cases(self, span: Span, *, area: str | None = None, **narrowed: str) -> str:
        """Return the ledger's rows of a period, narrowed further."""
        if not self.cases_open or span.first >= span.after:
            return ""
        chosen = {"area": area or self.area, **_days(span), "dated_by": str(self.dated_by)}
        return f"{reverse('cases:list')}?{urlencode(chosen | narrowed)}"

    def alerts(self, span: Span, *, area: str | None = None, **narrowed: str) -> str:
        """Return the alerts received in a period, drills and void ones left out, narrowed further."""
        if not self.alerts_open or span.first >= span.after:
            return ""
        chosen = {"grid": area or self.area, "state": "real", **_days(span)}
        return f"{reverse('alerts:list')}?{urlencode(chosen | narrowed)}"

    def called_back(self, span: Span, verdict: str, **narrowed: str) -> str:
        """Return the alerts that the desk called back about in a period: true, false or any."""
        if not self.alerts_open or span.first >= span.after:
            return ""
        days = {f"called_{name}": on for name, on in _days(span).items()}
        chosen = {"grid": self.area, "state": "real", "called": verdict, **days}
        return f"{reverse('alerts:list')}?{urlencode(chosen | narrowed)}"

    def coverage(self, span: Span, *, area: str | None = None) -> str:
        """Return the coverage of 60 and over in the twelve months up to a period's last day."""
        if not self.outreach_open or span.first >= span.after:
            return ""
        chosen = {"area": area or self.area, "audience": str(Audience.OVER_60), "means": str(Means.ON_SITE)}
        if span.reaches(self.on):
            return f"{reverse('campaigns:coverage')}?{urlencode(chosen | {'period': str(Period.YEAR)})}"
        year = Span(months_later(span.after, -MONTHS_OF_A_YEAR), span.after)
        return f"{reverse('campaigns:coverage')}?{urlencode(chosen | {'period': str(Period.DAYS)} | _days(year))}"

    def sentence(self, span: Span) -> str:
        """Return the standard sentence of a period: what each of outreach's sums counts."""
        if not self.outreach_open or span.first >= span.after:
            return ""
        chosen = {"area": self.area, "period": str(Period.DAYS), **_days(span)}
        return f"{reverse('campaigns:sentence')}?{urlencode(chosen)}"

    def visits(self, *, area: str | None = None) -> str:
        """Return the visits of a grid; of anything wider, of all that the reader pairs."""
        if not self.care_open:
            return ""
        return (
            f"{reverse('residents:key_groups')}?{urlencode({'grid': area})}"
            if area
            else reverse("residents:key_groups")
        )


def links_of(user: User, area: str, *, dated_by: DatedBy, on: date, is_public: bool) -> Links:
    """Return the addresses that a reader may open; none of the public version, which names no one."""

    def may(duty: Duty) -> bool:
        return not is_public and scope_codes(user, duty, on) != ()

    return Links(
        area=area,
        dated_by=dated_by,
        on=on,
        cases_open=may(Duty.SEE_CASES),
        alerts_open=may(Duty.SEE_ALERTS),
        outreach_open=may(Duty.SEE_OUTREACH),
        care_open=may(Duty.PAIR),
    )


def _days(span: Span) -> dict[str, str]:
    return {"since": span.first.isoformat(), "until": (span.after - timedelta(days=1)).isoformat()}


def band_asked(key: str) -> str:
    """Return an age band as the ledger's address has it: 60-79, 80-, unknown."""
    return key.replace("–", "-").replace("+", "-")


def amount_asked(key: str) -> str:
    """Return an amount band as the ledger's address has it: 10000-50000, 100000-."""
    below = next((band.below for band in AMOUNT_BANDS if str(band.least) == key), None)
    return f"{key}-{below or ''}"
