"""Areas, the posts held there, the residents who live there, and who looks after them."""

from residents.models.areas import COMMUNITY_DIGITS, Area, AreaAlias, Level, ancestry, is_below
from residents.models.care import Pairing, PairingQuerySet, Rule, Visit, private_files
from residents.models.counts import CommunityApp
from residents.models.follow_ups import FollowUp, FollowUpQuerySet
from residents.models.people import FamilyContact, Household, Membership, Resident, ResidentQuerySet, Sex
from residents.models.posts import Post
from residents.models.rules import NumberedRule

__all__ = [
    "COMMUNITY_DIGITS",
    "Area",
    "AreaAlias",
    "CommunityApp",
    "FamilyContact",
    "FollowUp",
    "FollowUpQuerySet",
    "Household",
    "Level",
    "Membership",
    "NumberedRule",
    "Pairing",
    "PairingQuerySet",
    "Post",
    "Resident",
    "ResidentQuerySet",
    "Rule",
    "Sex",
    "Visit",
    "ancestry",
    "is_below",
    "private_files",
]
