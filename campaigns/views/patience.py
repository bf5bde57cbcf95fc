"""How often the page that is open to everybody may be pressed."""

from accounts.views.patience import counted

MOST_FROM_AN_ADDRESS = 60
"""A minute. A whole room signs in through one wireless network, or one telephone company's gate."""

MOST_AT_AN_EVENT = 300
"""A minute, from wherever: no room has a wider door."""


def is_too_often(address: str, event: int) -> bool:
    """Count one press at an event's page; say whether it is one too many for this minute."""
    from_here = counted(f"sign_in.{event}.{address}")
    return counted(f"sign_in.{event}") > MOST_AT_AN_EVENT or from_here > MOST_FROM_AN_ADDRESS
