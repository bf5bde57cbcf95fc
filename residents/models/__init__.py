"""Areas, the posts held there, the residents who live there, and who looks after them."""

from residents.models.areas import COMMUNITY_DIGITS, Area, AreaAlias, Level, ancestry, is_below
from residents.models.care import Pairing, PairingQuerySet, Rule, Visit, private_files
from residents.models.people import FamilyContact, Household, Membership, Resident, ResidentQuerySet, Sex
from residents.models.posts import Post

__all__ = [
    "COMMUNITY_DIGITS",
    "Area",
    "AreaAlias",
    "FamilyContact",
    "Household",
    "Level",
    "Membership",
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
