"""Residents of a whole district found by a name, the end of a phone number, a building."""

from django.db import connection

from accounts.clock import today
from accounts.personal_data import phone_tail_index
from antifraud.district import CODE
from bench.figures import Figure, at_most, median
from residents.models import Resident, ResidentQuerySet
from residents.screens.roster import found, meant

BUILDING = "3号楼"


def search() -> list[Figure]:
    """Find residents by one, two, three characters of a name, by the phone's end, by the building."""
    everybody = Resident.objects.within(CODE)
    somebody = next(
        one for one in everybody.filter(name__startswith="王").exclude(tail_hash="")[:99] if len(one.name) == 3
    )
    name, tail = somebody.name, somebody.phone[-4:]
    figures = []
    for text, goal in ((name[0], 3.0), (name[1:], 3.0), (name, 3.0), (tail, 1.0), (BUILDING, 3.0)):
        assert _asked(everybody, text).exists(), text
        took = median(lambda text=text: list(_asked(everybody, text).values_list("pk", flat=True)[:51]))
        page = median(lambda text=text: found(everybody, text, number="", on=today()))
        bare = median(lambda text=text: _bare(text))
        more = {"reference": bare, "reference_is": "fifty keys by bare SQL"}
        figures.append(at_most(f"residents by “{text}”", took, "ms", goal, **more))
        figures.append(Figure("  the page of fifty, drawn", page, "ms"))
    return figures


def _asked(residents: ResidentQuerySet, text: str) -> ResidentQuerySet:
    """Return the question that the page asks: a single character is a surname."""
    return residents.whose_name_begins(text) if len(text) == 1 else meant(residents, text)


IN_BUILDING = """
    SELECT r.id FROM residents_resident r JOIN residents_household h ON h.id = r.household_id
    WHERE h.building = %s LIMIT 51
"""
BY_SURNAME = "SELECT id FROM residents_resident WHERE name >= %s AND name < %s ORDER BY name LIMIT 51"
BY_TAIL = "SELECT id FROM residents_resident WHERE tail_hash = %s LIMIT 51"
BY_PIECES = "SELECT id FROM residents_resident WHERE residents_pieces_of_name(name) @> %s::text[] LIMIT 51"


def _bare(text: str) -> None:
    if text == BUILDING:
        sql, values = IN_BUILDING, ["3"]
    elif text.isdigit():
        sql, values = BY_TAIL, [phone_tail_index(text)]
    elif len(text) == 1:
        sql, values = BY_SURNAME, [text, text + "\U0010ffff"]
    else:
        sql, values = BY_PIECES, [[text[at : at + 2] for at in range(len(text) - 1)]]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.fetchall()
