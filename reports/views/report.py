"""The monthly report as people meet it: which there are, one of them, its words, its signature, its files."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, local, today
from accounts.formats import day
from accounts.models import Language
from accounts.roles import Duty
from reports import services
from reports.drafting import reports as drafting
from reports.drafting.numbers import kept_figures
from reports.drafting.ordered import order_ledger, order_paper
from reports.drafting.public import PublicBulletin, public_bulletin, public_document
from reports.exports.pdf import office
from reports.forms.report import LedgerForm, PrepareForm, WordsForm
from reports.models import Report
from reports.policy import Paper, PeriodKind, Section
from reports.screens.report import areas_seen, report_page, reports_page
from reports.services import ReportsError
from residents.access import StaffRequest, on_duty
from residents.models import Area
from sheets.tasks import wake_maker
from sheets.views import download

SIGNING = (Duty.SIGN_REPORTS, Duty.SIGN_SUMMARIES)


def _find(request: StaffRequest, pk: int) -> Report:
    """Return a report of one's own areas; a foreign one is a 404."""
    seen = Report.objects.visible_to(request.user, on=today()).select_related("area", "signed_by", "prepared_by")
    return get_object_or_404(seen, pk=pk)


def _find_to_sign(request: StaffRequest, pk: int) -> Report:
    """Return a report that this person may sign; who sees it only gets the 403 page."""
    report = _find(request, pk)
    if not services.may_sign(report, request.user, on=today()):
        raise PermissionDenied
    return report


def _language() -> str:
    """Return the reader's language: what they draw up is written in it."""
    return Language.ENGLISH if (get_language() or "").startswith("en") else Language.CHINESE


def _offers(request: StaffRequest, *duties: Duty) -> list[tuple[str, str]]:
    return [(area.code, area.name) for area in areas_seen(request.user, on=today(), duties=duties)]


@require_safe
@on_duty(Duty.SEE_REPORTS)
def reports(request: StaffRequest) -> HttpResponse:
    """Show the reports of a month, who has signed, and who is missing."""
    return _list(request)


def _list(
    request: StaffRequest, *, period_form: PrepareForm | None = None, ledger_form: LedgerForm | None = None
) -> HttpResponse:
    """Show the list, with a form that was filled in wrongly as it was filled in."""
    page = reports_page(request.user, month=request.GET.get("month", ""), on=today())
    ledger_areas = _offers(request, Duty.KEEP_CASES)
    start, year = {"on": page.span.first, "kind": PeriodKind.QUARTER}, {"year": page.span.first.year}
    context = {
        "page": page,
        "period_form": period_form or PrepareForm(initial=start, areas=_offers(request, *SIGNING)),
        "ledger_form": ledger_form or (LedgerForm(initial=year, areas=ledger_areas) if ledger_areas else None),
    }
    is_wrong = period_form is not None or ledger_form is not None
    return render(request, "reports/monthly.html", context, status=400 if is_wrong else 200)


@require_POST
@on_duty(*SIGNING)
def prepare(request: StaffRequest) -> HttpResponse:
    """Draw up a report that is missing, or one of a quarter, a half-year or a year."""
    form = PrepareForm(request.POST, areas=_offers(request, *SIGNING))
    if not form.is_valid():
        return _list(request, period_form=form)
    area = get_object_or_404(Area, code=form.cleaned_data["area"])
    report = Report(area=area, first=form.span.first, after=form.span.after)
    if not services.may_sign(report, request.user, on=today()):
        raise PermissionDenied
    made = drafting.prepare(area, form.span, language=_language(), by=request.user, now=database_now())
    if made is None:
        messages.info(request, _("There is a draft of this report already."))
        made = Report.objects.of(area, form.span).order_by("-revision").first()
    return redirect("reports:report", pk=made.pk) if made is not None else redirect("reports:monthly")


