"""The raw text of a message as everybody may see it: its form stays, whom it is about does not."""

import json
import re
from typing import Any

LEAST_OF_A_NUMBER = 5
"""Digits from which a run is a number of somebody's; a date and most amounts are shorter."""

LONGEST_SHOWN = 20_000
LONGEST_LABEL = 16

_DIGITS = re.compile(rf"[0-9]{{{LEAST_OF_A_NUMBER},}}")
_BESIDE_WORDS = re.compile(r"(?<=[\u4e00-\u9fff])[0-9]+|[0-9]+(?=[\u4e00-\u9fff])")
"""Numbers of doors and houses: 3号楼2单元401."""
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LABELLED = re.compile(rf"(?m)(^|[;；|,，\s])([^\s:：=;；|,，]{{1,{LONGEST_LABEL}}}\s*[:：=])")


def masked(text: str) -> str:
    """Return a text with every word but its first character and every number but its ends hidden.

    The keys of JSON and the labels before a colon stay: by them one sees why a mapping found nothing.
    """
    text = text[:LONGEST_SHOWN]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _masked_lines(text)
    if not isinstance(value, dict | list):
        return _masked_lines(text)
    try:
        return json.dumps(_masked_value(value), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return _masked_words(text)


def _masked_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked_value(inner) for inner in value]
    if isinstance(value, str):
        return _masked_words(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        bare = str(value)
        return _masked_words(bare) if _DIGITS.search(bare) else value
    return value


def _masked_lines(text: str) -> str:
    """Mask all but labels."""
    parts: list[str] = []
    at = 0
    for found in _LABELLED.finditer(text):
        label = found[0] if not _DIGITS.search(found[0]) else _masked_words(found[0])
        parts += [_masked_words(text[at : found.start()]), label]
        at = found.end()
    return "".join([*parts, _masked_words(text[at:])])


def _masked_words(text: str) -> str:
    text = _DIGITS.sub(lambda found: _hidden(found[0]), text)
    text = _BESIDE_WORDS.sub(lambda found: "*" * len(found[0]), text)
    return _WORDS.sub(lambda found: found[0][0] + "*" * min(len(found[0]) - 1, 8), text)


def _hidden(digits: str) -> str:
    if len(digits) < 9:
        return digits[0] + "*" * (len(digits) - 1)
    return digits[:3] + "*" * (len(digits) - 7) + digits[-4:]
