"""The pages of the roof itself: where a person begins, and what a phone needs to install the program."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.clock import today
from accounts.models import User
from antifraud.ways import begins_at


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page that this person's posts allow: the desk, else the own tasks, else what may be read."""
    assert isinstance(request.user, User)
    return redirect(begins_at(request.user, on=today()) or "notifications:inbox")


@login_not_required
def administration_door(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in that all use. Who is in already and was sent here may not open the administration."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(
        f"{reverse('accounts:login')}?{urlencode({'next': request.GET.get('next') or reverse('admin:index')})}"
    )


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead a browser to the icon that looks for it in the old place: pages made by others name none."""
    return redirect(static("icons/shouwang-192.png"))


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Say how the program is installed on a phone."""
    return JsonResponse(
        {
            "name": _("Shouwang · community anti-fraud alerts"),
            "short_name": _("Shouwang"),
            "lang": getattr(request, "LANGUAGE_CODE", "zh-hans"),
            "id": "/",
            "start_url": reverse("home"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#f4f6fa",
            "theme_color": "#0b7285",
            "icons": [
                {"src": static("icons/shouwang.svg"), "type": "image/svg+xml", "sizes": "any"},
                {"src": static("icons/shouwang-192.png"), "type": "image/png", "sizes": "192x192"},
                {
                    "src": static("icons/shouwang-512.png"),
                    "type": "image/png",
                    "sizes": "512x512",
                    "purpose": "any maskable",
                },
            ],
        },
        content_type="application/manifest+json",
    )
