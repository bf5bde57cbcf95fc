"""A file's way as a person sees it: handed in, on its way, looked through, applied, undone."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.models import User
from accounts.personal_data import unseal
from sheets.forms import ColumnsForm, HandInForm, SettleForm
from sheets.models import Conflict, Import, State, Verdict
from sheets.policy import Problem
from sheets.reading import FileRefusedError
from sheets.screens import counts_in_words, history_of, preview_of
from sheets.services import Kind, SheetsError, hand_in, kind_of, map_columns, move_on
from sheets.services import settle as settle_row
from sheets.tasks import wake_worker
from sheets.writing import make_template, with_errors

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 50
"""Files of the history that are shown."""


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _kind(request: HttpRequest, key: str) -> Kind:
    """Return a kind that this person may import somewhere; 404 for one nobody knows, 403 for others."""
    try:
        kind = kind_of(key)
    except KeyError:
        raise Http404 from None
    if kind.scope(_user(request), today()) == ():
        raise PermissionDenied
    return kind


def _find(request: HttpRequest, pk: int) -> tuple[Import, Kind]:
    """Return a file of one's own areas; a foreign one is a 404."""
    sheet = get_object_or_404(Import.objects.select_related("by", "applied_by", "undone_by"), pk=pk)
    try:
        kind = kind_of(sheet.kind)
    except KeyError:
        raise Http404 from None
    get_object_or_404(Import.objects.visible_in(kind.scope(_user(request), today())), pk=pk)
    return sheet, kind


@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest, kind: str) -> HttpResponse:
    """Show what was handed in; take a new file."""
    sort = _kind(request, kind)
    areas = sort.areas(_user(request), today())
    form = HandInForm(request.POST or None, request.FILES or None, areas=areas)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        sheet = hand_in(
            sort,
            content=file.read(),
            file_name=file.name,
            area_code=form.cleaned_data["area"],
            options={"create_grids": form.cleaned_data["create_grids"]},
            by=_user(request),
            now=database_now(),
        )
        wake_worker(sheet.pk)
        return redirect("sheets:detail", pk=sheet.pk)
    sheets = Import.objects.of_kind(sort.key).visible_in(sort.scope(_user(request), today())).select_related("by")
    lines = history_of(list(sheets.defer("content")[:SHOWN]), areas=dict(areas))
    parked = Conflict.objects.of_kind(sort.key).visible_in(sort.scope(_user(request), today())).open().count()
    context = {"kind": sort, "form": form, "lines": lines, "parked": parked}
    return render(request, "sheets/history.html", context, status=400 if form.errors else 200)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a file stands: on its way, to be looked through, applied, undone."""
    sheet, kind = _find(request, pk)
    is_refresh = bool(getattr(request, "htmx", False))
    context: dict[str, Any] = {
        "sheet": sheet,
        "kind": kind,
        "area": dict(kind.areas(_user(request), today())).get(sheet.area_code, sheet.area_code),
        "has_parked": sheet.conflicts.open().exists(),
        "said": counts_in_words(sheet),
        "columns_form": _columns_form(sheet, kind),
        "labels": [(label, sheet.header.get("letters", {}).get(key, "")) for key, label in _labels(sheet)],
    }
    if sheet.state in {State.PREVIEW, State.APPLIED, State.UNDONE}:
        context["preview"] = preview_of(sheet, shown=request.GET.get("show", ""), number=request.GET.get("page", ""))
    page = "sheets/_detail.html" if is_refresh else "sheets/detail.html"
    answer = render(request, page, context)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Server-Now"] = str(
        int(database_now().timestamp() * 1000)
    )  # without it an answer is taken for another page
    return answer


def _labels(sheet: Import) -> list[tuple[str, str]]:
    return list(sheet.header.get("labels", {}).items())


def _columns_form(sheet: Import, kind: Kind, data: Any = None) -> ColumnsForm | None:
    """Return the form that maps headings nobody knows; None where there is none, or it is too late."""
    unknown = sheet.header.get("unknown", [])
    if not unknown or sheet.state not in {State.PREVIEW, State.REFUSED}:
        return None
    taken = sheet.header.get("labels", {})
    return ColumnsForm(data, labels=unknown, columns=[column for column in kind.columns if column.key not in taken])


@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what headings mean, remember it, and have the file read again."""
    sheet, kind = _find(request, pk)
    form = _columns_form(sheet, kind, request.POST)
    if form is not None and form.is_valid() and form.meanings:
        return _moved(
            request, sheet, lambda: map_columns(sheet, meanings=form.meanings, by=_user(request), now=database_now())
        )
    messages.error(request, _("Choose what at least one of the columns means."))
    return redirect("sheets:detail", pk=pk)