@require_safe
@on_duty(Duty.SEE_REPORTS)
def report(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one report: numbers to read, words to mend, what to look at before one signs."""
    return _show(request, _find(request, pk))


def _show(request: StaffRequest, found: Report, form: WordsForm | None = None) -> HttpResponse:
    page = report_page(found, request.user, now=database_now())
    may_write = page.may_sign and not found.is_signed
    shown = form or (WordsForm(report=found) if may_write else None)
    context = {"page": page, "form": shown, "papers": Paper.choices}
    return render(request, "reports/report.html", context, status=400 if form is not None else 200)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def paper(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one report as it stands on paper."""
    page = report_page(_find(request, pk), request.user, now=database_now())
    return render(request, "reports/report_print.html", {"page": page, "is_printing": "print" in request.GET})


@require_POST
@on_duty(Duty.SEE_REPORTS)
def printed(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down that a report goes to paper, and lead to the page that prints itself."""
    services.print_report(_find(request, pk), by=request.user, now=database_now())
    return redirect(f"{reverse('reports:report_print', args=[pk])}?print=1")


@require_POST
@on_duty(*SIGNING)
def write(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the words somebody wrote."""
    found = _find_to_sign(request, pk)
    form = WordsForm(request.POST, report=found)
    if not form.is_valid():
        return _show(request, found, form)
    return _pressed(
        request,
        found,
        lambda: services.write_words(found, form.texts, by=request.user, now=database_now()),
        said=_("Saved."),
    )


@require_POST
@on_duty(*SIGNING)
def restore(request: StaffRequest, pk: int, section: str) -> HttpResponse:
    """Take the drafted words of one section again."""
    found = _find_to_sign(request, pk)
    if section not in Section.values:
        raise Http404
    return _pressed(
        request,
        found,
        lambda: services.restore_words(found, Section(section), by=request.user, now=database_now()),
        said=_("The drafted words stand again."),
    )


@require_POST
@on_duty(*SIGNING)
def redraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Put today's numbers into a draft."""
    found = _find_to_sign(request, pk)
    return _pressed(
        request,
        found,
        lambda: drafting.draw_anew(found, language=_language(), by=request.user, now=database_now()),
        said=_("Drawn anew from today's data. What you wrote yourself was kept."),
    )


@require_POST
@on_duty(*SIGNING)
def sign(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign a report: from now on it is as it is."""
    found = _find_to_sign(request, pk)
    return _pressed(
        request,
        found,
        lambda: drafting.sign(found, by=request.user, now=database_now()),
        said=_("Signed: {report}. Its files can be downloaded below, today and ever after.").format(report=found.title),
    )


@require_POST
@on_duty(*SIGNING)
def revise(request: StaffRequest, pk: int) -> HttpResponse:
    """Draw up the next revision of a signed report."""
    found = _find_to_sign(request, pk)
    return _pressed(request, found, lambda: drafting.revise(found, by=request.user, now=database_now()), said="")


@require_POST
@on_duty(*SIGNING)
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    found = _find_to_sign(request, pk)
    try:
        services.discard(found, by=request.user, now=database_now())
    except ReportsError as error:
        messages.error(request, str(error))
        return redirect("reports:report", pk=pk)
    messages.success(request, _("The draft was thrown away."))
    return redirect("reports:monthly")


def _pressed(request: StaffRequest, found: Report, verb: Callable[[], Report], *, said: str) -> HttpResponse:
    """Carry out a press and show the report it is about by then."""
    try:
        now = verb()
    except ReportsError as error:
        messages.error(request, str(error))
        now = found
    else:
        if said:
            messages.success(request, said)
    return redirect("reports:report", pk=now.pk)


@require_POST
@on_duty(Duty.SEE_REPORTS)
def order(request: StaffRequest, pk: int) -> HttpResponse:
    """Have a worker make a draft's paper, or a PDF."""
    found = _find(request, pk)
    chosen, is_pdf = request.POST.get("paper", ""), bool(request.POST.get("pdf"))
    if chosen not in Paper.values or (is_pdf and office() is None):
        messages.error(request, _("Choose one of the files."))
        return redirect("reports:report", pk=pk)
    job = order_paper(found, Paper(chosen), is_pdf=is_pdf, by=request.user, now=database_now())
    wake_maker(job.pk)
    return redirect("sheets:file", pk=job.pk)


@require_safe
@on_duty(Duty.SEE_REPORTS)
def file(request: StaffRequest, pk: int, paper: str) -> HttpResponse:
    """Hand out a file as it was signed, byte for byte."""
    found = _find(request, pk)
    kept = get_object_or_404(found.files, paper=paper)
    services.hand_out_file(kept, by=request.user, now=database_now())
    return download(kept.bytes, name=kept.name)


def _public(found: Report) -> PublicBulletin:
    """Return what anybody may read of a report that is signed; a draft has no public version."""
    if found.signed_at is None:
        raise Http404
    return public_bulletin(kept_figures(found), on=day(local(found.signed_at)))


@require_safe
@on_duty(Duty.SEE_REPORTS)
def public(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the version of a signed report that may be posted."""
    found = _find(request, pk)
    return render(request, "reports/report_public.html", {"report": found, "bulletin": _public(found)})


@require_safe
@on_duty(Duty.SEE_REPORTS)
def public_file(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand out the version of a signed report that may be posted."""
    found = _find(request, pk)
    bulletin = _public(found)
    services.hand_out_public(found, by=request.user, now=database_now())
    return download(public_document(bulletin), name=f"{bulletin.title}.docx")


@require_POST
@on_duty(Duty.KEEP_CASES)
def ledger(request: StaffRequest) -> HttpResponse:
    """Have a worker write out a year of the ledger."""
    form = LedgerForm(request.POST, areas=_offers(request, Duty.KEEP_CASES))
    if not form.is_valid():
        return _list(request, ledger_form=form)
    area = get_object_or_404(Area, code=form.cleaned_data["area"])
    job = order_ledger(area, form.span, by=request.user, now=database_now())
    wake_maker(job.pk)
    return redirect("sheets:file", pk=job.pk)
