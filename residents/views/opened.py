"""What a reader has opened in this session: shown to them alone, until they log out, and written down once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

OPENS = "open"
"""What a press sends that opens something whole."""


def are_opened(request: HttpRequest, kind: str) -> list[int]:
    """Return what of a kind this reader has opened in this session."""
    return list(request.session.get(kind, []))


def is_opened(request: HttpRequest, kind: str, pk: int) -> bool:
    """Say whether this reader has opened something in this session."""
    return pk in request.session.get(kind, [])


def open_once(request: HttpRequest, kind: str, pk: int, write_down: Callable[[], object]) -> None:
    """Open something for this session, and write it down the first time."""
    if not is_opened(request, kind, pk):
        write_down()
        request.session[kind] = [*are_opened(request, kind), pk]


def ask_first(
    request: HttpRequest, kind: str, pk: int, write_down: Callable[[], object], *, title: str, back: str
) -> HttpResponse | None:
    """Return what comes before a form that shows somebody whole; None once this reader has opened it.

    A press opens it, writes it down and leads to the same address. Who comes by an address alone is asked for the press
    first: a GET reveals nobody (``docs/decisions/a-get-reveals-nobody.md``).
    """
    if request.method == "POST":
        if OPENS not in request.POST:
            return None
        open_once(request, kind, pk, write_down)
        return redirect(request.get_full_path())
    if is_opened(request, kind, pk):
        return None
    return render(request, "residents/open_first.html", {"title": title, "back": back})
