"""Where the rows behind a line of a score are."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.roles import Duty
from campaigns.policy import Audience, Means, Period, Span
from reports.policy.scores import Measure
from residents.access import may
from residents.models import Area


class Links:
    """Where the rows behind a line are, for those who may read them."""

    def __init__(self, user: User, community: Area, *, span: Span, on: date) -> None:
        """Hold what every address needs."""
        self.user, self.code, self.span, self.on = user, community.code, span, on

    def of(self, measure: Measure) -> str:
        """Return the address of a measure's rows; "" where there is none, or the reader may not open it."""
        duty, address = self._address(measure)
        return address if address and may(self.user, duty, self.code, self.on) else ""

    def cases(self) -> str:
        """Return the address of the cases of the year."""
        if not may(self.user, Duty.SEE_CASES, self.code, self.on):
            return ""
        return f"{reverse('cases:list')}?{urlencode({'area': self.code, **self._days()})}"

    def _days(self) -> dict[str, str]:
        return {"since": self.span.first.isoformat(), "until": self.span.last.isoformat()}

    def _address(self, measure: Measure) -> tuple[Duty, str]:
        if measure in CASES_BEHIND:
            return Duty.SEE_CASES, self.cases()
        if measure in COVERAGE_BEHIND:
            return Duty.SEE_OUTREACH, self._coverage(*COVERAGE_BEHIND[measure])
        if measure in ALERTS_BEHIND:
            level = ALERTS_BEHIND[measure]
            return (
                Duty.SEE_ALERTS,
                f"{reverse('alerts:list')}?{urlencode({'grid': self.code, **level, **self._days()})}",
            )
        if measure not in OTHERS_BEHIND:
            return Duty.SEE_REPORTS, ""
        duty, name, asked, area = OTHERS_BEHIND[measure]
        return duty, f"{reverse(name)}?{urlencode(asked | ({area: self.code} if area else {}))}"

    def _coverage(self, audience: Audience, means: Means) -> str:
        days = {"period": Period.YEAR.value} if self.span.reaches(self.on) else self._days()
        asked = {"area": self.code, "audience": audience.value, "means": means.value, **days}
        return f"{reverse('campaigns:coverage')}?{urlencode(asked)}"


CASES_BEHIND = (Measure.ZERO_DAYS, Measure.CASES_CHANGE, Measure.LOSSES_CHANGE, Measure.LOOKBACKS)
COVERAGE_BEHIND: Mapping[Measure, tuple[Audience, Means]] = {
    Measure.ELDERS: (Audience.OVER_60, Means.ON_SITE),
    Measure.EVERYBODY: (Audience.EVERYBODY, Means.STRONG),
}
ALERTS_BEHIND: Mapping[Measure, dict[str, str]] = {
    Measure.DISPATCH: {},
    Measure.HIGH: {"level": "high"},
    Measure.MEDIUM: {"level": "medium"},
}
OTHERS_BEHIND: Mapping[Measure, tuple[Duty, str, dict[str, str], str]] = {
    Measure.APPS: (Duty.SEE_RESIDENTS, "residents:list", {"app": "no"}, ""),
    Measure.VISITS: (Duty.PAIR, "residents:key_groups", {}, ""),
    Measure.NEWCOMERS: (Duty.LOG_OUTREACH, "campaigns:newcomers", {}, "area"),
    Measure.PUSHES: (Duty.SEE_OUTREACH, "campaigns:pushes", {}, "community"),
    Measure.SITES: (Duty.SEE_OUTREACH, "campaigns:sites", {}, "community"),
    Measure.PLEDGES: (Duty.SEE_OUTREACH, "campaigns:calendar", {"shown": "list"}, ""),
}
"""Who may open the rows behind a measure, on which page, what it is asked, and by what name it takes the area."""
