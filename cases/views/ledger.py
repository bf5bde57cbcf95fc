"""The ledger: found, entered, corrected, withdrawn, exported."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, local, today
from accounts.roles import Duty
from accounts.rows import key_in
from accounts.views.searches import WORDS, address_of, asked_in, query_of
from alerts.models import Alert
from alerts.services import reveal_contact
from alerts.views.common import OPENED
from cases import services
from cases.exports import ledger_workbook
from cases.forms.ledger import CaseForm, LedgerFilterForm, WithdrawForm, initial_of
from cases.models import Case
from cases.screens.alerts import may_become_a_case
from cases.screens.ledger import case_page, meant, narrowed, page_of_cases, sums_of
from cases.screens.lookback import panel_of
from cases.screens.victims import matches
from cases.services import CasesError
from cases.views.common import REVEALED, VIEWED, find, seen
from residents.access import StaffRequest, on_duty, scope_codes
from residents.exports import watermark
from residents.forms import ExportForm, ReasonForm
from residents.models import Area, Resident
from residents.models.people import ResidentQuerySet
from residents.policy import Purpose
from residents.services import record_search, reveal_resident
from residents.views.opened import ask_first, is_opened, open_once
from sheets.views import download

REASONS = [(one.value, one.label) for one in (Purpose.CALL, Purpose.VISIT, Purpose.REQUEST)]


def _posted(request: StaffRequest) -> QueryDict | None:
    """Return what was sent; an empty form is one, too."""
    return request.POST if request.method == "POST" else None


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _filter(request: StaffRequest, typed: QueryDict | None = None) -> LedgerFilterForm:
    asked = typed or asked_in(request.GET, by=request.user)
    areas = Area.objects.visible_to(request.user, duty=Duty.SEE_CASES, on=today())
    named = areas.select_related("parent").order_by("code")
    return LedgerFilterForm(asked, areas=[(area.code, area.place) for area in named])


def _chosen(form: LedgerFilterForm) -> dict[str, Any]:
    return form.cleaned_data if form.is_valid() else {}


def _told(request: StaffRequest, form: LedgerFilterForm) -> list[tuple[str, str, str]]:
    """Return the hidden filters in words, each with the address without it."""
    told = []
    for name, label, words in form.told:
        query = request.GET.copy()
        query.pop(name, None)
        query.pop("page", None)
        query.pop(WORDS, None)
        told.append((label, words, query.urlencode()))
    return told


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_CASES)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the cases that fit the filters in the URL, and their sums; a press with other filters leads to theirs."""
    form = _filter(request, _posted(request))
    chosen = _chosen(form)
    text = chosen.get("q", "")
    cases = meant(narrowed(seen(request), chosen), text)
    page = page_of_cases(cases, number=request.GET.get("page", ""))
    if request.method == "POST":
        if text:
            services.record_case_search(text, found=page.count, by=request.user, now=database_now())
        return redirect(f"{request.path}?{address_of(request.POST, list(form.fields), by=request.user)}")
    context = {
        "form": form,
        "told": _told(request, form),
        "is_narrowed": bool(form.errors) or any(value for name, value in chosen.items() if name != "q"),
        "page": page,
        "sums": sums_of(cases, page),
        "query": query_of(request.GET),
        "keeps_ledger": scope_codes(request.user, Duty.KEEP_CASES, today()) != (),
    }
    return render(request, "cases/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_CASES)
def export(request: StaffRequest) -> HttpResponse:
    """Hand out what the list shows as a workbook: masked, or whole to whom that is allowed."""
    filters = _filter(request)
    form = ExportForm(_posted(request))
    may_whole = scope_codes(request.user, Duty.EXPORT_WHOLE, today()) != ()
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        is_whole = asked["is_whole"] and may_whole
        chosen = _chosen(filters)
        allowed = seen(request, Duty.EXPORT_WHOLE if is_whole else Duty.KEEP_CASES)
        listed = meant(narrowed(allowed, chosen), chosen.get("q", ""))
        cases = listed if asked["has_minors"] else listed.without_minors()
        now = database_now()
        mark = watermark(by=request.user, at=now, recipient=asked["recipient"], purpose=asked["purpose"])
        content = ledger_workbook(cases, is_whole=is_whole, mark=mark)
        services.record_case_export(
            rows=cases.count(),
            is_whole=is_whole,
            handed=asked,
            codes=scope_codes(request.user, Duty.KEEP_CASES, today()),
            by=request.user,
            now=now,
        )
        return download(content, name=_("Ledger of cases %(date)s.xlsx") % {"date": today().isoformat()})
    context = {"form": form, "may_whole": may_whole, "query": query_of(request.GET)}
    context |= {"title": _("Export the ledger"), "back": reverse("cases:list")}
    return render(request, "components/export.html", context, status=400 if form.errors else 200)


# ── one case ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@on_duty(Duty.SEE_CASES)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Show all about one case, the victim masked until somebody opens the name; that it was opened is written down."""
    case = find(request, pk)
    open_once(request, VIEWED, pk, lambda: services.view_case(case, by=request.user, now=database_now()))
    page = case_page(case, user=request.user, is_open=is_opened(request, REVEALED, pk), on=today())
    panel = panel_of(case, user=request.user, on=today())
    return render(request, "cases/detail.html", {"page": page, "case": case, "panel": panel, "reasons": REASONS})


@require_POST
@on_duty(Duty.SEE_CASES)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Open the victim's name and number for this session; it is written down who did, and why."""
    case = find(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        now = database_now()
        open_once(
            request, REVEALED, pk, lambda: services.reveal_victim(case, reason=form.words, by=request.user, now=now)
        )
    else:
        messages.error(request, _("Choose a reason, or write one: it is written down with your name."))
    return redirect("cases:detail", pk)


# ── entered, corrected ────────────────────────────────────────────────────────────────────────────────────────────────


def _people(request: StaffRequest) -> ResidentQuerySet:
    """Return the residents of whom this person may find a victim: those of the areas whose ledger they keep."""
    return Resident.objects.visible_to(request.user, on=today(), duty=Duty.KEEP_CASES)


def _form(request: StaffRequest, data: QueryDict | None, initial: dict[str, Any], *, now: datetime) -> CaseForm:
    places = Area.objects.visible_to(request.user, duty=Duty.KEEP_CASES, on=today()).where_people_live()
    return CaseForm(data, places=places, people=_people(request), now=now, initial=initial)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_CASES)
def create(request: StaffRequest) -> HttpResponse:
    """Enter a case: typed, or from a closed alert with everything it says."""
    now = database_now()
    alert = _alert(request)
    if alert is not None and (known := Case.objects.filter(alert=alert).first()) is not None:
        messages.info(request, _("This alert is in the ledger already."))
        return redirect("cases:detail", known.pk)
    if alert is not None and (asked := _ask_for(request, alert, now=now)) is not None:
        return asked
    first = {"status": "reported"} | (services.carried_from_alert(alert) if alert is not None else {})
    if request.method == "POST" and not _is_looking(request):
        form = _form(request, request.POST, first, now=now)
        if form.is_valid():
            return _entered(request, form, alert, now=now)
    else:
        form = _form(request, None, first | _typed(request, now=now), now=now)
    return _asked(request, form, {"alert": alert})


def _ask_for(request: StaffRequest, alert: Alert, *, now: datetime) -> HttpResponse | None:
    """Return what comes before the form that carries over whom an alert is about; None once that is open."""
    return ask_first(
        request,
        OPENED,
        alert.pk,
        lambda: reveal_contact(alert, by=request.user, now=now, from_where="cases"),
        title=_("Enter a case"),
        back=reverse("alerts:detail", args=[alert.pk]),
    )


def _entered(request: StaffRequest, form: CaseForm, alert: Alert | None, *, now: datetime) -> HttpResponse:
    try:
        case = services.enter_case(form.values | {"alert": alert}, by=request.user, now=now)
    except CasesError as error:
        form.add_error(None, str(error))
        return _asked(request, form, {"alert": alert})
    messages.success(request, _("Case %(number)s is in the ledger.") % {"number": case})
    return redirect("cases:detail", case.pk)


def _alert(request: StaffRequest) -> Alert | None:
    """Return the closed alert that the address names; one that this person may not make a case of is a 404."""
    text = request.GET.get("alert", "")
    if not text:
        return None
    if (key := key_in(text)) is None:
        raise Http404
    alerts = Alert.objects.visible_to(request.user, on=today())
    named = alerts.select_related("resident__grid", "fraud_type", "actual_fraud_type", "holder")
    alert = get_object_or_404(named, pk=key)
    if not may_become_a_case(alert, user=request.user, on=today()):
        raise Http404
    return alert


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_CASES)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct a case. The form shows the victim whole: a press opens it, and is recorded."""
    case = find(request, pk, Duty.KEEP_CASES)
    now = database_now()
    asked = ask_first(
        request,
        REVEALED,
        pk,
        lambda: services.reveal_victim(case, reason=_("To correct the case"), by=request.user, now=now),
        title=_("Correct case #{number}").format(number=pk),
        back=reverse("cases:detail", args=[pk]),
    )
    if asked is not None:
        return asked
    first = initial_of(case)
    if request.method == "POST" and not _is_looking(request):
        form = _form(request, request.POST, first, now=now)
        if form.is_valid():
            return _corrected(request, form, case, now=now)
    else:
        form = _form(request, None, first | _typed(request, now=now), now=now)
    return _asked(request, form, {"case": case})


def _corrected(request: StaffRequest, form: CaseForm, case: Case, *, now: datetime) -> HttpResponse:
    try:
        fields = services.correct_case(case, form.values, seen_at=form.seen, by=request.user, now=now)
    except CasesError as error:
        form.add_error(None, str(error))
        # What was typed is sent once more as an answer to what stands there now.
        data = request.POST.copy()
        data["seen_at"] = find(request, case.pk, Duty.KEEP_CASES).changed_at.isoformat()
        form.data = data
        return _asked(request, form, {"case": case})
    messages.success(request, _("Saved.") if fields else _("Nothing was different."))
    return redirect("cases:detail", case.pk)


def _is_looking(request: StaffRequest) -> bool:
    """Say whether the press looks for the victim on the roster, or takes somebody found there.

    A browser presses the first button when somebody types Enter in any field: without a text to look for it is a save.
    """
    return "take" in request.POST or ("find" in request.POST and bool(request.POST.get("who", "").strip()))


def _typed(request: StaffRequest, *, now: datetime) -> dict[str, Any]:
    """Return what was typed so far where somebody looks for the victim; and who was taken, as the roster has them."""
    if not _is_looking(request):
        return {}
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in CaseForm.base_fields}
    if (key := key_in(request.POST.get("take", ""))) is not None:
        resident = get_object_or_404(_people(request).select_related("grid"), pk=key)
        reveal_resident(resident, reason=_("The victim of a case"), by=request.user, now=now)
        typed |= services.carried_from_roster(
            resident, on=_day_of(typed["occurred_at"] or typed["reported_at"], now=now)
        )
    return typed


def _day_of(text: str, *, now: datetime) -> date:
    """Return the day of what was typed as a moment; today where that is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return local(now).date()


