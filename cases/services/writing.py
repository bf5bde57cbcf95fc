"""Writing a ledger that came as a file: many cases in few statements, and taking them back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from cases.models import Case

BATCH = 500


def write_cases(
    new: Sequence[Mapping[str, Any]],
    changed: Sequence[tuple[int, Mapping[str, Any]]],
    *,
    by: User | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """Write new cases and changes, in the caller's transaction; return what ``take_back`` needs, fit for JSON.

    Values stand by the case's columns (``grid_id``, not ``grid``); new ones have their community.
    """
    return [*_insert(new, by=by, now=now), *_update(changed, now=now)]


def _insert(new: Sequence[Mapping[str, Any]], *, by: User | None, now: datetime) -> list[dict[str, Any]]:
    entries = []
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        made = [Case(**values, created_by=by, changed_at=now) for values in batch]
        for case in made:
            case.settle_place()
        for case, values in zip(Case.objects.bulk_create(made), batch, strict=True):
            entries.append({"pk": case.pk, "new": True, "at": _stored(now), "after": stored(values)})
    return entries


def _update(changed: Sequence[tuple[int, Mapping[str, Any]]], *, now: datetime) -> list[dict[str, Any]]:
    entries = []
    for start in range(0, len(changed), BATCH):
        batch = changed[start : start + BATCH]
        cases = Case.objects.select_for_update(of=("self",)).in_bulk([pk for pk, _values in batch])
        for pk, values in batch:
            case = cases[pk]
            before = {name: getattr(case, name) for name in values}
            entry = {"pk": pk, "new": False, "at": _stored(now)}
            entries.append(entry | {"before": stored(before), "after": stored(values)})
            _set(case, values, now=now)
    return entries


def _set(case: Case, values: Mapping[str, Any], *, now: datetime) -> None:
    for name, value in values.items():
        setattr(case, name, value)
    case.changed_at = now
    case.settle_place()
    case.save()


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON keeps them."""
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def restored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``stored`` was given."""
    return {name: Case._meta.get_field(name.removesuffix("_id")).to_python(value) for name, value in values.items()}  # type: ignore[union-attr]  # all are columns


def take_back(entries: Sequence[Mapping[str, Any]]) -> tuple[int, list[str]]:
    """Undo what ``write_cases`` wrote, in the caller's transaction.

    Returns how many were put back, and the masked names of the victims whose cases were left: something came after (a
    correction, a look-back), which nobody wants to lose.
    """
    done, left = 0, []
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        cases = Case.objects.select_for_update(of=("self",)).in_bulk([entry["pk"] for entry in batch])
        going = []
        for entry in batch:
            case = cases.get(entry["pk"])
            if case is None:
                continue
            if _stored(case.changed_at) != entry["at"] or (entry["new"] and _is_used(case)):
                left.append(f"{case.masked_victim} #{case.pk}".strip())
                continue
            done += 1
            if entry["new"]:
                going.append(case.pk)
            else:
                _set(case, restored(entry["before"]), now=case.changed_at)
        Case.objects.filter(pk__in=going).delete()
    return done, left


def _is_used(case: Case) -> bool:
    """Say whether anything points at a case: a look-back, a follow-up."""
    related = ((one.related_model, one.field.name) for one in Case._meta.related_objects)
    return any(model._default_manager.filter(**{name: case}).exists() for model, name in related)  # noqa: SLF001
