"""The library of texts: read, copied, written for a community, printed; and read by residents without logging in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.models import Language
from accounts.roles import Duty
from knowledge import services
from knowledge.forms import WordsForm
from knowledge.models import Text
from knowledge.policy import PLEDGE, Sheet, is_public, sheets_of
from knowledge.screens import (
    communities_of,
    general_text,
    library,
    may_write,
    names_of,
    page_url,
    qr_of,
    text_for,
    text_page,
    version_of,
)
from knowledge.services import KnowledgeError
from residents.access import StaffRequest, administrators_alone, on_duty
from residents.models import Area

FIVE_MINUTES = 300


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def texts(request: StaffRequest) -> HttpResponse:
    """Show the texts that hold in a community, by shelf; to administrators also the general ones."""
    names = names_of(request.user, on=today())
    first = "" if request.user.is_superuser else next(iter(names), "")
    asked = request.GET.get("community", first)
    code = asked if asked in names else first
    with_drafts = may_write(request.user, code, on=today()) if code else request.user.is_superuser
    context = {
        "names": names,
        "code": code,
        "name": names.get(code, ""),
        "shelves": library(code, with_drafts=with_drafts),
    }
    return render(request, "knowledge/texts.html", context)


def _community(request: StaffRequest, code: str, duty: Duty = Duty.SEE_OUTREACH) -> Area:
    return get_object_or_404(communities_of(request.user, duty, on=today()), code=code)


def _found(text: Text | None) -> Text:
    if text is None:
        raise Http404
    return text


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def text(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Show a text as it holds in a community."""
    community = _community(request, code)
    plans = may_write(request.user, code, on=today())
    held = _found(text_for(key, code))
    if held.is_draft and not plans:
        raise Http404
    page = text_page(held, community=community, absolute=request.build_absolute_uri)
    return render(request, "knowledge/text.html", {"page": page, "may_edit": plans})


@require_safe
@administrators_alone
def general(request: StaffRequest, key: str) -> HttpResponse:
    """Show the general text."""
    page = text_page(_found(general_text(key)), community=None, absolute=request.build_absolute_uri)
    return render(request, "knowledge/text.html", {"page": page, "may_edit": True})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def edit(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Write a community's own text."""
    community = _community(request, code, Duty.PLAN_OUTREACH)
    return _edited(request, _found(text_for(key, code)), code=code, name=community.name)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_alone
def general_edit(request: StaffRequest, key: str) -> HttpResponse:
    """Write the general text."""
    return _edited(request, _found(general_text(key)), code="", name="")


def _edited(request: StaffRequest, held: Text, *, code: str, name: str) -> HttpResponse:
    initial = {word: getattr(held, word) for word in services.WORDS}
    form = WordsForm(request.POST or None, initial=initial)
    back = page_url("text", held.key, code)
    if form.is_valid():
        try:
            services.keep_text(
                held.key, community_code=code, words=form.cleaned_data, by=request.user, now=database_now()
            )
        except KnowledgeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect(back)
    context = {"form": form, "text": held, "name": name, "back": back, "is_public": is_public(held.key)}
    return render(request, "knowledge/edit.html", context, status=400 if form.errors else 200)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def reset(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Let the general text hold in a community again."""
    community = _community(request, code, Duty.PLAN_OUTREACH)
    held = _found(text_for(key, community.code))
    try:
        services.reset_text(held.key, community_code=code, by=request.user, now=database_now())
    except KnowledgeError as error:
        messages.error(request, str(error))
    else:
        if text_for(key, code) is None:  # a story has no general text behind it
            messages.success(request, _("It is gone. Its words stay in the audit trail."))
            return redirect(f"{reverse('knowledge:texts')}?community={code}")
        messages.success(request, _("The general text holds here again."))
    return redirect(page_url("text", held.key, code))


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def restore(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Write an earlier version of a community's own text anew."""
    community = _community(request, code, Duty.PLAN_OUTREACH)
    held = get_object_or_404(Text, key=key, community_code=community.code)
    return _restored(request, held)


@require_POST
@administrators_alone
def general_restore(request: StaffRequest, key: str) -> HttpResponse:
    """Write an earlier version of the general text anew."""
    return _restored(request, _found(general_text(key)))


def _restored(request: StaffRequest, held: Text) -> HttpResponse:
    version = version_of(held, request.POST.get("version", ""))
    if version is None:
        raise Http404
    try:
        services.restore_version(version, by=request.user, now=database_now())
    except KnowledgeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Restored. What stood here until now is kept as an earlier version."))
    return redirect(page_url("text", held.key, held.community_code))


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def release(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Let a draft be read."""
    community = _community(request, code, Duty.PLAN_OUTREACH)
    held = get_object_or_404(Text, key=key, community_code=community.code)
    services.release_text(held, by=request.user, now=database_now())
    messages.success(request, _("Released: it can be read, copied and printed from now on."))
    return redirect(page_url("text", held.key, code))


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def paper(request: StaffRequest, code: str, key: str) -> HttpResponse:
    """Show a text as it is printed: a leaflet, a card, a pledge to sign, each with a code that leads to it."""
    community = _community(request, code)
    held = _found(text_for(key, code))
    if held.is_draft and not may_write(request.user, code, on=today()):
        raise Http404
    return _paper(request, held, community)


@require_safe
@administrators_alone
def general_paper(request: StaffRequest, key: str) -> HttpResponse:
    """Show the general text as it is printed."""
    return _paper(request, _found(general_text(key)), None)


def _paper(request: StaffRequest, held: Text, community: Area | None) -> HttpResponse:
    possible = sheets_of(held.key)
    asked = request.GET.get("as", "")
    sheet = Sheet(asked) if asked in possible else possible[0]
    page = text_page(held, community=community, absolute=request.build_absolute_uri)
    hotlines = text_for("hotlines", page.community_code)
    context = {
        "page": page,
        "sheet": sheet,
        "copies": range(4 if sheet == Sheet.FOUR else 1),
        "qr": qr_of(page.read_url),
        "hotlines": hotlines.lines if hotlines else [],
        "is_pledge": held.key == PLEDGE,
    }
    return render(request, "knowledge/paper.html", context)


@require_safe
@login_not_required
@cache_control(public=True, max_age=FIVE_MINUTES)
def read(request: HttpRequest, key: str, code: str = "") -> HttpResponse:
    """Show a text for residents to anybody: words alone, of nobody; in English where the address asks for it."""
    community = get_object_or_404(Area.objects.communities(), code=code) if code else None
    held = _found(text_for(key, code) if is_public(key) else None)
    if held.is_draft:
        raise Http404
    is_english = request.GET.get("in") == "en"
    with translation.override(Language.ENGLISH if is_english else Language.CHINESE):
        context = {"text": held, "community": community, "is_english": is_english}
        return render(request, "knowledge/read.html", context)
