"""What the look-backs of a period's cases say."""

from collections import Counter

from django.db.models import Count

from campaigns.policy import Span
from cases.models import Case, LookBack
from cases.policy import DatedBy
from reports.figures.shapes import Lookbacks


def lookbacks_of(area_code: str, span: Span, *, dated_by: DatedBy) -> Lookbacks:
    """Return the verdicts of the look-backs of a period's cases: the confirmed one, else the proposed. Two queries."""
    cases = Case.objects.within(area_code).counted().between(span.first, span.after, dated_by=dated_by).order_by()
    rows = LookBack.objects.filter(case__in=cases).order_by().values_list("verdict", "proposed")
    verdicts: Counter[str] = Counter()
    confirmed = 0
    for verdict, proposed, count, signed in rows.annotate(count=Count("pk"), signed=Count("confirmed_at")):
        verdicts[verdict or proposed] += count
        confirmed += signed
    return Lookbacks(dict(verdicts), confirmed, cases.count() - sum(verdicts.values()))
