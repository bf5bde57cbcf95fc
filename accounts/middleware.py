"""Each person reads the program in their own language; and who was away for long is asked again."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from accounts.clock import machine_now
from accounts.forms import AgainForm, KeptForm, LoginForm, remembered_name
from accounts.models import User
from accounts.sessions import Stay


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


STAYS_OPEN = {f"accounts:{name}" for name in ("again", "awake", "logout")}
"""What somebody may do who has been away for long."""
SETS_UP = STAYS_OPEN | {f"accounts:{name}" for name in ("set_up_factor", "begin_factor", "text_size")}
"""What somebody may do who must set up a second factor first."""


class GuardMiddleware:
    """Hold people to what their role must do, from what the session says alone: no page costs a query more.

    Who must set up a second factor is led there. Who was away for long is asked for the password, and loses nothing:
    a form that arrives then, or after the session has ended, is carried over the log-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; all is done once it is known where the request goes."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Answer in the view's place, or let it answer."""
        if not getattr(view, "login_required", True):
            return None
        if not isinstance(request.user, User):
            return self._keep_what_was_typed(request) if _is_a_form(request) else None
        session = Stay(request)
        name = request.resolver_match.view_name if request.resolver_match is not None else ""
        if not session.is_guarded:
            return None
        if session.is_factor_due and name not in SETS_UP:
            return redirect("accounts:set_up_factor")
        if session.is_idle(now=machine_now()):
            return None if name in STAYS_OPEN else self._ask_again(request, request.user)
        if name in settings.STANDS_OPEN and not _asks_by_itself(request):
            session.stand_open()
        if name != "accounts:awake" and not _asks_by_itself(request):
            session.touch(now=machine_now())
        return None

    def _keep_what_was_typed(self, request: HttpRequest) -> HttpResponse:
        form = LoginForm(request=request, initial={"username": remembered_name(request)})
        context = {"form": form, "kept": KeptForm.of(request), "has_ended": True, "lost_files": list(request.FILES)}
        return render(request, "accounts/login.html", context)

    def _ask_again(self, request: HttpRequest, user: User) -> HttpResponse:
        if not _is_a_form(request):
            leads_back = request.method == "GET" and not _asks_by_itself(request)
            query = f"?{urlencode({'next': request.get_full_path()})}" if leads_back else ""
            return redirect(f"{reverse('accounts:again')}{query}")
        form = AgainForm(request=request, user=user)
        context = {"form": form, "kept": KeptForm.of(request), "lost_files": list(request.FILES)}
        with translation.override(user.language):
            return render(request, "accounts/again.html", context)


def _asks_by_itself(request: HttpRequest) -> bool:
    """Say whether a script asks, not somebody who pressed: screens that ask every few seconds keep nobody awake."""
    return request.method == "GET" and ("HX-Request" in request.headers or "X-Keep" in request.headers)


def _is_a_form(request: HttpRequest) -> bool:
    """Say whether somebody sent a form from a page, with something in it; a script has its own ways to send again."""
    by_script = "HX-Request" in request.headers or request.headers.get("Accept") == "application/json"
    return request.method == "POST" and not by_script and set(request.POST) - {"csrfmiddlewaretoken"} != set()
