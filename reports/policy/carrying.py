"""What becomes of words that a person mended, when the numbers under them move."""

from collections.abc import Mapping
from difflib import SequenceMatcher


def carried(written: str, *, before: str, now: str) -> str:
    """Return what somebody wrote, the lines they left as drafted said with today's numbers.

    ``before`` is the draft they worked on, ``now`` the new one. Lines of their own stay as they are.
    """
    follows = _follows(before.splitlines(), now.splitlines())
    return "\n".join(line for old in written.splitlines() for line in follows.get(old, [old]))


def carried_sections(
    written: Mapping[str, str], *, before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """Return ``carried`` for every section that somebody wrote."""
    return {key: carried(text, before=before.get(key, ""), now=now.get(key, "")) for key, text in written.items()}


def numbers_of_their_own(written: str, *, drafted: str) -> int:
    """Count the lines with a digit that stand in no draft: nobody but a reader can tell whether they are still true."""
    known = set(drafted.splitlines())
    return sum(line not in known and any(sign.isdigit() for sign in line) for line in written.splitlines())


def _follows(before: list[str], now: list[str]) -> dict[str, list[str]]:
    """Return by each drafted line what stands in its place now; what is new stands after the line before it."""
    follows: dict[str, list[str]] = {line: [] for line in before if line.strip()}
    for _tag, first, after, start, end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        old, new = before[first:after], now[start:end]
        for at, line in enumerate(new):
            anchor = old[min(at, len(old) - 1)] if old else before[max(first - 1, 0)] if before else ""
            if anchor in follows:
                follows[anchor].append(line)
    return follows
