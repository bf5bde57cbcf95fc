"""People who log in, what guards their log-in, and the trail of what they did."""

from accounts.models.guarding import Brake, KnownDevice, RecoveryCode, RolePolicy, SecondFactor, Sitting
from accounts.models.people import (
    ACCESS_VERBS,
    AppendOnlyError,
    AuditEntry,
    AuditEntryQuerySet,
    Language,
    Press,
    PressQuerySet,
    TextSize,
    Theme,
    User,
    UserManager,
)
from accounts.models.sealing import AuditMark, AuditSeal, Rotation

__all__ = [
    "ACCESS_VERBS",
    "AppendOnlyError",
    "AuditEntry",
    "AuditEntryQuerySet",
    "AuditMark",
    "AuditSeal",
    "Brake",
    "KnownDevice",
    "Language",
    "Press",
    "PressQuerySet",
    "RecoveryCode",
    "RolePolicy",
    "Rotation",
    "SecondFactor",
    "Sitting",
    "TextSize",
    "Theme",
    "User",
    "UserManager",
]
