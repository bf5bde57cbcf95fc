"""What an intake asks about open alerts is answered by the partial indexes that were made for it."""

import pytest
from django.db import connection

from accounts.composed import Composed
from alerts.services import intake

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("question", "given", "index"),
    [
        (intake.ABOUT_PHONES, {"phones": ["x"]}, "alert_open_by_phone"),
        (intake.ABOUT_NAMES, {"grids": [1], "names": ["x"]}, "alert_open_by_name"),
    ],
)
def test_a_partial_index_finds_them(question: Composed, given: dict[str, list[object]], index: str) -> None:
    """On SQLite a parameter proves nothing: that the alerts are open must stand in the text."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # of an empty table it would read the whole
    assert index in question.plan(**given)
