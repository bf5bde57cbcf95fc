"""What every answer tells the browser to forbid: powers of the device that no page of ours asks for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

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
