"""A screen that asks whether anything is new is told "no" before anything else is done for it."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from accounts.formats import milliseconds
from alerts.screens.watching import Glance, look_at, read_mark


class NothingNewMiddleware:
    """Answer "not modified" to a screen whose mark still holds; every other request goes on as if this were not here.

    First of all, because on a morning with nothing new these are nearly all requests there are: who asks, what they may
    see and in which language costs four times as much to find out as to see that nothing has changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.SESSION_ENGINE != "accounts.sessions":
            raise MiddlewareNotUsed("whether somebody is still logged in is asked of the database")
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on."""
        return self._nothing_new(request) or self.get_response(request)

    def _nothing_new(self, request: HttpRequest) -> HttpResponse | None:
        mark = request.META.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/").strip('"')
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not (mark and session_key and request.method == "GET" and "HTTP_HX_REQUEST" in request.META):
            return None
        try:
            watch, stamp = read_mark(mark, session_key=session_key, address=request.path)
        except (BadSignature, ValueError):  # another page's mark, or one of before an update
            return None
        glance = look_at(watch, session_key=session_key)
        if glance.stamp != stamp or not glance.is_logged_in:
            return None
        return not_modified(mark, glance)


def not_modified(mark: str, glance: Glance) -> HttpResponse:
    """Return the answer that nothing is new, with the times from which the browser counts."""
    headers = {
        "ETag": f'"{mark}"',
        "X-Server-Now": str(milliseconds(glance.now)),
        "X-Swept-At": glance.pulse.swept_ms,
        "Cache-Control": "private, no-store",
        "Vary": "HX-Request, Cookie",
    }
    return HttpResponseNotModified(headers=headers)
