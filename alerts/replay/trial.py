"""A period under another policy or roster, held against what happened: read, played apart, compared.

What happened is played again as well, under its own policy and roster. An alert of which that does not come out as it
was (the clock stood still that day, somebody's post is not on record any more) is named and held against nothing: what
the play says of it under another policy would say nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Self

from django.conf import settings
from django.utils.translation import gettext as _

from alerts.policy import ObjectiveState
from alerts.replay.files import Roster
from alerts.replay.history import History, Past, read_history, received_in
from alerts.replay.recording import RecordingError
from alerts.replay.rehearsal import Came, make_tables, rehearse

PLAY = "ANTIFRAUD_REPLAY_PERIOD"
"""Set in the process that plays: the file with what it plays. That process has an empty database of its own."""

MOST_ALERTS = 2000
"""So many alerts one trial has at the most: some five minutes on two cores, for it is played twice."""

Clock = tuple[str, str, str, float | None]
Report = Callable[[int, int], None]

ENDED = frozenset({ObjectiveState.MET, ObjectiveState.BREACHED})

BEAT = 20
"""Seconds of silence after which a replay says that it lives: an ordered file is somebody else's after ninety."""

MOST_BEATS = 2 * MOST_ALERTS + 180
"""So many lines and silences a play has at the most: all its alerts twice, and an hour of waiting."""

