"""What holds for every answer: a line in the log, and powers of the device that no page of ours asks for."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from antifraud import logs

log = logging.getLogger("antifraud.request")

# The alarm's sound is ours to play and a home screen ours to be put on; everything else stays off.
UNUSED_POWERS = (
    *("accelerometer", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb"),
    *("xr-spatial-tracking",),
)
PERMISSIONS_POLICY = ", ".join(f"{power}=()" for power in UNUSED_POWERS)


class ForbidUnusedPowersMiddleware:
    """Send Permissions-Policy with every answer, and keep other sites from embedding any."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers where a view has not set its own."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class RequestLogMiddleware:
    """Give each request an id that its answer, its lines and its tasks carry, and write one line for it.

    No line: for a file of the look, for ``/healthz``, whose asker reads the answer, and for a screen that was told that
    nothing is new. With a thousand screens open these would be nearly all there are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say so."""
        request_id = logs.request_id_of(request.headers.get(logs.HEADER, ""))
        began = time.monotonic()
        with logs.written_by(request_id=request_id):
            response = self.get_response(request)
            response.headers[logs.HEADER] = request_id
            if _is_worth_a_line(request, response):
                facts = {
                    "method": request.method,
                    "path": logs.path_of(request),
                    "status": response.status_code,
                    "ms": round((time.monotonic() - began) * 1000),
                    "user": getattr(request, "logged_as", None),
                }
                log.info("request", extra=facts)
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Keep the number of who asks while it is known: once the database is away, asking again would wait for it."""
        request.logged_as = request.user.pk  # type: ignore[attr-defined]


def _is_worth_a_line(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code == HTTPStatus.NOT_MODIFIED or request.path.startswith(settings.STATIC_URL):
        return False
    return request.path != "/healthz"
