"""Pages of a whole district (``manage.py make_district``), opened by who sees all of it and by who sees a street."""

from collections.abc import Iterator

from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import User
from accounts.paging import PAGE_SIZE
from alerts.models import Alert
from alerts.screens.listing import page_of
from antifraud.district import ADMINISTRATOR
from antifraud.testing.counting import counting
from bench.figures import Figure, median

SUPERVISOR = "supervisor.1"
PAGES = (
    "alerts:desk",
    "alerts:summary",
    "alerts:list",
    "alerts:afterwards",
    "alerts:readiness",
    "alerts:lateness",
    "alerts:learning",
    "alerts:roster",
    "campaigns:home",
    "campaigns:calendar",
    "campaigns:coverage",
    "campaigns:newcomers",
    "campaigns:campaigns",
    "campaigns:problems",
    "cases:list",
    "cases:look_backs",
    "knowledge:texts",
    "notifications:inbox",
    "reports:dashboard",
    "reports:clock",
    "reports:monthly",
    "reports:scores",
    "residents:list",
    "residents:key_groups",
    "residents:grids",
    "residents:areas",
    "residents:posts",
    "sheets:conflicts",
)
WITH_ARGUMENTS = {"sheets:conflicts": ("roster",)}
ROUNDS = 5
MOST_QUERIES = 6
"""Of a list itself; who asks, what waits for them and the filters come to it on every page."""


def pages_of_a_district() -> list[Figure]:
    """Open the main list and overview pages of each app."""
    figures = [_list_of_alerts()]
    for who in (ADMINISTRATOR, SUPERVISOR):
        client = Client(HTTP_HOST="localhost")
        client.force_login(User.objects.get(username=who))
        for name in PAGES:
            figures += _page(client, name, who=who)
    return figures


def _page(client: Client, name: str, *, who: str) -> Iterator[Figure]:
    path = reverse(name, args=WITH_ARGUMENTS.get(name, ()))
    with counting() as said:
        answer = client.get(path, secure=True)
    if answer.status_code != 200:
        return  # nothing that this reader sees
    took = median(lambda: client.get(path, secure=True), rounds=ROUNDS)
    yield Figure(f"{path} by {who}, {len(said)} queries", took, "ms")


def _list_of_alerts() -> Figure:
    """A page of fifty of all alerts, held against the same fifty fetched."""
    now = database_now()
    everything = Alert.objects.order_by("-received_at", "-pk")
    with counting() as said:
        page_of(everything, number="1", now=now)
    assert len(said) <= MOST_QUERIES, said
    read_along = everything.select_related("grid", "holder", "fraud_type", "source", "resident__household")
    fetch = median(lambda: list(read_along[:PAGE_SIZE]), rounds=30)
    took = median(lambda: page_of(everything, number="1", now=now), rounds=30)
    name = f"a list of 50 of {everything.count():,} alerts, {len(said)} queries"
    return Figure(name, took, "ms", "≤ 4 × reference", took <= 4 * fetch, fetch, "the same fifty by the ORM")
