"""What the verbs of outreach share."""


class OutreachError(Exception):
    """Something that cannot be done, in words staff may read."""