def _asked(request: StaffRequest, form: CaseForm, context: dict[str, Any]) -> HttpResponse:
    """Show the form, with those of the roster whom it looks for."""
    # PostgreSQL's texts hold no NUL.
    text = request.POST.get("who", "").replace("\x00", "").strip()[:60] if "find" in request.POST else ""
    if text:
        found = matches(_people(request), text, on=today())
        record_search(text, found=len(found), by=request.user, now=database_now())
        context |= {"who": text, "found": found}
    context |= {"form": form}
    return render(request, "cases/edit.html", context, status=400 if form.errors else 200)


# ── withdrawn, brought back ───────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_CASES)
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a case out of every figure, with the reason."""
    case = find(request, pk, Duty.KEEP_CASES)
    form = WithdrawForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_case(case, why=form.cleaned_data["why"], by=request.user, now=database_now())
        except CasesError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Withdrawn: no figure counts it any more. It can be brought back."))
            return redirect("cases:detail", pk)
    return render(request, "cases/withdraw.html", {"form": form, "case": case}, status=400 if form.errors else 200)


@require_POST
@on_duty(Duty.KEEP_CASES)
def bring_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Let a withdrawn case count again."""
    case = find(request, pk, Duty.KEEP_CASES)
    try:
        services.bring_case_back(case, by=request.user, now=database_now())
    except CasesError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Brought back: figures count it again."))
    return redirect("cases:detail", pk)
