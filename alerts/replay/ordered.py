"""Replays are ordered on a page and played by a worker, as files are: with progress, again where a worker died."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local, midnight
from accounts.formats import day
from accounts.models import User
from accounts.services import RefusedError
from alerts.models import Replay
from alerts.replay.files import Roster
from alerts.replay.history import Watch, received_in
from alerts.replay.recording import RecordingError
from alerts.replay.trial import Result, require_playable, try_out
from alerts.replay.workbook import replay_workbook
from residents.models import Area, Rule
from residents.policy import RuleName
from sheets.models import FileJob
from sheets.services.ordering import Made, Progress, order_file

KEY, VERB = "replay", "alerts.replayed"


@dataclass(frozen=True)
class ReplayMaker:
    """Plays a period and writes down what was found: on the replay's page, and as a workbook."""

    key: str = KEY
    verb: str = VERB

    def make(self, job: FileJob, *, now: datetime, progress: Progress) -> Made:
        """Return the workbook. Raises ``RefusedError`` where who ordered it may see the area no more."""
        seen = Replay.objects.visible_to(job.by, on=local(now).date()).select_related("area")
        replay = seen.filter(pk=job.options["replay"]).first()
        if replay is None:
            raise RefusedError(_("This replay is not there any more, or not yours to see."))
        begin, end = ends_of(replay.first, replay.last)
        progress(0, 0)
        try:
            found = try_out(
                replay.area.code,
                begin,
                end,
                policy=replay.steps or None,
                roster=roster_from(replay.roster),
                now=now,
                report=progress,
            )
        except RecordingError as error:
            raise RefusedError(str(error)) from error
        replay.keep(found.as_plain())
        name = _("{area} replay {first} to {last}.xlsx").format(area=replay.area, first=replay.first, last=replay.last)
        return Made(name, replay_workbook(replay, found), rows=found.received)

    def may_have(self, job: FileJob, *, on: date) -> bool:
        """Say whether who ordered it may still see the replay's area."""
        return Replay.objects.visible_to(job.by, on=on).filter(pk=job.options["replay"]).exists()


@transaction.atomic
def order_replay(
    area: Area,
    first: date,
    last: date,
    *,
    policy: tuple[str, list[dict[str, Any]]],
    roster: tuple[str, Roster | None],
    by: User,
    now: datetime,
) -> Replay:
    """Have a worker play a period. Raises ``RecordingError`` where it has too many alerts, or none."""
    require_playable(received_in(area.code, *ends_of(first, last)))
    replay = Replay.objects.create(
        area=area,
        first=first,
        last=last,
        policy_name=policy[0][:120],
        steps=policy[1],
        roster_name=roster[0][:200],
        roster=_as_plain(roster[1]),
        by=by,
        at=now,
    )
    title = _("Replay of {area}, {first} to {last}").format(area=area, first=day(first), last=day(last))
    days = Rule.objects.number(RuleName.KEEP_EXPORTS_DAYS)
    replay.job = order_file(
        KEY, title=title, area_code=area.code, options={"replay": replay.pk}, keep_days=days, by=by, now=now
    )
    replay.save(update_fields=["job"])
    return replay


def ends_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moment at which some days begin, and the one at which they are over."""
    return midnight(first), midnight(last + timedelta(days=1))


def found_by(replay: Replay) -> Result:
    """Return what a replay that was played found."""
    return Result.from_plain(replay.result)


def _as_plain(roster: Roster | None) -> dict[str, Any]:
    if roster is None:
        return {}
    return {"gone": sorted(roster.gone), "new": [asdict(watch) for watch in roster.new], "weeks": roster.weeks}


def roster_from(told: Mapping[str, Any]) -> Roster | None:
    """Return what another roster changes, as it was written down."""
    if not told:
        return None
    return Roster(frozenset(told["gone"]), tuple(Watch(**watch) for watch in told["new"]), told["weeks"])
