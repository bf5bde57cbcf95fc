"""Who is given a post, who stands in, and when a post ends."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.formats import day
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
    post = _give(Post(user=user, area=area, role=role, starts_on=starts_on, ends_on=ends_on))
    record(
        "residents.appointed",
        by=by,
        at=now,
        about=post,
        area_code=area.code,
        detail={"user": user.pk, "role": role, **_days(post)},
        from_where=from_where,
    )
    return post


@transaction.atomic
def appoint_new_person(
    *,
    username: str,
    name: str,
    phone: str,
    area: Area,
    role: Role,
    starts_on: date,
    ends_on: date | None = None,
    by: User,
    now: datetime,
) -> Post:
    """Enter somebody new and give them their first post. They cannot log in before an administrator sets a password.

    Nobody is entered without a post: who keeps the posts of a community so never makes people that nobody can see.
    Raises ``ResidentsError`` where the username or the phone number is somebody else's, or the post cannot be given.
    """
    user = User(username=username, name=name, phone=phone)
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        raise ResidentsError(" ".join(error.messages)) from error
    user.save()
    record("accounts.person_entered", by=by, at=now, about=user, area_code=area.code)
    return appoint(user, area=area, role=role, starts_on=starts_on, ends_on=ends_on, by=by, now=now)


@transaction.atomic
def substitute(post: Post, *, stand_in: User, starts_on: date, ends_on: date, by: User, now: datetime) -> Post:
    """Have somebody stand in for a post from a day to a day, both counted. The post itself goes on beside it.

    Raises ``ResidentsError`` where the days do not lie within the post's, where somebody would stand in for themselves
    or for a stand-in, where they hold a post at this area on one of those days already, or where the post was withdrawn
    in the meantime.
    """
    post = _in_hand(post)
    if stand_in.pk == post.user_id:
        raise ResidentsError(_("Nobody stands in for themselves. Choose somebody else."))
    if post.stands_in_for_id is not None:
        raise ResidentsError(_("This post stands in for another. Have somebody stand in for that one."))
    if starts_on < post.starts_on or (post.ends_on is not None and ends_on > post.ends_on):
        raise ResidentsError(
            _("The post runs from {start} to {end}: choose days within it.").format(
                start=day(post.starts_on), end=day(post.ends_on) if post.ends_on else _("no end")
            )
        )
    held = _give(
        Post(
            user=stand_in,
            area=post.area,
            role=post.role,
            starts_on=starts_on,
            ends_on=ends_on,
            stands_in_for_id=post.pk,
        )
    )
    detail = {"user": stand_in.pk, "for": post.pk, "role": post.role, **_days(held)}
    record("residents.substituted", by=by, at=now, about=held, area_code=post.area.code, detail=detail)
    return held


@transaction.atomic
def end_post(post: Post, *, last_on: date, by: User, now: datetime) -> Post:
    """End a post on a day, which still counts. Whoever stands in for it goes on to their own last day.

    Raises ``ResidentsError`` where it has ended by then anyway, where that day lies before its first, and where
    somebody would take their own post: who keeps the posts would lock themselves out.
    """
    post = _in_hand(post)
    _refuse_ones_own(post, by=by)
    if post.ends_on is not None and last_on >= post.ends_on:
        raise ResidentsError(
            _("This post ends on {day} already. To lengthen it, appoint them from the day after.").format(
                day=day(post.ends_on)
            )
        )
    if last_on < post.starts_on:
        raise ResidentsError(
            _("This post begins on {day}: choose that day or a later one.").format(day=day(post.starts_on))
        )
    before, post.ends_on = post.ends_on, last_on
    post.save(update_fields=["ends_on"])
    detail = {"user": post.user_id, "role": post.role, "was": f"{before}" if before else None, **_days(post)}
    record("residents.post_ended", by=by, at=now, about=post, area_code=post.area.code, detail=detail)
    return post


@transaction.atomic
def withdraw_post(post: Post, *, by: User, now: datetime, on: date) -> None:
    """Take a post back that has not begun, and with it who was to stand in for it.

    Raises ``ResidentsError`` for one that has begun: that one is ended.
    """
    post = _in_hand(post)
    if post.starts_on <= on:
        raise ResidentsError(_("This post has begun. End it on a day instead."))
    stand_ins = list(post.stand_ins.order_by("pk").values_list("user_id", flat=True))
    detail = {"user": post.user_id, "role": post.role, "stand_ins": stand_ins, **_days(post)}
    record("residents.post_withdrawn", by=by, at=now, about=post, area_code=post.area.code, detail=detail)
    post.stand_ins.all().delete()  # days within the post's: they have not begun either
    post.delete()


def _give(post: Post) -> Post:
    wait_for_other_appointments(post.user)
    try:
        post.full_clean()
    except ValidationError as error:
        raise ResidentsError(" ".join(error.messages)) from error
    post.save()
    return post


def _in_hand(post: Post) -> Post:
    """Return the post as it is now, held until the transaction ends."""
    held = Post.objects.select_for_update(of=("self",)).select_related("area", "user").filter(pk=post.pk).first()
    if held is None:
        raise ResidentsError(_("This post was withdrawn in the meantime."))
    return held


def _refuse_ones_own(post: Post, *, by: User) -> None:
    if post.user_id == by.pk and not by.is_superuser:
        raise ResidentsError(_("Your own post is ended by an administrator."))


def _days(post: Post) -> dict[str, str | None]:
    return {"from": f"{post.starts_on}", "to": f"{post.ends_on}" if post.ends_on else None}