SAME_WITHIN = 1.0
"""Seconds by which the time of something may differ and still be the same: a sweep is a moment late."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Clocks of a kind, kept and breached: as it was, and as it would have been. Those that run on are in neither."""

    kept: int = 0
    breached: int = 0
    kept_there: int = 0
    breached_there: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Add up tallies of different places or clocks."""
        return Tally(
            self.kept + other.kept,
            self.breached + other.breached,
            self.kept_there + other.kept_there,
            self.breached_there + other.breached_there,
        )

    @classmethod
    def of(cls, then: str, there: str) -> Self:
        """Return the tally of one clock, by its two states."""
        met, late = ObjectiveState.MET, ObjectiveState.BREACHED
        return cls(int(then == met), int(then == late), int(there == met), int(there == late))


@dataclass(frozen=True, slots=True)
class Verdict:
    """One clock of one alert, both ways. Seconds are how long its work took."""

    objective: str
    level: str
    then: str
    then_took: float | None
    there: str
    there_took: float | None

    @property
    def differs(self) -> bool:
        """Whether it was kept and would have been breached, or the other way round."""
        return self.then != self.there and not ENDED.isdisjoint((self.then, self.there))


@dataclass(frozen=True, slots=True)
class Differing:
    """One alert that would have gone otherwise, with the lines of both timelines."""

    pk: int
    place: str
    level: str
    verdicts: tuple[Verdict, ...]
    then: tuple[tuple[float, str, int | None, str], ...]
    there: tuple[tuple[float, str, int | None, str], ...]
    someone_else: int | None


@dataclass(frozen=True)
class Result:
    """What a trial found.

    Attributes:
        received: alerts of the period; ``compared`` of them came out as they were, ``unlike`` are the others' numbers.
        clocks: objective and level → tally. ``grids``: name → tally of all its clocks.
        quicker, slower: clocks whose work would have been done sooner or later, verdict apart.
    """

    received: int
    compared: int
    unlike: tuple[int, ...]
    clocks: Mapping[str, Tally]
    grids: Mapping[str, Tally]
    quicker: int
    slower: int
    differing: tuple[Differing, ...] = field(default=())

    def as_plain(self) -> dict[str, Any]:
        """Return it fit for JSON."""
        return asdict(self)

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> Self:
        """Return what ``as_plain`` wrote down."""
        differing = tuple(
            Differing(**(one | {"verdicts": tuple(Verdict(**it) for it in one["verdicts"])}))
            for one in told["differing"]
        )
        tallies = {name: {key: Tally(**tally) for key, tally in told[name].items()} for name in ("clocks", "grids")}
        return cls(**{**told, **tallies, "unlike": tuple(told["unlike"]), "differing": differing})

    @property
    def all(self) -> Tally:
        """Every clock together."""
        return sum(self.clocks.values(), Tally())


def try_out(
    area_code: str,
    begin: datetime,
    end: datetime,
    *,
    policy: list[dict[str, Any]] | None,
    roster: Roster | None,
    now: datetime,
    report: Report = lambda _done, _total: None,
) -> Result:
    """Play a period twice, as it was and otherwise, and hold the two against each other.

    Nothing is written to the live tables: they are read here, and played in a process with a database of its own
    (docs/decisions/a-replay-has-a-database-of-its-own.md). Raises ``RecordingError`` for a period with too many alerts.
    """
    require_playable(received_in(area_code, begin, end))
    history = read_history(area_code, begin, end, now=now)
    watches = roster.applied_to(history.watches) if roster is not None else None
    then, there = play_apart(history, policy=policy, watches=watches, report=report)
    return compare(history.counted, then, there)


def require_playable(received: int) -> None:
    """Raise ``RecordingError`` where a period has too many alerts to be played, or none."""
    if not received:
        raise RecordingError([_("No alert came in there in that time. Choose other days or a wider area.")])
    if received > MOST_ALERTS:
        words = _("{number} alerts came in, and one replay holds {most} at most. Choose fewer days or a smaller area.")
        raise RecordingError([words.format(number=received, most=MOST_ALERTS)])


# ── apart ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def play_apart(
    history: History, *, policy: list[dict[str, Any]] | None, watches: Sequence[Any] | None, report: Report
) -> tuple[list[Came], list[Came]]:
    """Play a history as it was and otherwise, in a process of its own; return both."""
    with tempfile.TemporaryDirectory(prefix="antifraud-replay-") as folder:
        play = Path(folder) / "play.json"
        other = {"policy": policy, "watches": None if watches is None else [asdict(watch) for watch in watches]}
        play.write_text(json.dumps({"history": json.loads(history.as_json()), **other}), encoding="utf-8")
        with subprocess.Popen(  # our own interpreter, a list and no shell
            # Who starts it has been checked: the same code under the same settings.
            [sys.executable, "-m", "django", "replay_alerts", "--skip-checks"],
            env=os.environ | surroundings(folder) | {PLAY: str(play)},
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=(Path(folder) / "errors").open("wb"),
            encoding="utf-8",
        ) as process:
            try:
                found = _heard(process, report)
            finally:
                process.kill()  # one that has come to its end takes no notice
        if not found:
            errors = (Path(folder) / "errors").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"the replay's process failed: {errors[-2000:]}")
    return [_came(one) for one in found["then"]], [_came(one) for one in found["there"]]


def _heard(process: subprocess.Popen[str], report: Report) -> dict[str, Any]:
    """Return the last thing that a playing process said; pass on how far it is, or that it lives."""
    lines: Queue[str] = Queue()
    assert process.stdout is not None
    threading.Thread(target=_listen, args=(process.stdout, lines), daemon=True).start()
    done = total = 0
    for _beat in range(MOST_BEATS):
        try:
            line = lines.get(timeout=BEAT)
        except Empty:
            report(done, total)
            continue
        if not line:
            return {}
        told: dict[str, Any] = json.loads(line)
        if "then" in told:
            return told
        done, total = told["done"], told["total"]
        report(done, total)
    raise RecordingError([_("It took too long. Choose fewer days or a smaller area.")])


def _listen(stream: Iterable[str], lines: "Queue[str]") -> None:
    for line in stream:
        lines.put(line)
    lines.put("")


def surroundings(folder: str) -> dict[str, str]:
    """Return what a process with a database of its own is started with."""
    return {
        "DATABASE_URL": f"sqlite:///{folder}/replay.sqlite3",
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "antifraud.settings"),
        "PYTHONIOENCODING": "utf-8",
    }


def play_here(path: Path, write: Callable[[str], object]) -> None:
    """Play what a file says in this process's own empty database, and write lines of JSON: progress, then what came.

    Raises ``RuntimeError`` where the database is not the one made for it.
    """
    if Path(settings.DATABASES["default"]["NAME"]).parent != path.parent:
        raise RuntimeError("a period is played in a database of its own alone")
    told = json.loads(path.read_text(encoding="utf-8"))
    history = History.from_json(json.dumps(told["history"]))
    make_tables()
    total = 2 * len(history.alerts)

    def reporter(before: int) -> Report:
        return lambda done, _total: _say(write, {"done": before + done, "total": total})

    then = rehearse(history, report=reporter(0))
    watches = history.watches if told["watches"] is None else History.watches_of(told["watches"])
    there = rehearse(history, policy=told["policy"], watches=watches, report=reporter(len(history.alerts)))
    _say(write, {"then": [asdict(one) for one in then], "there": [asdict(one) for one in there]})


def _say(write: Callable[[str], object], told: Mapping[str, Any]) -> None:
    write(json.dumps(told, ensure_ascii=False))


def _came(told: Mapping[str, Any]) -> Came:
    return Came(**{**told, **{name: [tuple(row) for row in told[name]] for name in ("clocks", "lines")}})


# ── held against each other ─────────────────────────────────────────────────────────────────────────────────────────


def compare(pasts: Sequence[Past], then: Iterable[Came], there: Iterable[Came]) -> Result:
    """Hold what happened against what would have: of each alert that comes out as it was when nothing is changed."""
    again, other = ({came.pk: came for came in played} for played in (then, there))
    clocks: dict[str, Tally] = {}
    grids: dict[str, Tally] = {}
    unlike: list[int] = []
    differing: list[Differing] = []
    quicker = slower = 0
    for past in pasts:
        if not _is_same(past.clocks, again[past.pk].clocks):
            unlike.append(past.pk)
            continue
        verdicts = _verdicts(past.clocks, other[past.pk].clocks)
        for verdict in verdicts:
            tally = Tally.of(verdict.then, verdict.there)
            key = verdict.objective if verdict.objective == "dispatch" else f"{verdict.objective}.{verdict.level}"
            clocks[key] = clocks.get(key, Tally()) + tally
            grids[past.place_name] = grids.get(past.place_name, Tally()) + tally
            sooner = (verdict.then_took or 0) - (verdict.there_took or 0)
            if verdict.then_took is not None and verdict.there_took is not None:
                quicker += sooner > SAME_WITHIN
                slower += sooner < -SAME_WITHIN
        if any(verdict.differs for verdict in verdicts):
            differing.append(
                Differing(
                    past.pk,
                    past.place_name,
                    past.level,
                    tuple(verdicts),
                    tuple(again[past.pk].lines),
                    tuple(other[past.pk].lines),
                    other[past.pk].someone_else,
                )
            )
    return Result(
        received=len(pasts),
        compared=len(pasts) - len(unlike),
        unlike=tuple(unlike),
        clocks=dict(sorted(clocks.items())),
        grids=dict(sorted(grids.items())),
        quicker=quicker,
        slower=slower,
        differing=tuple(differing),
    )


def _is_same(one: Iterable[Clock], other: Iterable[Clock]) -> bool:
    """Say whether two tellings of an alert's clocks agree: the same verdicts, the same times but for a moment."""
    mine, theirs = _by_kind(one), _by_kind(other)
    return mine.keys() == theirs.keys() and all(
        state == theirs[key][0] and _is_about(took, theirs[key][1]) for key, (state, took) in mine.items()
    )


def _is_about(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) <= SAME_WITHIN


def _by_kind(clocks: Iterable[Clock]) -> dict[tuple[str, str], tuple[str, float | None]]:
    return {(objective, level): (state, took) for objective, level, state, took in clocks}


def _verdicts(then: Iterable[Clock], there: Iterable[Clock]) -> list[Verdict]:
    mine, theirs = _by_kind(then), _by_kind(there)
    nothing = ("", None)
    return [
        Verdict(*key, *mine.get(key, nothing), *theirs.get(key, nothing)) for key in dict.fromkeys((*mine, *theirs))
    ]
