"""Writing a roster: many people in few statements, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from accounts.personal_data import encrypt, id_number_index, phone_index, phone_tail_index
from accounts.rows import defaults_of, insert_rows, reserve_keys, update_rows
from residents.models import Area, FamilyContact, Household, Membership, Pairing, Resident, Visit
from residents.policy import Door, Group

BATCH = 1000
PLACE = ("grid_id", "household_id")
SECRET = ("phone", "id_number")
_COLUMNS = [field.name for field in Resident._meta.concrete_fields]


@dataclass(frozen=True)
class Written:
    """Somebody as a file, or a person who settles a conflict, has them.

    ``values`` are fields of the resident; ``door`` None leaves where they live, ``groups`` None the groups they are in,
    ``family`` None whom to call. ``digests`` are the blind indexes of numbers that somebody has made already.
    """

    grid: Area
    door: Door | None
    values: Mapping[str, Any]
    groups: frozenset[Group] | None = None
    family: tuple[str, str, str] | None = None
    digests: Mapping[str, str] = field(default_factory=dict)


def write_roster(
    new: Sequence[Written], changed: Sequence[tuple[int, Written]], *, new_grids: Sequence[Area] = ()
) -> list[dict[str, Any]]:
    """Write new people and changes, in the caller's transaction; return what ``take_back`` needs, fit for JSON."""
    for grid in new_grids:
        grid.save()
    doors = _doors([one for one in new if one.door] + [one for _pk, one in changed if one.door])
    return [*_insert(new, doors), *_update(changed, doors)]


def _doors(written: Sequence[Written]) -> dict[tuple[int, Door], int]:
    """Return the keys of the households behind the doors; those nobody has lived behind are made."""
    wanted = {(one.grid.pk, one.door): one.grid for one in written if one.door is not None}
    grids = {grid.pk for grid in wanted.values()}
    rows = Household.objects.filter(grid__in=grids).order_by().values_list("pk", "grid_id", "building", "unit", "room")
    doors = {(grid_id, Door(*door)): pk for pk, grid_id, *door in rows}
    missing = [Household.behind(key[1], grid=grid) for key, grid in wanted.items() if key not in doors]
    for made in Household.objects.bulk_create(missing, batch_size=BATCH):
        doors[made.grid_id, made.door] = made.pk
    return doors


def _insert(new: Sequence[Written], doors: Mapping[tuple[int, Door], int]) -> list[dict[str, Any]]:
    """Insert people with their groups and families. A roster's fifty thousand go in as JSON (docs/performance.md)."""
    entries: list[dict[str, Any]] = []
    blank = defaults_of(Resident)
    for start in range(0, len(new), BATCH):
        taken = new[start : start + BATCH]
        batch = list(zip(reserve_keys(Resident, len(taken)), taken, strict=True))
        said = with_indexes(dict.fromkeys(set(SECRET).union(*(one.values for one in taken)), ""))
        silent = {name: blank[name] for name in said}
        insert_rows(
            Resident,
            [
                silent
                | with_indexes(one.values, one.digests)
                | {name: encrypt(str(one.values.get(name, ""))) for name in SECRET}
                | {
                    "id": pk,
                    "grid_id": one.grid.pk,
                    "household_id": doors[one.grid.pk, one.door] if one.door is not None else None,
                }
                for pk, one in batch
            ],
            same={name: value for name, value in blank.items() if name not in said and name not in PLACE},
        )
        groups = [{"resident_id": pk, "group": group} for pk, one in batch for group in sorted(one.groups or ())]
        insert_rows(Membership, groups)
        families = [(pk, one.family) for pk, one in batch if one.family is not None]
        insert_rows(
            FamilyContact,
            [
                {
                    "resident_id": pk,
                    "name": name,
                    "relation": relation,
                    "phone": encrypt(phone),
                    "phone_hash": phone_index(phone),
                    "order": 1,
                }
                for pk, (name, relation, phone) in families
            ],
        )
        entries += [{"pk": pk, "new": True, "after": _stored(one.values)} for pk, one in batch]
    return entries


def _contact(resident: Resident, family: tuple[str, str, str], order: int = 1) -> FamilyContact:
    name, relation, phone = family
    return FamilyContact(resident=resident, name=name, relation=relation, phone=phone, order=order)


