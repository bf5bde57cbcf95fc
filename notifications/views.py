"""The inbox, and how a person wants to be told."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now
from accounts.models import User
from notifications.forms import ChannelOrderForm
from notifications.models import Notice
from notifications.services import mark_read

PAGE_SIZE = 30


@never_cache
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what this person was told, the newest first."""
    assert isinstance(request.user, User)
    notices = Notice.objects.visible_to(request.user).newest_first()
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notifications/inbox.html", {"page": page})


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go where it leads."""
    assert isinstance(request.user, User)
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    mark_read(request.user, now=database_now(), ids=[notice.pk])
    return redirect(notice.url or "notifications:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    assert isinstance(request.user, User)
    mark_read(request.user, now=database_now())
    return redirect("notifications:inbox")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """Show and save which way this person wants to be told first."""
    assert isinstance(request.user, User)
    form = ChannelOrderForm(request.POST or None, user=request.user)
    if form.is_valid():
        request.user.channel_order = form.order
        request.user.save(update_fields=["channel_order"])
        messages.success(request, _("Saved."))
        return redirect("notifications:channels")
    return render(request, "notifications/channels.html", {"form": form})
