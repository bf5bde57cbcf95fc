"""What the verbs of residents share."""


class ResidentsError(Exception):
    """Something that cannot be done, in words staff may read."""