def _update(changed: Sequence[tuple[int, Written]], doors: Mapping[tuple[int, Door], int]) -> list[dict[str, Any]]:
    """Write changes by the columns that change; return what was before."""
    entries = []
    for start in range(0, len(changed), BATCH):
        batch = changed[start : start + BATCH]
        whole = Resident.objects.prefetch_related("memberships", "family_contacts").in_bulk([pk for pk, _one in batch])
        rows: dict[frozenset[str], list[tuple[int, dict[str, Any]]]] = {}
        for pk, one in batch:
            resident = whole[pk]
            after = dict(one.values)
            if one.grid.pk != resident.grid_id:
                after["grid_id"] = one.grid.pk
                after.setdefault("household_id", None)
            if one.door is not None:
                after["household_id"] = doors[one.grid.pk, one.door]
            before = {name: getattr(resident, name) for name in after}
            entry = {"pk": pk, "new": False, "before": _stored(before), "after": _stored(after)}
            entry |= _regroup(resident, one.groups) | _add_family(resident, one.family)
            entries.append(entry)
            if after:
                rows.setdefault(frozenset(after), []).append((pk, with_indexes(after)))
        for names, values in rows.items():
            update_rows(Resident, sorted(with_indexes(dict.fromkeys(names, ""))), values)
    return entries


def with_indexes(values: Mapping[str, Any], digests: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Return values with the blind indexes that belong to them: ``update_rows`` goes past the fields' own."""
    made = dict(values)
    if "phone" in values:
        phone = values["phone"]
        made["phone_hash"] = digests.get("phone") or (phone_index(phone) if phone else "")
        made["tail_hash"] = phone_tail_index(phone) if phone else ""
    if "id_number" in values:
        number = values["id_number"]
        made["id_hash"] = digests.get("id_number") or (id_number_index(number) if number else "")
    return made


def _regroup(resident: Resident, groups: frozenset[Group] | None) -> dict[str, Any]:
    if groups is None:
        return {}
    before = set(resident.groups)
    resident.memberships.filter(group__in=before - groups).delete()
    Membership.objects.bulk_create([Membership(resident=resident, group=group) for group in sorted(groups - before)])
    return {"groups": sorted(before), "groups_after": sorted(groups)}


def _add_family(resident: Resident, family: tuple[str, str, str] | None) -> dict[str, Any]:
    """Bring in whom to call: a new number of somebody known, or somebody new behind those who are there."""
    if family is None:
        return {}
    name, relation, phone = family
    contacts = list(resident.family_contacts.all())
    before = [[one.name, one.relation, one.phone, one.order] for one in contacts]
    same = next((one for one in contacts if one.name == name or one.phone == phone), None)
    if same is None:
        _contact(resident, family, order=len(contacts) + 1).save()
    else:
        same.name, same.relation, same.phone = name, relation or same.relation, phone
        same.save()
    return {"family": before}


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def take_back(entries: Sequence[Mapping[str, Any]]) -> tuple[int, list[str]]:
    """Undo what ``write_roster`` wrote, in the caller's transaction.

    Returns how many were put back, and the masked names of those left: something came after (a visit, a pairing,
    another change), which nobody wants to lose.
    """
    done, left = 0, []
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        keys = [entry["pk"] for entry in batch]
        whole = Resident.objects.select_for_update(of=("self",)).in_bulk(keys)
        used = set(Visit.objects.filter(resident__in=keys).values_list("resident_id", flat=True)) | set(
            Pairing.objects.filter(resident__in=keys).values_list("resident_id", flat=True)
        )
        going = []
        for entry in batch:
            resident = whole.get(entry["pk"])
            if resident is None:
                continue
            is_used = resident.pk in used or resident.ended_on is not None
            is_later = _stored({name: getattr(resident, name) for name in entry["after"]}) != entry["after"]
            if is_later or (entry["new"] and is_used) or resident.anonymised_at is not None:
                left.append(resident.masked_name)
                continue
            done += 1
            if entry["new"]:
                going.append(resident.pk)
            else:
                _put_back(resident, entry)
        Resident.objects.filter(pk__in=going).delete()
    return done, left


def _put_back(resident: Resident, entry: Mapping[str, Any]) -> None:
    for name, value in entry["before"].items():
        setattr(resident, name, value)
    resident.clean_fields(exclude=set(_COLUMNS) - entry["before"].keys())  # days come out of JSON as text
    if entry["before"]:
        resident.save()
    if "groups" in entry:
        _regroup(resident, frozenset(Group(group) for group in entry["groups"]))
    if "family" in entry:
        resident.family_contacts.all().delete()
        for name, relation, phone, order in entry["family"]:
            _contact(resident, (name, relation, phone), order).save()
