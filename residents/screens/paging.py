"""A page of rows, one after the other, without counting them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

Row = TypeVar("Row")

PAGE_SIZE = 50
LAST_PAGE = 200
"""Further back nobody pages: they narrow it down by day. Skipping rows costs as much as reading them."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page; what ``components/_pager.html`` needs."""

    rows: list[Row]
    number: int
    has_next: bool

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


def page_of(found: QuerySet[Any], draw: Callable[[list[Any]], list[Row]], *, number: str) -> Page[Row]:
    """Return one page, for one query and what ``draw`` asks; what is no page's number is the first."""
    page = max(1, min(int(number), LAST_PAGE)) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    start = (page - 1) * PAGE_SIZE
    rows = list(found[start : start + PAGE_SIZE + 1])
    return Page(draw(rows[:PAGE_SIZE]), number=page, has_next=len(rows) > PAGE_SIZE and page < LAST_PAGE)
