"""The verbs of texts: a community writes its own, or goes back to the general one."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from knowledge.models import Text

WORDS = ("title_zh", "title_en", "body_zh", "body_en", "origin")


class KnowledgeError(Exception):
    """Something that cannot be done, in words staff may read."""


@transaction.atomic
def keep_text(key: str, *, community_code: str, words: Mapping[str, str], by: User, now: datetime) -> Text:
    """Write a community's own text under a key, or the general one where the code is "".

    Raises ``KnowledgeError`` for a key nobody knows: a community changes texts, it invents no keys.
    """
    if not Text.objects.filter(key=key).exists():
        raise KnowledgeError(_("There is no such text."))
    text = Text.objects.select_for_update().filter(key=key, community_code=community_code).first()
    text = text or Text(key=key, community_code=community_code)
    is_new = text.pk is None
    for name in WORDS:
        setattr(text, name, words[name])
    text.updated_at = now
    try:
        text.full_clean()
    except ValidationError as error:
        raise KnowledgeError(" ".join(error.messages)) from error
    text.save()
    verb = "knowledge.text_written" if is_new else "knowledge.text_changed"
    record(verb, by=by, at=now, about=text, area_code=community_code, detail={"key": key})
    return text


@transaction.atomic
def reset_text(key: str, *, community_code: str, by: User, now: datetime) -> None:
    """Let a community's own text go, so that the general one holds there again.

    Raises ``KnowledgeError`` where the community has none of its own. The words go into the trail: nothing is lost.
    """
    text = Text.objects.filter(key=key, community_code=community_code).exclude(community_code="").first()
    if text is None:
        raise KnowledgeError(_("The general text holds here already."))
    detail = {"key": key, **{name: getattr(text, name) for name in WORDS}}
    record("knowledge.text_reset", by=by, at=now, about=text, area_code=community_code, detail=detail)
    text.delete()
