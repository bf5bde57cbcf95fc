"""Where somebody's outreach lies: a post in a grid takes part in the whole community's."""

from datetime import date

from accounts.models import User
from accounts.roles import Duty
from residents.access import Scope, fewest, scope_codes
from residents.models import COMMUNITY_DIGITS


def outreach_scope(user: User, duty: Duty, on: date) -> Scope:
    """Return the areas whose outreach somebody has a duty for on a day.

    A lecture is a community's, not a grid's: a post at a grid counts for the community it lies in. Whose *names*
    somebody sees goes by the post itself (``ResidentQuerySet.visible_to``).
    """
    codes = scope_codes(user, duty, on)
    return None if codes is None else fewest(code[:COMMUNITY_DIGITS] for code in codes)
