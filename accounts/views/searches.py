"""Words that somebody is looked for by stand in no address (docs/decisions/names-stand-in-no-address.md).

A list takes its filters by a press and leads to an address that holds them, the words sealed for who typed them: pages,
links, the way back and a second tab work as ever, and a proxy or a history keeps nobody's name.
"""

from urllib.parse import urlencode

from django.http import QueryDict

from accounts.models import User
from accounts.personal_data import UnreadableError, decrypt, encrypt

WORDS, SEALED = "q", "s"
"""The field of the words, and what they are called in an address."""
MOST = 100
"""So many letters are sealed: more than any list takes, so that the form still says that they are too many."""


def address_of(typed: QueryDict, fields: list[str], *, by: User) -> str:
    """Return the query string at which a list shows what was typed; filters left empty are left out."""
    kept = [(name, value) for name in fields if name != WORDS and (value := typed.get(name, "")) != ""]
    words = typed.get(WORDS, "")[:MOST]
    return urlencode([(SEALED, encrypt(f"{by.pk} {words}")), *kept] if words else kept)


def asked_in(address: QueryDict, *, by: User) -> QueryDict:
    """Return the filters that an address holds, the words opened where this reader typed them; else without them."""
    asked = address.copy()
    asked.pop(WORDS, None)
    sealed = asked.pop(SEALED, None)
    if sealed:
        asked[WORDS] = _opened(str(sealed[-1]), by=by)
    return asked


def query_of(address: QueryDict) -> str:
    """Return an address's filters for links of the same list: "grid=…&", or "" where there are none."""
    kept = address.copy()
    for name in (WORDS, "page"):
        kept.pop(name, None)
    return f"{kept.urlencode()}&" if kept else ""


def _opened(sealed: str, *, by: User) -> str:
    try:
        whose, _space, words = decrypt(sealed).partition(" ")
    except UnreadableError:
        return ""
    return words if whose == str(by.pk) else ""
