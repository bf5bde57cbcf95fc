"""The verbs of texts: a community writes its own, or goes back to the general one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from knowledge.models import Text, TextVersion
from knowledge.policy import STORY, names_somebody

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
    _refuse_who_is_named(key, words)
    if not is_new:
        keep_first_version(text)
    for name in WORDS:
        setattr(text, name, words[name])
    text.updated_at = now
    try:
        text.full_clean()
    except ValidationError as error:
        raise KnowledgeError(" ".join(error.messages)) from error
    text.save()
    keep_version(text, by=by)
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
    keep_first_version(text)
    detail = {"key": key, **{name: getattr(text, name) for name in WORDS}}
    record("knowledge.text_reset", by=by, at=now, about=text, area_code=community_code, detail=detail)
    text.delete()


def keep_version(text: Text, *, by: User | None) -> TextVersion:
    """Keep how a text reads from its change on. Belongs into the transaction that changes it."""
    words = {name: getattr(text, name) for name in WORDS}
    return TextVersion.objects.create(
        key=text.key, community_code=text.community_code, at=text.updated_at, by=by, **words
    )


def keep_first_version(text: Text) -> None:
    """Keep how a text read before its first change here, so that nothing shipped is ever lost."""
    if not TextVersion.objects.filter(key=text.key, community_code=text.community_code).exists():
        keep_version(Text.objects.get(pk=text.pk), by=None)


def restore_version(version: TextVersion, *, by: User, now: datetime) -> Text:
    """Write the words of an earlier version anew; what stood since is kept as a version too.

    Raises ``KnowledgeError`` as ``keep_text`` does.
    """
    words = {name: getattr(version, name) for name in WORDS}
    return keep_text(version.key, community_code=version.community_code, words=words, by=by, now=now)


@transaction.atomic
def draft_story(
    community_code: str, *, words: Mapping[str, str], names: Collection[str], by: User, now: datetime
) -> Text:
    """Keep a new story of a community as a draft, under a key of its own.

    Raises ``KnowledgeError`` where the words could lead to somebody: a long number, or one of the ``names``.
    """
    key = f"{STORY}{uuid4().hex[:12]}"
    _refuse_who_is_named(key, words, names=names)
    text = Text(key=key, community_code=community_code, is_draft=True, updated_at=now)
    for name in WORDS:
        setattr(text, name, words.get(name, ""))
    try:
        text.full_clean()
    except ValidationError as error:
        raise KnowledgeError(" ".join(error.messages)) from error
    text.save()
    keep_version(text, by=by)
    record("knowledge.text_drafted", by=by, at=now, about=text, area_code=community_code, detail={"key": key})
    return text


@transaction.atomic
def release_text(text: Text, *, by: User, now: datetime) -> None:
    """Let a draft be read by all for whom texts are. Pressing twice changes nothing."""
    if Text.objects.filter(pk=text.pk, is_draft=True).update(is_draft=False):
        detail = {"key": text.key}
        record("knowledge.text_released", by=by, at=now, about=text, area_code=text.community_code, detail=detail)


def _refuse_who_is_named(key: str, words: Mapping[str, str], *, names: Collection[str] = ()) -> None:
    if not key.startswith(STORY):
        return
    found = names_somebody("\n".join(words.get(name, "") for name in WORDS), names=names)
    if found:
        raise KnowledgeError(
            _('A story names nobody, and holds no phone, account or ID number. Take out "{found}".').format(found=found)
        )
