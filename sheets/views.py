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
from accounts.formats import milliseconds
from accounts.models import User
from accounts.personal_data import unseal
from accounts.services import RefusedError
from sheets.forms import ColumnsForm, HandInForm, SettleForm
from sheets.models import Conflict, FileJob, Import, State, Verdict
from sheets.policy import Problem
from sheets.reading import FileRefusedError
from sheets.screens import counts_in_words, history_of, preview_of
from sheets.services import Kind, SheetsError, hand_in, kind_of, map_columns, move_on
from sheets.services import settle as settle_row
from sheets.services.ordering import fetch_file, may_have, order_again, out_of_sight
from sheets.tasks import wake_maker, wake_worker
from sheets.writing import make_template, with_errors

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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
    form = HandInForm(request.POST or None, request.FILES or None, areas=areas, may_make_grids=sort.may_make_grids)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        sheet = hand_in(
            sort,
            content=file.read(),
            file_name=file.name,
            area_code=form.cleaned_data["area"],
            options=form.options,
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
        sees_minors = kind.sees_minors(_user(request), area_code=sheet.area_code, on=today())
        shown, number = request.GET.get("show", ""), request.GET.get("page", "")
        context["preview"] = preview_of(sheet, shown=shown, number=number, sees_minors=sees_minors)
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
        # Files read before several sheets were hold the one alone.
        headers = sheet.header.get("headers") or {sheet.header["sheet"]: sheet.header["row"]}
        content = with_errors(unseal(sheet.content), problems, headers=headers)
    except FileRefusedError as error:
        messages.error(request, str(error))
        return redirect("sheets:detail", pk=pk)
    stem = sheet.file_name.rsplit(".", 1)[0]
    return download(content, name=_("%(file)s with errors marked.xlsx") % {"file": stem})


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out an empty workbook to fill in."""
    sort = _kind(request, kind)
    content = make_template(sort.columns, title=str(sort.title), notes=sort.notes)
    return download(content, name=f"{sort.title}.xlsx")


# ── files that were ordered: each person's own ────────────────────────────────────────────────────────────────────────


def _own(request: HttpRequest, pk: int) -> FileJob:
    """Return a file this person ordered; anybody else's is a 404."""
    return get_object_or_404(FileJob.objects.of(_user(request)).defer("content"), pk=pk)


@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Show the files this person ordered, the latest first."""
    return render(request, "sheets/files.html", {"files": FileJob.objects.of(_user(request)).defer("content")[:SHOWN]})


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a file is; ready, hand it over."""
    page = "sheets/_file.html" if getattr(request, "htmx", False) else "sheets/file.html"
    job = _own(request, pk)
    why_not = "" if may_have(job, on=today()) else out_of_sight()
    answer = render(request, page, {"file": job, "why_not": why_not})
    answer["Cache-Control"] = "private, no-store"
    answer["X-Server-Now"] = str(milliseconds(database_now()))  # without it an answer is taken for another page
    return answer


@require_POST
def file_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a file made once more."""
    try:
        order_again(_own(request, pk), by=_user(request), now=database_now())
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        wake_maker(pk)
    return redirect("sheets:file", pk=pk)


@require_safe
def file_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a file over to who ordered it."""
    job = get_object_or_404(FileJob.objects.of(_user(request)).select_related("by"), pk=pk)
    try:
        content = fetch_file(job, by=_user(request), now=database_now())
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("sheets:file", pk=pk)
    if content is None:
        messages.error(request, _("This file is not there: it is being made, or its days are over."))
        return redirect("sheets:file", pk=pk)
    return download(content, name=job.file_name)


def download(content: bytes, *, name: str) -> HttpResponse:
    """Answer with a file to save, as what its name says it is."""
    kinds = {"xlsx": XLSX, "docx": DOCX, "pdf": "application/pdf"}
    answer = HttpResponse(content, content_type=kinds.get(name.rsplit(".", 1)[-1], "application/octet-stream"))
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
