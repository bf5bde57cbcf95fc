"""The inbox, and how a person wants to be told."""

from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now
from accounts.models import User
from accounts.services import RefusedError
from notifications.forms import ChannelOrderForm, WishForm
from notifications.models import Notice, Preference
from notifications.policy import Topic
from notifications.screens import own_ways, topics_of
from notifications.services import mark_read, mark_seen, own_channels, said_of_test, set_wish, try_channel

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


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Mark what this person was told about something as read: their page shows it (static/js/seen.js)."""
    assert isinstance(request.user, User)
    subject = request.POST.get("subject", "")
    if "\x00" not in subject:
        mark_seen(request.user, subject=subject, now=database_now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """Show and save how this person wants to be told: as a rule, and by topic."""
    assert isinstance(request.user, User)
    user, topic = request.user, _posted_topic(request)
    form = ChannelOrderForm(None if topic else request.POST or None, user=user)
    wishes = Preference.objects.wishes_of([user.pk])
    asked = {
        one: WishForm(request.POST if one == topic else None, topic=one, wish=wishes.get((user.pk, one)))
        for one in Topic
    }
    if topic and asked[topic].is_valid():
        set_wish(user, topic, asked[topic].wish, now=database_now())
        messages.success(request, _("Saved: {topic}.").format(topic=topic.label))
        return redirect("notifications:channels")
    if not topic and form.is_valid():
        user.channel_order = form.order
        user.save(update_fields=["channel_order"])
        messages.success(request, _("Saved."))
        return redirect("notifications:channels")
    topics = [(told, asked[told.topic]) for told in topics_of(user)]
    context = {"form": form, "topics": topics, "ways": own_ways(user)}
    return render(request, "notifications/channels.html", context)


def _posted_topic(request: HttpRequest) -> Topic | None:
    posted = request.POST.get("topic", "")
    return Topic(posted) if posted in Topic.values else None


@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Send the person a test message over one of their own ways, and say what the outside world answered."""
    assert isinstance(request.user, User)
    channel = own_channels(request.user).get(request.POST.get("kind", ""))
    if channel is None or channel.is_robot:
        raise Http404
    try:
        answer = try_channel(channel, by=request.user, now=database_now())
    except RefusedError as error:
        messages.warning(request, str(error))
    else:
        say = messages.error if answer else messages.success
        say(request, said_of_test(channel, answer))
    return redirect("notifications:channels")
