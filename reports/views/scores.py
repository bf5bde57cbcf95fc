"""No-fraud communities: the ranking, a score taken apart, points and vetoes by hand."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.pictures import show_picture
from reports import services
from reports.exports.scores import scores_workbook
from reports.forms.scores import LiftForm, PointsForm, VetoForm, WhereForm
from reports.models import HandPoints, ScorePolicy, VetoFound
from reports.policy.scores import VetoKind
from reports.screens.inspections import commendations_of, inspections_of
from reports.screens.ranking import Where, ranking_of, year_asked, years_until
from reports.screens.ranking_tables import tables_of
from reports.screens.score_rules import hand_vetoes, lifted_of, rules_of
from reports.screens.scores import sheet_of
from reports.views.common import communities_of, done, show, where_asked
from residents.access import StaffRequest, may, on_duty
from residents.models import Area
from sheets.views import download


def _where_form(where: Where) -> WhereForm:
    chosen = {"area": where.area.code if where.area else "", "year": str(where.year)}
    return WhereForm(initial=chosen, areas=[(one.code, one.name) for one in where.areas], years=where.years)


def _community(request: StaffRequest, code: str) -> Area:
    return get_object_or_404(communities_of(request, Duty.SEE_REPORTS), code=code)


def _scored(request: StaffRequest, code: str) -> Area:
    return get_object_or_404(communities_of(request, Duty.SCORE), code=code)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@on_duty(Duty.SEE_REPORTS)
def ranking(request: StaffRequest) -> HttpResponse:
    """Show the communities of a street or a district by their points."""
    on, where = today(), where_asked(request)
    context: dict[str, Any] = {"where": where, "form": _where_form(where)}
    if where.area is not None:
        context |= {
            "page": ranking_of(request.user, where.area, year=where.year, on=on),
            "lists": commendations_of(request.user, where.area.code, on=on),
            "may_score": may(request.user, Duty.SCORE, where.area.code, on),
        }
    return show(request, "scores", context)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def export(request: StaffRequest) -> HttpResponse:
    """Hand the ranking out as a workbook: numbers and names of communities, nobody's own."""
    on, where = today(), where_asked(request)
    if where.area is None:
        raise Http404
    content = scores_workbook(tables_of(request.user, where.area, year=where.year, on=on))
    name = _("No-fraud communities {area} {year}").format(area=where.area.name, year=where.year)
    return download(content, name=f"{name}.xlsx")


@require_safe
@on_duty(Duty.SEE_REPORTS)
def rules(request: StaffRequest) -> HttpResponse:
    """Show how a year is scored, and why so."""
    year = year_asked(request.GET.get("year", ""), on=today())
    return show(request, "score_rules", {"page": rules_of(year), "year": year})


@require_safe
@on_duty(Duty.SEE_REPORTS)
def score(request: StaffRequest, code: str) -> HttpResponse:
    """Show one community's score, taken apart down to its rows."""
    on = today()
    community = _community(request, code)
    year = year_asked(request.GET.get("year", ""), on=on)
    page = sheet_of(request.user, community, year=year, on=on)
    context = {
        "page": page,
        "years": years_until(on),
        "lifted": lifted_of(community, year),
        "inspections": inspections_of(request.user, community.code, on=on)[:5],
    }
    return show(request, "score", context)


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SCORE)
def give_points(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Give a community the points of a line by hand, with what they rest on."""
    community, year = _scored(request, code), year_asked(request.GET.get("year", ""), on=today())
    line = get_object_or_404(ScorePolicy.objects.of_year(year).lines, key=key)
    if not line.as_line().is_by_hand:
        raise Http404
    given = HandPoints.objects.of_line(community, year, key)
    initial = {"points": given.points, "evidence": given.evidence} if given else {}
    form = PointsForm(request.POST or None, request.FILES or None, initial=initial, most=line.most)
    back = f"{reverse('reports:score', args=[code])}?year={year}"

    def verb() -> None:
        services.give_points(
            community=community, year=year, line=line, **form.cleaned_data, by=request.user, now=database_now()
        )

    if done(form, verb, request=request, said=_("The points stand.")):
        return redirect(back)
    context = {"form": form, "community": community, "line": line, "year": year, "back": back}
    return show(request, "score_points", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SCORE)
def find_veto(request: StaffRequest, code: str) -> HttpResponse:
    """Write down what alone keeps a community from being no-fraud."""
    community, year = _scored(request, code), year_asked(request.GET.get("year", ""), on=today())
    form = VetoForm(request.POST or None, kinds=hand_vetoes(year))
    back = f"{reverse('reports:score', args=[code])}?year={year}"

    def verb() -> None:
        services.find_veto(
            community=community,
            year=year,
            kind=VetoKind(form.cleaned_data["kind"]),
            evidence=form.cleaned_data["evidence"],
            by=request.user,
            now=database_now(),
        )

    if done(form, verb, request=request, said=_("The veto stands.")):
        return redirect(back)
    context = {"form": form, "community": community, "year": year, "back": back}
    return show(request, "score_veto", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SCORE)
def lift_veto(request: StaffRequest, pk: int) -> HttpResponse:
    """Lift a veto that was wrong, with the reason."""
    vetoes = VetoFound.objects.visible_to(request.user, on=today(), duty=Duty.SCORE).standing()
    found = get_object_or_404(vetoes.select_related("community"), pk=pk)
    form = LiftForm(request.POST or None)
    back = f"{reverse('reports:score', args=[found.community.code])}?year={found.year}"

    def verb() -> None:
        services.lift_veto(found, why=form.cleaned_data["why"], by=request.user, now=database_now())

    if done(form, verb, request=request, said=_("The veto is lifted.")):
        return redirect(back)
    context = {"form": form, "found": found, "back": back}
    return show(request, "score_lift", context, status=400 if form.errors else 200)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def points_photo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand the photo of some points by hand to who may see the community's score."""
    given = get_object_or_404(HandPoints.objects.visible_to(request.user, on=today()), pk=pk)
    return show_picture(given.photo, name=f"points-{given.pk}")
