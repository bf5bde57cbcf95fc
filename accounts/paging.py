"""Long lists in pages, without counting them to the end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

PAGE_SIZE = 50

COUNT_UP_TO = 1000
"""Rows are counted no further: half a million are never counted to page through them (limits.md, trap 8)."""

LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, for ``components/_pager.html``."""

    rows: list[Any]
    number: int
    has_next: bool
    count: int = 0

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before."""
        return self.number > 1

    @property
    def previous_page_number(self) -> int:
        """The page before."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The page after."""
        return self.number + 1

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNT_UP_TO

    @property
    def cap(self) -> int:
        """How far rows are counted."""
        return COUNT_UP_TO

    def drawn(self, draw: Callable[[Any], Any]) -> "ListPage":
        """Return the page with its rows as a screen shows them."""
        return replace(self, rows=list(map(draw, self.rows)))

    def drawn_together(self, draw: Callable[[list[Any]], list[Any]]) -> "ListPage":
        """Return the page with its rows as a screen shows them, where they are drawn with one question for all."""
        return replace(self, rows=draw(self.rows))


def page_number(text: str) -> int:
    """Return the page that an address asks for; what is no page's number is the first."""
    return max(1, min(int(text[:9]), LAST_PAGE)) if text.isascii() and text.isdigit() else 1


def page_of(
    query: models.QuerySet[Any], *, number: str, counted: models.QuerySet[Any] | None = None, is_counted: bool = True
) -> ListPage:
    """Return one page of a query, in two queries, or one where nobody asks how many there are.

    ``counted`` is the same query without what is only read along, where that is cheaper to count.
    """
    page = page_number(number)
    start = (page - 1) * PAGE_SIZE
    found = list(query[start : start + PAGE_SIZE + 1])
    return ListPage(
        rows=found[:PAGE_SIZE],
        number=page,
        has_next=len(found) > PAGE_SIZE,
        count=(query if counted is None else counted).order_by()[: COUNT_UP_TO + 1].count() if is_counted else 0,
    )
