"""The pledge as it stands on the screen, and on the paper of who signed."""

from knowledge.models import Text

PLEDGE = "pledge"
"""The key of its text among those that the office keeps."""


def words_of(text: Text) -> str:
    """Return title and text as they are shown: what somebody signs is kept word for word."""
    return f"{text.title}\n{text.body.strip()}"