def _moved(request: HttpRequest, sheet: Import, verb: Callable[[], Import]) -> HttpResponse:
    try:
        moved = verb()
    except SheetsError as error:
        messages.error(request, str(error))
    else:
        if moved.is_at_work:
            wake_worker(sheet.pk)
    return redirect("sheets:detail", pk=sheet.pk)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a file applied."""
    sheet, _kind_of = _find(request, pk)
    return _moved(request, sheet, partial(move_on, sheet, to=State.APPLYING, by=_user(request), now=database_now()))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a file taken back."""
    sheet, _kind_of = _find(request, pk)
    return _moved(request, sheet, partial(move_on, sheet, to=State.UNDOING, by=_user(request), now=database_now()))


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a file go that was looked through and is not wanted."""
    sheet, kind = _find(request, pk)
    try:
        move_on(sheet, to=State.DISCARDED, by=_user(request), now=database_now())
    except SheetsError as error:
        messages.error(request, str(error))
        return redirect("sheets:detail", pk=pk)
    messages.success(request, _("Discarded. Nothing was changed."))
    return redirect("sheets:history", kind=kind.key)


@require_safe
def conflicts(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the parked rows side by side with those whom they might mean."""
    sort = _kind(request, kind)
    user, on = _user(request), today()
    parked = Conflict.objects.of_kind(sort.key).visible_in(sort.scope(user, on)).open().select_related("owner")
    shown = list(parked[: SHOWN + 1])
    rows = [(one, sort.sides(one.content, user=user, on=on)) for one in shown[:SHOWN]]
    return render(request, "sheets/conflicts.html", {"kind": sort, "rows": rows, "is_more": len(shown) > SHOWN})


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what somebody says of a parked row."""
    conflict = get_object_or_404(Conflict.objects.select_related("owner"), pk=pk)
    sort = _kind(request, conflict.owner.kind)
    get_object_or_404(Conflict.objects.visible_in(sort.scope(_user(request), today())), pk=pk)
    form = SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Press one of the buttons beside the row."))
        return redirect("sheets:conflicts", kind=sort.key)
    how, other = form.settling
    try:
        settle_row(conflict, how, other=other, by=_user(request), now=database_now())
    except SheetsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Settled."))
    return redirect("sheets:conflicts", kind=sort.key)


@require_safe
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the file back with a red column that says what is wrong."""
    sheet, _kind_of = _find(request, pk)
    pages = sheet.pages.filter(kind=Verdict.ERROR)
    problems = [Problem(**problem) for page in pages for row in page.rows for problem in row["problems"]]
    if sheet.content is None or not problems:
        messages.error(request, _("Nothing is wrong in this file, or it was let go of."))
        return redirect("sheets:detail", pk=pk)
    try:
        content = with_errors(
            unseal(sheet.content), problems, sheet_name=sheet.header["sheet"], header_row=sheet.header["row"]
        )
    except FileRefusedError as error:
        messages.error(request, str(error))
        return redirect("sheets:detail", pk=pk)
    stem = sheet.file_name.rsplit(".", 1)[0]
    return workbook(content, name=_("%(file)s with errors marked.xlsx") % {"file": stem})


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out an empty workbook to fill in."""
    sort = _kind(request, kind)
    content = make_template(sort.columns, title=str(sort.title), notes=sort.notes)
    return workbook(content, name=f"{sort.title}.xlsx")


def workbook(content: bytes, *, name: str) -> HttpResponse:
    """Answer with a workbook to save."""
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    answer["Cache-Control"] = "private, no-store"
    return answer
