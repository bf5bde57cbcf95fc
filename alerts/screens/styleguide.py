"""Every component in every state, out of invented values: what the page of the look shows while developing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.formats import milliseconds
from alerts.policy import Confirmation, Level, State
from alerts.screens.alert import Contact, Press, Step
from alerts.screens.board import Column, Day, Kept
from alerts.screens.calls import Calls
from alerts.screens.card import Card, Mark, NextStep
from alerts.screens.clock import ClockFace, counted
from alerts.screens.watching import Pulse

DURATION = timedelta(minutes=10)
PHASES = {"early": timedelta(minutes=2), "half": timedelta(minutes=7), "late": timedelta(minutes=12)}


@dataclass(frozen=True, slots=True)
class Said:
    """A message as ``django.contrib.messages`` gives it to a template."""

    level_tag: str
    words: str

    def __str__(self) -> str:
        return self.words


def clock_in(phase: str, *, now: datetime) -> ClockFace:
    """Return a clock in a phase, from which it goes on counting."""
    start = now - PHASES[phase]
    left = start + DURATION - now
    return ClockFace(
        start_at=start,
        due_at=start + DURATION,
        phase=phase,
        text=counted(left) if left > timedelta(0) else f"+{counted(-left)}",
        total=int(DURATION.total_seconds()),
        gone=int(min(PHASES[phase], DURATION).total_seconds()),
    )


def card(number: int, level: Level, state: State, phase: str, *, now: datetime, is_unplaced: bool = False) -> Card:
    """Return the card of an invented alert; ``phase`` is empty where its work is done."""
    is_received = state == State.RECEIVED
    return Card(
        pk=number,
        url=f"#alert-{number}",
        level=level,
        level_word=str(level.label),
        state=state,
        is_drill=number % 4 == 0,
        kind="接到自称客服的电话，正在转账 · 冒充电商物流客服",
        who="王**" if not is_unplaced else "199****0417",
        facts="女 · 68岁 · 独居" if not is_unplaced else "",
        where="3号楼2单元401 · 第一网格" if not is_unplaced else "菜市场旁第二个小区",
        grid="" if is_unplaced else "第一网格",
        is_unplaced=is_unplaced,
        clock=clock_in(phase, now=now) if phase else None,
        next_step=NextStep(milliseconds(now + timedelta(seconds=50)), "00:50", "后自动转交")
        if phase == "half"
        else None,
        holder="" if is_received else "李敏",
        holder_note="" if is_received else "第一预警专员",
        is_mine=not is_received,
        is_helping=False,
        marks=(
            Mark("电话", "done", now - timedelta(minutes=3)),
            Mark("上门", "open"),
            Mark("家属", "excused"),
        ),
        proposed="将派给李敏" if is_received else "",
        warned_before="",
    )


def cards(*, now: datetime) -> list[Card]:
    """Return a card of every level in every state and phase."""
    stages = [(State.RECEIVED, "early"), (State.DISPATCHED, "half"), (State.ACCEPTED, "late"), (State.ACCEPTED, "")]
    kinds = [(level, state, phase) for state, phase in stages for level in Level]
    drawn = [card(number, level, state, phase, now=now) for number, (level, state, phase) in enumerate(kinds, 1)]
    return [*drawn, card(len(drawn) + 1, Level.MEDIUM, State.RECEIVED, "half", now=now, is_unplaced=True)]


def dense(*, now: datetime) -> Column:
    """Return a long column: what does not press is small."""
    kinds = [(Level.HIGH, "half"), (Level.LOW, "late"), *[(level, "early") for level in (Level.MEDIUM, Level.LOW)] * 3]
    drawn = [card(100 + number, level, State.RECEIVED, phase, now=now) for number, (level, phase) in enumerate(kinds)]
    return Column(drawn)


def pocket(*, now: datetime) -> list[Card]:
    """Return cards as a phone shows them: to be accepted, in hand and overdue, done and to be closed, helped."""
    mine = [
        (Level.HIGH, State.DISPATCHED, "half"),
        (Level.MEDIUM, State.ACCEPTED, "late"),
        (Level.LOW, State.ACCEPTED, ""),
    ]
    drawn = [card(200 + n, level, state, phase, now=now) for n, (level, state, phase) in enumerate(mine)]
    helped = replace(card(210, Level.HIGH, State.ACCEPTED, "early", now=now), is_mine=False, is_helping=True)
    return [*drawn, helped]


def strips(*, now: datetime) -> list[Calls]:
    """Return the strip of what waits for somebody, for each level; the first with more behind it."""
    return [
        Calls([card(300 + 10 * n + m, level, State.DISPATCHED, "half", now=now) for m in range(3 if n == 0 else 1)])
        for n, level in enumerate(Level)
    ]


def steps(*, now: datetime) -> list[Step]:
    """Return a step that is open, one done, one excused."""
    contacts = (Contact(False, "本人", "王**", "199****0417", ""), Contact(True, "女儿", "李*", "", "19900000418"))
    presses = (Press("phone_confirmed", "电话已确认", is_main=True), Press("phone_tried", "没有接通"))
    hint, reasons = "先打电话，再上门。", ("民警已在门口", "没有家属")
    tried = ("14:06 没有接通",)
    return [
        Step(1, Confirmation.PHONE, "电话核实", hint, "open", None, "", tried, contacts, presses, reasons),
        Step(2, Confirmation.DOOR, "上门核实", hint, "done", now, "", (), (), (), ()),
        Step(3, Confirmation.FAMILY, "联系家属", hint, "excused", None, "没有家属", (), (), (), ()),
    ]


def figures(*, now: datetime) -> Day:
    """Return figures with everything in them that can be said."""
    return Day(
        begins=now.replace(minute=0),
        received=23,
        high=8,
        medium=11,
        low=4,
        dispatched=Kept(22, 23),
        high_reached=Kept(7, 8),
        others_reached=Kept(11, 11),
        dissuaded=5,
        prevented=Decimal(126_000),
        on_call=7,
        posts=8,
        gaps=("第三网格",),
    )


def pulses(*, now: datetime) -> list[Pulse]:
    """Return a clock that is swept, and one that stands."""
    return [Pulse(now - timedelta(seconds=1), now), Pulse(now - timedelta(seconds=25), now)]


def messages() -> list[Said]:
    """Return a message of every kind."""
    said = {"success": "已下发给第一网格。", "info": "已保存。", "warning": "没有收到回执。", "error": "已由李敏接单。"}
    return [Said(level_tag, words) for level_tag, words in said.items()]
