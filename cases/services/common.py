"""What the verbs of cases share."""

from accounts.services import RefusedError


class CasesError(RefusedError):
    """Something that cannot be done, in words staff may read."""
