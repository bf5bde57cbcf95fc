"""Who is given a post."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from residents.models import Area, Post
from residents.services.common import ResidentsError


def wait_for_other_appointments(user: User) -> None:
    """Hold a person's row until the transaction ends.

    Two appointments of one person at one moment queue up here, and the second sees what the first
    wrote. SQLite, which lets one transaction write at a time, needs no lock and takes none.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


@transaction.atomic
def appoint(
    user: User,
    *,
    area: Area,
    role: Role,
    starts_on: date,
    ends_on: date | None = None,
    by: User | None,
    now: datetime,
    from_where: str = "",
) -> Post:
    """Give a person a role at an area from a day to a day (both count; None is without end).

    Raises ``ResidentsError`` where the days overlap another post of theirs at the same area,
    whatever its role, or where the last day lies before the first.
    """
    wait_for_other_appointments(user)
    post = Post(user=user, area=area, role=role, starts_on=starts_on, ends_on=ends_on)
    try:
        post.full_clean()
    except ValidationError as error:
        raise ResidentsError(" ".join(error.messages)) from error
    post.save()
    record(
        "residents.appointed",
        by=by,
        at=now,
        about=post,
        area_code=area.code,
        detail={"user": user.pk, "role": role, "from": f"{starts_on}", "to": f"{ends_on}" if ends_on else None},
        from_where=from_where,
    )
    return post
