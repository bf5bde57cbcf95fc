"""Who may see and do what, where: scopes by post and area, and the guards of views.

A post gives its role's duties (``accounts.roles``) over its area and everything below it, on the
days it runs. A scope is the shortest list of area codes that says so; None stands for everywhere
(an administrator) and the empty tuple for nowhere.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase

from accounts.clock import today
from accounts.models import User
from accounts.roles import DUTIES, Duty, Role

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)

Scope = tuple[str, ...] | None


class StaffRequest(HttpRequest):
    """A request whose user is logged in: what guarded views are handed."""

    user: User


def posts_on(user: User, on: date) -> tuple[tuple[Role, str], ...]:
    """Return the (role, area code) of every post a person holds on a day.

    The answer is kept on the user object, which lives as long as one request: a page asks the
    database once, however many rows and buttons ask.
    """
    kept: dict[date, tuple[tuple[Role, str], ...]] = user.__dict__.setdefault("_posts_on", {})
    if on not in kept:
        rows = user.posts.current(on).order_by().values_list("role", "area__code")
        kept[on] = tuple((Role(role), code) for role, code in rows)
    return kept[on]


def scope_codes(user: User, duty: Duty, on: date) -> Scope:
    """Return the areas where a person has a duty on a day: the fewest codes that cover them all.

    None is everywhere, () nowhere. Somebody who may no longer log in has no duty anywhere.
    """
    if not user.is_active:
        return ()
    if user.is_superuser:
        return None
    return fewest(code for role, code in posts_on(user, on) if duty in DUTIES[role])


def fewest(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes without those that lie within another, in order."""
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not (kept and code.startswith(kept[-1])):
            kept.append(code)
    return tuple(kept)


def after_all_within(code: str) -> str | None:
    """Return the first code after an area's last one, or None where none comes after.

    Codes are digits, so the next number of the same length ends the range (370105 ends before
    370106). Digits sort alike under every collation, which ':' after the last digit does not: many
    PostgreSQL locales put punctuation before digits. A range uses the plain index; LIKE may not.
    """
    kept = code.rstrip("9")
    return f"{kept[:-1]}{int(kept[-1]) + 1}" if kept else None


def within(field: str, codes: Scope) -> Q:
    """Return the condition that an area code lies within a scope, for ``filter``.

    ``field`` is the path to the code: ``"code"``, ``"grid__code"``. None lets everything through,
    () nothing.
    """
    if codes is None:
        return Q()
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**_range(field, code))
    return condition


def _range(field: str, code: str) -> dict[str, str]:
    end = after_all_within(code)
    return {f"{field}__gte": code} | ({f"{field}__lt": end} if end else {})


def covers(codes: Scope, area_code: str) -> bool:
    """Say whether an area lies within a scope; without a code only everywhere covers it."""
    return codes is None or bool(area_code and area_code.startswith(codes))


def may(user: User, duty: Duty, area_code: str, on: date) -> bool:
    """Say whether a person has a duty at an area on a day."""
    return covers(scope_codes(user, duty, on), area_code)


def on_duty(
    *duties: Duty,
) -> Callable[[Callable[Concatenate[StaffRequest, P], R]], Callable[Concatenate[StaffRequest, P], R]]:
    """Guard a view: who has the duty nowhere today, or of several none, gets the 403 page.

    It looks at the duty alone. Which rows may be seen is the queryset's business
    (``visible_to``), so a foreign object is a 404.
    """

    def guard(view: Callable[Concatenate[StaffRequest, P], R]) -> Callable[Concatenate[StaffRequest, P], R]:
        @wraps(view)
        def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if all(scope_codes(request.user, duty, today()) == () for duty in duties):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def administrators_alone(
    view: Callable[Concatenate[StaffRequest, P], R],
) -> Callable[Concatenate[StaffRequest, P], R]:
    """Guard a view of what holds everywhere: who is no administrator gets the 403 page."""

    @wraps(view)
    def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
