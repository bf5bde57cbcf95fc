"""Each person reads the program in their own language."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


class OwnLanguageMiddleware:
    """Activate the language a person chose for themselves.

    It stands after the session's and the log-in's middleware. Who is not logged in keeps what
    ``LocaleMiddleware`` made of the cookie and the browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the person's language."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with translation.override(request.user.language):
            response = self.get_response(request)
            response.headers["Content-Language"] = translation.get_language() or request.user.language
            return response
