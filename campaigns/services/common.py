"""What the verbs of outreach share."""

from accounts.services import RefusedError


class OutreachError(RefusedError):
    """Something that cannot be done, in words staff may read."""
