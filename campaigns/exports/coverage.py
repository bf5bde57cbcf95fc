"""What outreach looks like in files that leave."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sheets.writing import table_of


def coverage_workbook(*, place: str, headline: str, rows: Iterable[tuple[str, int, int, int, int]]) -> bytes:
    """Return coverage as a workbook: grids and counts, and what they count; nobody's name.

    Each row is an area's name, who should be reached, who was, who was by a chat group alone, who was not.
    """

    def lines() -> Iterator[list[object]]:
        yield [_("Coverage: {area}").format(area=place)]
        yield [headline]
        yield [
            _("Area"),
            _("Should be reached"),
            pgettext("by outreach", "Reached"),
            _("Only by chat group"),
            _("Not reached"),
        ]
        yield from map(list, rows)

    return table_of(lines(), title=_("Coverage"), widths=[24, 14, 14, 18, 14])
