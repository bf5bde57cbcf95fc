"""What outreach lets go of (PIPL, articles 19 and 47): sign-ins, photos of paper lists, pledges.

Done every night with everything else that is let go of (``residents.services.retention``). What was counted stays:
heads, touches, and that a pledge was signed, when, and in which words.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.clock import midnight
from campaigns.models import EventPhoto, Pledge, Rule, SignIn
from campaigns.policy import PhotoKind, RuleName
from residents.access import Scope, within
from residents.models import ResidentQuerySet
from residents.services import Limit, delete_files

KEPT_RULES = (RuleName.KEEP_SIGN_INS_DAYS, RuleName.KEEP_PAPERS_DAYS, RuleName.KEEP_PLEDGES_DAYS)
KIND_OF_RULE = {RuleName.KEEP_PAPERS_DAYS: PhotoKind.PAPER, RuleName.KEEP_PLEDGES_DAYS: PhotoKind.PLEDGE}
"""A pledge photographed on paper is kept as long as one signed on the screen."""


class OutreachKeeper:
    """What outreach keeps of people: see ``residents.services.Keeper``."""

    labels: Mapping[str, str | Promise] = {
        "sign_ins": _("Sign-ins emptied"),
        "paper_photos": _("Photos of paper lists and pledges deleted"),
        "pledges": _("Pledges emptied of name and signature"),
    }

    def limits(self, *, on: date) -> list[Limit]:
        """Return the three rules."""
        numbers, before = Rule.objects.numbers(), _first_kept(on)
        return [Limit(str(rule.label), numbers[rule], None, before[rule]) for rule in KEPT_RULES]

    def due(self, gone: ResidentQuerySet, *, codes: Scope, on: date) -> dict[str, int]:
        """Return how much of each is let go of."""
        of_gone = Q(resident__in=gone)
        at_events = within("event__area__code", codes)
        return {
            "sign_ins": _sign_ins(of_gone | (at_events & _old(RuleName.KEEP_SIGN_INS_DAYS, on=on))).count(),
            "paper_photos": EventPhoto.objects.filter(at_events, _old_photos(on)).count(),
            "pledges": _pledges(
                of_gone | (within("area__code", codes) & _old(RuleName.KEEP_PLEDGES_DAYS, on=on))
            ).count(),
        }

    def forget(self, pks: Sequence[int], *, on: date) -> None:
        """Take the names from what these residents signed."""
        _empty(sign_ins=Q(resident__in=pks), pledges=Q(resident__in=pks))

    def let_go(self, *, on: date) -> None:
        """Take the names from what is old, and delete old photos of paper."""
        _empty(
            sign_ins=_old(RuleName.KEEP_SIGN_INS_DAYS, on=on),
            pledges=_old(RuleName.KEEP_PLEDGES_DAYS, on=on),
        )
        photos = EventPhoto.objects.filter(_old_photos(on))
        delete_files(photos, "file")
        photos.delete()


def _first_kept(on: date) -> dict[RuleName, date]:
    numbers = Rule.objects.numbers()
    return {rule: on - timedelta(days=numbers[rule]) for rule in KEPT_RULES}


def _old(rule: RuleName, *, on: date) -> Q:
    first: datetime = midnight(_first_kept(on)[rule]).astimezone(UTC)
    return Q(at__lt=first)


def _old_photos(on: date) -> Q:
    condition = Q(pk__in=[])
    for rule, kind in KIND_OF_RULE.items():
        condition |= Q(kind=kind) & _old(rule, on=on)
    return condition


def _sign_ins(condition: Q) -> QuerySet[SignIn]:
    return SignIn.objects.filter(condition).exclude(name="")


def _pledges(condition: Q) -> QuerySet[Pledge]:
    return Pledge.objects.filter(condition).exclude(name="", signature="")


def _empty(*, sign_ins: Q, pledges: Q) -> None:
    _sign_ins(sign_ins).update(name="", phone="")
    emptied = _pledges(pledges)
    delete_files(emptied, "signature")
    emptied.update(name="", signature="")
