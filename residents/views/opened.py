"""What a reader has opened in this session: shown to them alone, until they log out, and written down once."""

from collections.abc import Callable

from django.http import HttpRequest


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
