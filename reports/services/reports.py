"""A report's life: drawn up, its words written, signed, revised. Numbers come from above and are nobody's to edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.formats import whole_moment
from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from campaigns.policy import Span
from cases.policy import DatedBy
from notifications.services import tell, withdraw
from reports import letters
from reports.models import Report, ReportFile
from reports.policy import Paper, Section, State, carried_sections, kind_of
from reports.services.common import ReportsError
from residents.access import may
from residents.models import Area, Post


@dataclass(frozen=True, slots=True)
class FileToKeep:
    """A file that is signed with a report."""

    paper: Paper
    name: str
    content: bytes


def may_sign(report: Report, user: User, *, on: date) -> bool:
    """Say whether somebody may sign a report, and so write its words and draw it anew."""
    return may(user, report.sign_duty, report.area.code, on)


def signers_of(report: Report, *, on: date) -> list[User]:
    """Return who is told of a draft: who may sign it by a post at its area, and a community's police liaison."""
    posts = Post.objects.current(on).filter(area=report.area, user__is_active=True)
    of_duty = posts.with_duty(report.sign_duty)
    told = of_duty if report.is_summary else posts.filter(Q(pk__in=of_duty) | Q(role=Role.POLICE_LIAISON))
    return list({post.user_id: post.user for post in told.select_related("user").order_by("pk")}.values())


def create_draft(
    area: Area,
    span: Span,
    *,
    dated_by: DatedBy,
    figures: Mapping[str, Any],
    parts: Mapping[str, Any],
    drafted: Mapping[str, str],
    edited: Mapping[str, str],
    language: str,
    by: User | None,
    now: datetime,
) -> Report | None:
    """Write a draft down and tell who signs it; ``None`` where one is there already: two may try at once.

    It is the first revision, or the next where the last was signed.
    """
    try:
        with transaction.atomic():
            last = Report.objects.of(area, span).order_by("-revision").first()
            if last is not None and not last.is_signed:
                return None
            report = Report.objects.create(
                area=area,
                kind=kind_of(span),
                first=span.first,
                after=span.after,
                revision=1 if last is None else last.revision + 1,
                dated_by=dated_by,
                figures=dict(figures),
                parts=dict(parts),
                drafted=dict(drafted),
                edited=carried_sections(edited, before=last.drafted if last else {}, now=drafted),
                language=language,
                prepared_at=now,
                prepared_by=by,
            )
            _note("prepared", report, by=by, now=now)
            people = signers_of(report, on=local(now).date())
            tell([letters.report_to_sign(one, report) for one in people if one != by], now=now)
    except IntegrityError:  # somebody else was first, between the look and the write
        return None
    return report


def _note(verb: str, report: Report, *, by: User | None, now: datetime, **detail: Any) -> None:
    shown = {"first": report.first.isoformat(), "after": report.after.isoformat(), "revision": report.revision} | detail
    record(f"reports.{verb}", by=by, at=now, about=report, area_code=report.area.code, detail=shown)


def locked(report: Report) -> Report:
    """Return a report as it stands now, for this transaction alone. Raises ``ReportsError`` once it is signed."""
    # Who signed is asked for after the lock: PostgreSQL looks at the locked row anew, and not at what was joined to it.
    now = Report.objects.select_for_update(of=("self",)).select_related("area").filter(pk=report.pk).first()
    if now is None:
        raise ReportsError(_("This draft was thrown away meanwhile."))
    if now.is_signed:
        raise ReportsError(
            _("Signed already by {who}, {when}. What is signed is never changed; make a revision.").format(
                who=now.signed_by, when=whole_moment(now.signed_at) if now.signed_at else ""
            )
        )
    return now


@transaction.atomic
def redraw(
    report: Report,
    *,
    figures: Mapping[str, Any],
    parts: Mapping[str, Any],
    drafted: Mapping[str, str],
    language: str,
    by: User | None,
    now: datetime,
) -> Report:
    """Put new numbers, and words drafted from them, into a draft; what a person wrote stays. See ``locked``."""
    draft = locked(report)
    draft.edited = carried_sections(draft.edited, before=draft.drafted, now=drafted)
    draft.figures, draft.parts, draft.drafted = dict(figures), dict(parts), dict(drafted)
    draft.language, draft.prepared_at, draft.prepared_by = language, now, by
    draft.save()
    _note("redrawn", draft, by=by, now=now)
    return draft


@transaction.atomic
def write_words(report: Report, texts: Mapping[str, str], *, by: User, now: datetime) -> Report:
    """Keep the words somebody wrote; a section left as it was drafted stays the program's. Raises ``ReportsError``."""
    draft = locked(report)
    before = dict(draft.edited)
    for section, text in texts.items():
        written = "\n".join(line.rstrip() for line in text.strip().splitlines())
        if written == draft.drafted.get(section, "").strip():
            draft.edited.pop(section, None)
        else:
            draft.edited[section] = written
    if draft.edited != before:
        draft.save(update_fields=["edited"])
        changed = sorted(one for one in Section.values if draft.edited.get(one) != before.get(one))
        _note("words_written", draft, by=by, now=now, sections=changed)
    return draft


@transaction.atomic
def restore_words(report: Report, section: Section, *, by: User, now: datetime) -> Report:
    """Take the drafted words of a section instead of what somebody wrote. Raises ``ReportsError``."""
    draft = locked(report)
    if draft.edited.pop(section, None) is not None:
        draft.save(update_fields=["edited"])
        _note("words_restored", draft, by=by, now=now, sections=[str(section)])
    return draft


def sign(draft: Report, *, files: Sequence[FileToKeep], by: User, now: datetime) -> Report:
    """Freeze a draft that the caller holds (``locked``), with its files. In the caller's transaction."""
    for file in files:
        kept = ReportFile(
            report=draft,
            paper=file.paper,
            name=file.name[:200],
            size=len(file.content),
            sha256=sha256(file.content).hexdigest(),
            made_at=now,
        )
        kept.keep(file.content)
        kept.save()
    draft.state, draft.signed_by, draft.signed_at = State.SIGNED, by, now
    draft.save(update_fields=["state", "signed_by", "signed_at"])
    hashes = {file.paper: sha256(file.content).hexdigest() for file in files}
    _note("signed", draft, by=by, now=now, sha256={str(paper): one for paper, one in hashes.items()})
    withdraw([letters.report_key(draft.pk)], now=now)
    return draft


def print_report(report: Report, *, by: User, now: datetime) -> None:
    """Write down that a report went to paper."""
    _note("printed", report, by=by, now=now)


def hand_out_file(file: ReportFile, *, by: User, now: datetime) -> None:
    """Write down that a signed report's file left, and which bytes it was."""
    _note("exported", file.report, by=by, now=now, paper=file.paper, sha256=file.sha256)


def hand_out_public(report: Report, *, by: User, now: datetime) -> None:
    """Write down that the version of a signed report that anybody may read left."""
    _note("exported", report, by=by, now=now, paper="public")


@transaction.atomic
def discard(report: Report, *, by: User, now: datetime) -> None:
    """Throw a draft away; the nightly round makes a month's first draft anew. Raises ``ReportsError`` once signed."""
    draft = locked(report)
    _note("discarded", draft, by=by, now=now)
    withdraw([letters.report_key(draft.pk)], now=now)
    draft.delete()
