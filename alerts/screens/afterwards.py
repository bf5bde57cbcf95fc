"""What is still to be done about closed alerts: second feedbacks, call-backs; and a story's first draft."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from accounts.clock import local, midnight
from accounts.formats import headline, share
from accounts.models import User
from accounts.roles import Duty
from alerts.figures.afterwards import found_true
from alerts.models import Alert, AlertQuerySet, Rule, TimelineEntry
from alerts.policy import Confirmation, Outcome, RuleName, is_to_be_called_back
from alerts.screens.card import kind_of, where_of, who_of
from knowledge.policy import LONG_NUMBER
from residents.access import scope_codes, within
from residents.policy import AGE_BANDS

SHOWN = 50
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Todo:
    """One closed alert about which something is still to be done."""

    pk: int
    url: str
    level: str
    level_word: str
    who: str
    where: str
    kind: str
    outcome: str
    is_bad: bool
    closed_at: datetime
    holder: str
    due_on: date
    is_late: bool


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What one person, or a desk, has still to do about closed alerts."""

    feedback: list[Todo]
    call_backs: list[Todo]
    is_desk: bool
    found_true: str
    own_closed: int


def afterwards(user: User, *, now: datetime) -> Afterwards:
    """Return it: to the desk all of its areas, to everybody else the alerts they hold. A fixed number of queries."""
    on = local(now).date()
    rules = Rule.objects.numbers()
    desks = scope_codes(user, Duty.WATCH_DESK, on)
    seen = Alert.objects.visible_to(user, on=on)
    mine = seen if desks is None else seen.filter(within("area_code", desks)) | seen.filter(holder=user)
    waiting = _read(mine.awaiting_feedback().order_by("closed_at")[:SHOWN])
    at_desk = Alert.objects.at_desks(desks)
    drawn = _drawn(at_desk, rules, now=now) if desks != () else []
    own = _closed_by(drawn, user)
    others = [alert for alert in drawn if alert.pk not in own]
    made = found_true(at_desk, begin=midnight(on) - YEAR, end=now) if desks != () else None
    return Afterwards(
        feedback=[_todo(alert, days=rules[RuleName.FEEDBACK_DAYS], now=now) for alert in waiting],
        call_backs=[_todo(alert, days=rules[RuleName.CALL_BACK_DAYS], now=now) for alert in others[:SHOWN]],
        is_desk=desks != (),
        found_true=share(made.true, made.called) if made else "",
        own_closed=len(own),
    )


def _read(alerts: AlertQuerySet) -> list[Alert]:
    return list(alerts.select_related("grid", "holder", "fraud_type", "source", "resident__household"))


def _drawn(alerts: AlertQuerySet, rules: dict[str, int], *, now: datetime) -> list[Alert]:
    """Return the alerts that the sample draws and nobody has called back about, the longest closed first."""
    since = now - timedelta(days=rules[RuleName.CALL_BACK_DAYS])
    rows = alerts.not_called_back(closed_since=since).order_by("closed_at", "pk")
    percent = rules[RuleName.CALL_BACK_PERCENT]
    drawn = [
        pk
        for pk, level, outcome in rows.values_list("pk", "level", "outcome")
        if is_to_be_called_back(pk, level=level, outcome=outcome, percent=percent)
    ]
    # One more screen's worth than is shown: some of them the reader closed.
    return _read(rows.filter(pk__in=drawn[: 2 * SHOWN]))


def _closed_by(alerts: Sequence[Alert], user: User) -> set[int]:
    """Return which of these a person closed, and so does not call back about."""
    lines = TimelineEntry.objects.filter(alert__in=[one.pk for one in alerts], kind=TimelineEntry.Kind.CLOSED)
    return set(lines.filter(actor=user).values_list("alert_id", flat=True))


def _todo(alert: Alert, *, days: int, now: datetime) -> Todo:
    closed_at = alert.closed_at or now
    due_on = local(closed_at + timedelta(days=days)).date()
    return Todo(
        pk=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        level=alert.level,
        level_word=alert.get_level_display(),
        who=who_of(alert),
        where=where_of(alert),
        kind=kind_of(alert),
        outcome=alert.get_outcome_display(),
        is_bad=alert.outcome == Outcome.DEFRAUDED,
        closed_at=closed_at,
        holder=str(alert.holder) if alert.holder else "",
        due_on=due_on,
        is_late=due_on < local(now).date(),
    )


# ── a story ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def names_in(alert: Alert) -> list[str]:
    """Return what of an alert must not stand in a story: everybody's name, and the addresses. The longest first."""
    resident = alert.resident
    names = [alert.subject_name, alert.subject_address, str(alert.holder) if alert.holder else ""]
    if resident is not None:
        names += [resident.name, resident.address, *(contact.name for contact in resident.family_contacts.all())]
    return sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True)


def first_draft(alert: Alert, *, on: date) -> dict[str, str]:
    """Return a story's first draft: the type, the age band, how they got in, what saved. Shipped in Chinese, as texts
    for residents are; nobody is named, and what was written at the alert has its names and numbers taken out."""
    kind = alert.actual_fraud_type or alert.fraud_type
    name = kind.name_zh if kind else "可疑来电"
    done = [_DONE[one] for one in Confirmation if one in alert.confirmed]
    saved = alert.amount_prevented
    lines = [
        f"当事人：{_band(alert, on=on)}",
        f"怎么找上来的：{_without_names(alert.description, names_in(alert)) or '（写一句：对方冒充谁，从哪里找来）'}",
        f"结果：{_ENDS.get(alert.outcome, '已处置')}" + (f"，挽损约{headline(saved)}" if saved else ""),
        f"靠什么：{'、'.join(done) or '及时上门'}",
        "记住：先挂断，再打96110。",
    ]
    return {"title_zh": f"身边的事：{name}", "body_zh": "\n".join(lines)}


_DONE = {
    Confirmation.PHONE: "电话打通并让其挂断",
    Confirmation.DOOR: "十分钟内上门当面讲清",
    Confirmation.FAMILY: "家人同时赶到",
    Confirmation.CONTACT: "及时联系提醒",
}
_ENDS: Mapping[str, str] = {
    Outcome.DISSUADED: "劝阻成功",
    Outcome.SAW_THROUGH: "本人识破",
    Outcome.DEFRAUDED: "钱已转出，教训深刻",
    Outcome.FALSE_ALARM: "虚惊一场",
}


def _band(alert: Alert, *, on: date) -> str:
    age = alert.resident.age(on) if alert.resident is not None else None
    if age is None:
        return "一位居民"
    band = next(one for one in AGE_BANDS if one.youngest <= age and (one.oldest is None or age <= one.oldest))
    return f"一位{band}岁的居民"


def _without_names(words: str, names: Sequence[str]) -> str:
    text = " ".join(words.split())
    for name in names:
        text = text.replace(name, "某某")
    return re.sub(LONG_NUMBER, "＊＊＊", text)
