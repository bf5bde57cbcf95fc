"""The commendation list of a year: written, frozen, handed out."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from reports import services
from reports.exports.scores import commendation_document
from reports.forms.scores import CommendationForm
from reports.models import Commendation
from reports.screens.inspections import candidates_of
from reports.screens.score_words import points_words
from reports.services import ReportsError
from reports.views.common import done, show, where_asked
from residents.access import StaffRequest, may, on_duty
from sheets.views import download


def _find(request: StaffRequest, pk: int) -> Commendation:
    """Return a list this person may read; a foreign one is a 404."""
    rows = Commendation.objects.visible_to(request.user, on=today())
    return get_object_or_404(rows.select_related("area", "frozen_by"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SCORE)
def new(request: StaffRequest) -> HttpResponse:
    """Write the commendation list of an area and a year, or over the draft of it."""
    on, where = today(), where_asked(request)
    if where.area is None or not may(request.user, Duty.SCORE, where.area.code, on):
        raise Http404
    there = Commendation.objects.of(where.area, where.year)
    if there is not None and there.is_frozen:
        return redirect("reports:commendation", there.pk)
    candidates, places = candidates_of(where.area, year=where.year, on=on)
    named = there.communities.values_list("community__code", flat=True) if there else []
    initial = {
        "title": there.title if there else _("No-fraud communities of {year}").format(year=where.year),
        "text": there.text if there else "",
        "communities": list(named) or [one.code for one in candidates if one.is_proposed],
    }
    choices = [(one.code, one.label) for one in candidates]
    doubts = {one.code: one.doubt for one in candidates}
    form = CommendationForm(request.POST or None, initial=initial, communities=choices, doubts=doubts)
    made: list[Commendation] = []

    def verb() -> None:
        cleaned = form.cleaned_data
        chosen = [places[code] for code in places if code in cleaned["communities"]]
        fields = {"title": cleaned["title"], "text": cleaned["text"], "places": chosen}
        area, year = where.area, where.year
        assert area is not None
        made.append(services.write_commendation(area=area, year=year, **fields, by=request.user, now=database_now()))

    if done(form, verb, request=request, said=_("Saved as a draft. Read it through, then freeze it.")):
        return redirect("reports:commendation", made[0].pk)
    context = {"form": form, "where": where, "proposed": sum(one.is_proposed for one in candidates)}
    return show(request, "commendation_new", context, status=400 if form.errors else 200)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def commendation(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a commendation list as it is posted."""
    seen = _find(request, pk)
    keeps = may(request.user, Duty.SCORE, seen.area.code, today())
    if not (seen.is_frozen or keeps):
        raise Http404
    return show(request, "commendation", {"list": seen, "rows": seen.communities.all(), "may_change": keeps})


@require_POST
@on_duty(Duty.SCORE)
def freeze(request: StaffRequest, pk: int) -> HttpResponse:
    """Freeze a list as it stands."""
    kept = get_object_or_404(Commendation.objects.kept_by(request.user, on=today()), pk=pk)
    try:
        services.freeze_commendation(kept, by=request.user, now=database_now())
    except ReportsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Frozen. It never changes again."))
    return redirect("reports:commendation", pk)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def word(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand a frozen list out as a Word document; that it left is recorded."""
    seen = _find(request, pk)
    if not seen.is_frozen:
        raise Http404
    rows = [(str(row.rank), row.name, points_words(row.points)) for row in seen.communities.all()]
    head = (_("Rank"), _("Community"), _("Points"))
    content = commendation_document(title=seen.title, lines=[seen.area.name], text=seen.text, head=head, rows=rows)
    services.record_commendation_exported(seen, by=request.user, now=database_now())
    return download(content, name=f"{seen.title}.docx")
