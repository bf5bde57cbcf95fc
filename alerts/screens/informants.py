"""What informants see of their reports, and what a manager sees of informants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.roles import Duty, Role
from alerts.models import InformantLink, Observation
from alerts.policy import Hurry, Stage, stage_of
from knowledge.screens import qr_of
from residents.models import Level, Post

SHOWN = 10
SHOWN_FOR = timedelta(days=30)
"""What an informant sees of the past. Where it was is not shown: a card may be lost in the stairwell."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one report, as its informant sees it."""

    at: datetime
    hurry: str
    stage: str
    words: str
    is_thanked: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come of it."""
        return self.stage in (Stage.SAFE, Stage.DONE)


def answers(link: InformantLink, *, now: datetime) -> list[Answer]:
    """Return what became of an informant's last reports, the newest first. One query."""
    mine = Observation.objects.of(link).since(now - SHOWN_FOR).select_related("alert").defer("alert__subject_phone")
    return [_answer(one) for one in mine[:SHOWN]]


def _answer(report: Observation) -> Answer:
    stage = stage_of(report.alert.state, report.alert.outcome)
    return Answer(
        at=report.at,
        hurry=str(Hurry(report.hurry).label),
        stage=stage,
        words=str(stage.label),
        is_thanked=report.thanked_at is not None,
    )


@dataclass(frozen=True, slots=True)
class Informant:
    """One informant of a list: their link, and what their reports came to."""

    post_id: int
    name: str
    area: str
    community: str
    has_phone: bool
    is_placed: bool
    link: InformantLink | None
    made: int
    confirmed: int
    thanked: int
    last: datetime | None


def posts_of_informants(user: User, *, on: date) -> Sequence[Post]:
    """Return the posts of the informants whose links somebody makes, by area."""
    mine = Post.objects.visible_to(user, on=on, duty=Duty.APPOINT).current(on).of_role(Role.BUILDING_INFORMANT)
    return list(mine.filter(user__is_active=True).select_related("user", "area__parent").order_by("area__code", "pk"))


def informants(user: User, *, on: date) -> list[Informant]:
    """Return the informants of somebody's areas, with links and figures, in three queries however many they are."""
    posts = posts_of_informants(user, on=on)
    who = Q(informant__in={post.user_id for post in posts})
    links = {(one.informant_id, one.area_id): one for one in InformantLink.objects.valid().filter(who)}
    counted = {(row["informant"], row["area"]): row for row in Observation.objects.filter(who).counted()}
    return [_informant(post, links, counted) for post in posts]


def _informant(
    post: Post, links: dict[tuple[int, int], InformantLink], counted: dict[tuple[Any, Any], dict[str, Any]]
) -> Informant:
    key = (post.user_id, post.area_id)
    figures = counted.get(key, {})
    parent = post.area.parent
    return Informant(
        post_id=post.pk,
        name=str(post.user),
        area=post.area.name,
        community=parent.name if parent else "",
        has_phone=post.user.phone_hash is not None,
        is_placed=post.area.level in (Level.GRID, Level.BUILDING),
        link=links.get(key),
        made=figures.get("made", 0),
        confirmed=figures.get("confirmed", 0),
        thanked=figures.get("thanked", 0),
        last=figures.get("last"),
    )


@dataclass(frozen=True, slots=True)
class InformantCard:
    """One card to print: who, where, the address and its code."""

    name: str
    area: str
    address: str
    qr: SafeString


def cards_of(made: Iterable[tuple[InformantLink, str]]) -> list[InformantCard]:
    """Return the cards of links and the addresses that open them."""
    return [InformantCard(str(link.informant), link.area.name, address, qr_of(address)) for link, address in made]
