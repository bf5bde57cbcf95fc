"""Privacy: who sees who looked, what is let go of and what stays, and the sheet that somebody takes home."""

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now, today
from accounts.models import ACCESS_VERBS, AuditEntry, User
from accounts.roles import Role
from accounts.services import record
from accounts.tests.factories import AdministratorFactory, UserFactory
from residents.access import scope_codes
from residents.importers.roster import RosterKind
from residents.models import FamilyContact, Membership, Pairing, Resident, Rule, Visit
from residents.policy import Departure, Group, Mood, Purpose, RuleName, WarningSign
from residents.screens.access_log import KINDS, WORDS, access_page
from residents.screens.retention import retention_page
from residents.screens.sheet import sheet_of
from residents.services import (
    Report,
    ResidentsError,
    apply_retention,
    bring_back,
    change,
    open_minor,
    print_dossier,
    record_export,
    record_search,
    record_sheet,
    reveal_resident,
    view_dossier,
    what_is_due,
)
from residents.services.roster import Written, take_back
from residents.services.settling import take_for
from residents.tests.factories import (
    Community,
    FamilyContactFactory,
    PairingFactory,
    PostFactory,
    ResidentFactory,
    VisitFactory,
    make_community,
    make_elder,
    make_staff,
)
from sheets.models import Conflict, Import, Page, State, pack
from sheets.services import SheetsError, hand_in, move_on, work_on
from sheets.tests.files import workbook

NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 4, 2)
LAST_KEPT = TODAY - timedelta(days=730)
GONE = LAST_KEPT - timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place() -> Community:
    return make_community()


@pytest.fixture
def neighbour() -> Community:
    return make_community(4)


@pytest.fixture
def manager(place) -> User:
    return make_staff(Role.MANAGER, place.community)


@pytest.fixture
def elder(place) -> Resident:
    return make_elder(place.grid, name="赵秀英", phone="19900001234", id_number="999999195006010029")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# ── who looked ────────────────────────────────────────────────────────────────────────────────────────────────────────


def said(reader: User, *, on: date = TODAY, **chosen: object) -> list[str]:
    return [line.what for line in access_page(reader, chosen, on=on, number="").rows]


def test_every_line_of_access_has_its_words_and_is_of_one_kind() -> None:
    assert set(WORDS) == set(ACCESS_VERBS)
    assert sorted(verb for kind in KINDS for verb in kind.verbs) == sorted(ACCESS_VERBS)


def test_each_way_of_looking_is_a_line_with_its_reason_in_words(place, manager, elder) -> None:
    officer = make_staff(Role.DUTY_OFFICER, place.community, name="值班员")
    child = ResidentFactory(grid=place.grid, name="赵小宝", birth_on=date(2018, 1, 1))
    by = {"by": officer, "now": NOW}
    view_dossier(elder, **by)
    reveal_resident(elder, reason=Purpose.CALL, **by)
    reveal_resident(elder, reason="女儿来问", **by)
    reveal_resident(elder, reason=Purpose.ROSTER, **by)
    open_minor(child, reason=Purpose.REQUEST, **by)
    print_dossier(elder, is_revealed=True, **by)
    record_sheet(elder, handed_to="本人", **by)
    record_search("赵秀英", found=1, **by)
    codes = scope_codes(officer, "see_residents", TODAY)
    record_export(rows=7, is_whole=False, recipient="街道办", purpose="核对", codes=codes, **by)
    record("alerts.contact_revealed", by=officer, at=NOW, about=elder, area_code=place.grid.code)
    lines = access_page(manager, {}, on=TODAY, number="").rows
    assert [(line.what, line.more) for line in reversed(lines)] == [
        ("Opened 赵**, numbers masked", ""),
        ("Had the name and the numbers of 赵** shown", "Reason: To call them or the family"),
        ("Had the name and the numbers of 赵** shown", "Reason: 女儿来问"),
        ("Had the name and the numbers of 赵** shown", "Reason: To correct the roster"),
        ("Opened the record of a minor: 赵**", "Reason: The resident asked for it"),
        ("Printed 赵**", "Names and numbers whole: yes"),
        ("Printed all that is kept of 赵** for them to take away", "Handed to: 本人"),
        ("Searched the roster", "Found: 1"),
        (
            "Took residents out as a file",
            "Purpose: 核对 · Recipient: 街道办 · Rows: 7 · Names and numbers whole: no",
        ),
        ("Had the name and the numbers of alert 赵** shown", ""),
    ]
    assert {line.who for line in lines} == {"值班员"}
    assert {line.area for line in lines} == {"第3社区 · 第1网格", "第3社区", ""}
    assert "赵秀英" not in str(lines)


def test_files_that_come_in_stand_in_the_log(place, manager) -> None:
    kind = RosterKind()
    content = workbook(["网格", "姓名"], ["第1网格", "王秀英"])
    sheet = hand_in(
        kind, content=content, file_name="名册.xlsx", area_code=place.community.code, options={}, by=manager, now=NOW
    )
    for step in (State.APPLYING, State.UNDOING):
        work_on(sheet.pk, now=NOW)
        move_on(sheet, to=step, by=manager, now=NOW)
    work_on(sheet.pk, now=NOW)
    assert said(manager, kind="imported") == [
        "Took an import back",
        "Brought an imported file into the roster",
        "Handed a file of residents in",
    ]


def test_nobody_reads_what_happened_in_another_community(place, neighbour, manager) -> None:
    officer = make_staff(Role.DUTY_OFFICER, neighbour.community)
    elder = make_elder(neighbour.grid)
    view_dossier(elder, by=officer, now=NOW)
    record_search("赵", found=1, by=officer, now=NOW)
    codes = (neighbour.community.code,)
    record_export(rows=1, is_whole=True, recipient="", purpose="", codes=codes, by=officer, now=NOW)
    failed_to_log_in(officer)
    failed_to_log_in(None)
    assert said(manager) == []
    assert len(said(AdministratorFactory())) == 5


def failed_to_log_in(user: User | None, at: datetime = NOW) -> None:
    record("accounts.log_in_failed", by=None, at=at, about=user, detail={"typed": "199****0001"})


def test_a_failed_log_in_and_a_search_are_shown_where_the_person_held_a_post_on_that_day(
    place, neighbour, manager
) -> None:
    mover = UserFactory(name="调岗")
    PostFactory(user=mover, area=place.grid, ends_on=TODAY - timedelta(days=1))
    PostFactory(user=mover, area=neighbour.grid, starts_on=TODAY)
    for at in (NOW - timedelta(days=1), NOW):
        record_search("赵", found=0, by=mover, now=at)
        failed_to_log_in(mover, at)
    there = make_staff(Role.MANAGER, neighbour.community)
    for reader, at in ((manager, NOW - timedelta(days=1)), (there, NOW)):
        lines = access_page(reader, {}, on=TODAY, number="").rows
        assert [line.at for line in lines] == [at, at]
        assert {line.what for line in lines} == {
            "Somebody tried to log in as 调岗 and failed",
            "Searched the roster",
        }


def test_the_day_of_a_post_is_the_office_s_and_not_greenwich_s(place, manager) -> None:
    late = UserFactory()
    PostFactory(user=late, area=place.grid, starts_on=TODAY)
    record_search("赵", found=0, by=late, now=datetime(2026, 4, 1, 15, 59, tzinfo=UTC))
    assert said(manager) == []
    record_search("赵", found=0, by=late, now=datetime(2026, 4, 1, 16, 0, tzinfo=UTC))
    assert said(manager) == ["Searched the roster"]


def exported(by: User) -> None:
    codes = scope_codes(by, "keep_roster", TODAY)
    record_export(rows=1, is_whole=False, recipient="", purpose="", codes=codes, by=by, now=NOW)


def test_a_file_is_shown_to_each_whose_residents_may_be_in_it(place, neighbour, manager) -> None:
    there = make_staff(Role.MANAGER, neighbour.community)
    both = make_staff(Role.GRID_LEADER, place.grid)
    PostFactory(user=both, area=neighbour.grid, role=Role.GRID_LEADER)
    above = make_staff(Role.DUTY_OFFICER, place.street)
    for by in (both, above, AdministratorFactory()):
        exported(by)
    assert len(said(manager)) == len(said(there)) == 3


def test_a_file_is_not_shown_where_whoever_took_it_keeps_no_roster(place, neighbour, manager) -> None:
    keeper = make_staff(Role.GRID_LEADER, neighbour.grid)
    PostFactory(user=keeper, area=place.street, role=Role.SUPERVISOR)
    exported(keeper)
    assert said(manager) == []


def test_the_log_is_narrowed_by_person_kind_and_day(place, manager, elder) -> None:
    one, other = make_staff(Role.DUTY_OFFICER, place.grid, name="甲乙"), make_staff(Role.CARER, place.grid, name="丙")
    view_dossier(elder, by=one, now=NOW)
    reveal_resident(elder, reason="x", by=other, now=NOW - timedelta(days=3))
    failed_to_log_in(one)
    assert len(said(manager, q="甲")) == 2
    assert len(said(manager, q="丙")) == 1
    assert len(said(manager, kind="failed")) == 1
    assert len(said(manager, since=TODAY)) == 2
    assert len(said(manager, until=TODAY - timedelta(days=1))) == 1


def test_the_log_asks_as_much_for_many_lines_as_for_few(place, manager) -> None:
    client, path = as_(manager), reverse("residents:access_log")

    def look() -> None:
        view_dossier(make_elder(place.grid), by=make_staff(Role.CARER, place.grid), now=database_now())
        failed_to_log_in(make_staff(Role.CARER, place.grid), database_now())
        record_search("x", found=1, by=make_staff(Role.CARER, place.grid), now=database_now())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    look()
    few = asked()
    for _one in range(15):
        look()
    assert asked() == few


# ── what is let go of ─────────────────────────────────────────────────────────────────────────────────────────────────


def had_gone(place: Community, on: date = GONE) -> Resident:
    """Return somebody who has gone, with everything that may hang on a resident."""
    gone = make_elder(
        place.grid,
        name="钱有福",
        sex="male",
        phone="19900004444",
        id_number="999999195006010029",
        occupation="木匠",
        devices="一键呼叫",
        risks="爱投资",
        note="左耳聋",
        relation="户主",
        moved_in_on=date(2001, 1, 1),
        consent_on=date(2020, 1, 1),
        ended_on=on,
        departure=Departure.MOVED,
    )
    Membership.objects.create(resident=gone, group=Group.CORRECTION)
    FamilyContactFactory(resident=gone)
    PairingFactory(resident=gone, ends_on=date(2026, 3, 2))
    VisitFactory(
        resident=gone,
        at=datetime(2024, 1, 5, tzinfo=UTC),
        note="说要转账",
        mood=Mood.LOW,
        signs=[WarningSign.TRANSFERS],
        next_on=date(2024, 1, 12),
        photo=ContentFile(b"\x89PNG", name="visit.png"),
    )
    return gone


def handed_in(place: Community, at: datetime, state: State = State.APPLIED) -> Import:
    sheet = Import.objects.create(
        kind="roster",
        area_code=place.community.code,
        file_name="名册.xlsx",
        content=b"sealed",
        state=state,
        counts={"new": 4},
        at=at,
        touched_at=at,
    )
    Page.objects.create(owner=sheet, kind="undo", number=1, body=pack([]))
    row = {"owner": sheet, "area_code": sheet.area_code, "code": "ended", "message": "?", "body": pack({})}
    Conflict.objects.create(row=1, settled="new", settled_at=at, **row)
    Conflict.objects.create(row=2, **row)
    return sheet


OLD = NOW - timedelta(days=91)


def test_who_has_gone_loses_all_that_says_who_it_was_and_keeps_what_figures_are_made_of(
    place, settings, django_capture_on_commit_callbacks
) -> None:
    gone = had_gone(place)
    photo = gone.visits.get().photo
    assert photo.storage.exists(photo.name)
    with django_capture_on_commit_callbacks(execute=True):
        apply_retention(now=NOW)
    gone.refresh_from_db()
    emptied = (
        "name phone phone_hash id_number id_hash tail_hash relation occupation devices risks note household "
        "moved_in_on consent_on consent_withdrawn_on merged_into"
    )
    assert {name: getattr(gone, name) for name in emptied.split() if getattr(gone, name)} == {}
    assert (gone.grid, gone.birth_on, gone.sex, gone.ended_on, gone.departure, gone.anonymised_at) == (
        place.grid,
        date(1950, 1, 1),
        "male",
        GONE,
        Departure.MOVED,
        NOW,
    )
    assert gone.groups == (Group.ELDER_ALONE,)
    assert not FamilyContact.objects.exists()
    visit = gone.visits.get()
    assert (visit.result, visit.note, visit.mood, visit.signs, visit.next_on, visit.photo.name) == (
        "met",
        "",
        "",
        [],
        None,
        "",
    )
    assert not photo.storage.exists(photo.name)
    assert Pairing.objects.count() == 1
    assert str(gone) == "Anonymised"
    assert not Resident.objects.with_phone("19900004444").exists()
    assert not Resident.objects.with_id_number("999999195006010029").exists()


def test_a_row_merged_into_somebody_forgets_into_whom(place, elder) -> None:
    twin = ResidentFactory(grid=place.grid, ended_on=GONE, departure=Departure.TWICE, merged_into=elder)
    apply_retention(now=NOW)
    twin.refresh_from_db()
    assert twin.merged_into is None


@pytest.mark.parametrize("ended_on", [None, TODAY, LAST_KEPT])
def test_nobody_who_lives_here_or_has_not_been_gone_for_so_long_is_touched(place, ended_on) -> None:
    kept = had_gone(place, on=ended_on)
    before = Resident.objects.values().get(pk=kept.pk)
    assert apply_retention(now=NOW).residents == 0
    assert Resident.objects.values().get(pk=kept.pk) == before
    assert FamilyContact.objects.count() == 1
    assert Visit.objects.get().note == "说要转账"


def test_the_day_is_counted_where_the_office_stands(place) -> None:
    had_gone(place, on=LAST_KEPT)
    evening = datetime(2026, 4, 2, 15, 59, tzinfo=UTC)
    assert what_is_due(now=evening).residents == 0
    assert what_is_due(now=evening + timedelta(minutes=1)).residents == 1


def test_old_files_are_emptied_and_their_history_stays(place) -> None:
    old = handed_in(place, OLD)
    apply_retention(now=NOW)
    old.refresh_from_db()
    assert (old.content, old.file_name, old.counts, old.state) == (None, "名册.xlsx", {"new": 4}, State.APPLIED)
    assert not Page.objects.exists()
    settled, parked = Conflict.objects.order_by("row")
    assert (bytes(settled.body), settled.settled) == (b"", "new")
    assert parked.content == {}


def test_an_old_preview_that_nobody_applied_is_discarded_and_a_worker_s_file_is_left_to_it(place) -> None:
    preview, working = handed_in(place, OLD, State.PREVIEW), handed_in(place, OLD, State.APPLYING)
    apply_retention(now=NOW)
    preview.refresh_from_db()
    working.refresh_from_db()
    assert (preview.state, preview.content) == (State.DISCARDED, None)
    assert (working.state, bytes(working.content)) == (State.APPLYING, b"sealed")


def test_a_file_that_is_not_older_than_the_rule_is_kept_whole(place) -> None:
    young = handed_in(place, datetime(2026, 1, 1, 16, 0, tzinfo=UTC))  # the first moment of the ninetieth day
    assert apply_retention(now=NOW).files == 0
    young.refresh_from_db()
    assert bytes(young.content) == b"sealed"
    assert Page.objects.count() == 1


def held(place: Community) -> dict[str, int]:
    """Count what is still held of those who have gone, and of old files."""
    residents = Resident.objects.filter(ended_on__lt=LAST_KEPT)
    visits = Visit.objects.filter(resident__in=residents)
    return {
        "residents": residents.exclude(name="").count(),
        "family_contacts": FamilyContact.objects.filter(resident__in=residents).count(),
        "visits": visits.exclude(note="").count(),
        "photos": visits.exclude(photo="").count(),
        "files": Import.objects.filter(at__lt=NOW - timedelta(days=90), content__isnull=False).count(),
        "pages": Page.objects.filter(owner__at__lt=NOW - timedelta(days=90)).count(),
        "conflicts": Conflict.objects.settled()
        .filter(owner__at__lt=NOW - timedelta(days=90))
        .exclude(body=b"")
        .count(),
    }


def test_a_dry_run_says_exactly_what_the_run_then_does_and_changes_nothing(place) -> None:
    for _one in range(3):
        had_gone(place)
    had_gone(place, on=LAST_KEPT)
    handed_in(place, OLD)
    handed_in(place, NOW)
    record("residents.viewed", by=None, at=NOW - timedelta(days=1096))
    before = held(place)
    due = what_is_due(now=NOW)
    assert due == Report(
        residents=3,
        family_contacts=3,
        visits=3,
        photos=3,
        files=1,
        pages=1,
        conflicts=1,
        old_log_lines=1,
        beside=dict.fromkeys(due.beside, 0),
    )
    assert held(place) == before
    done = apply_retention(now=NOW)
    assert done == due
    after = held(place)
    assert {name: before[name] - after[name] for name in before} == {
        name: number for name, number in due.counts.items() if name not in {"old_log_lines", *due.beside}
    }
    assert AuditEntry.objects.get(verb="residents.retention_applied").detail == done.counts


def test_a_second_run_finds_nothing_and_the_trail_is_whole(place) -> None:
    had_gone(place)
    handed_in(place, OLD)
    record("residents.viewed", by=None, at=NOW - timedelta(days=1096))
    apply_retention(now=NOW)
    again = apply_retention(now=NOW)
    assert {name for name, number in again.counts.items() if number} == {"old_log_lines"}
    assert AuditEntry.objects.count() == 3


def test_a_batch_is_no_limit(place, monkeypatch) -> None:
    monkeypatch.setattr("residents.services.retention.BATCH", 2)
    for number in range(5):
        ResidentFactory(grid=place.grid, ended_on=GONE - timedelta(days=number))
    assert apply_retention(now=NOW).residents == 5
    assert not Resident.objects.filter(anonymised_at=None).exists()


def test_rules_with_numbers_move_the_limits(place) -> None:
    had_gone(place, on=TODAY - timedelta(days=31))
    handed_in(place, NOW - timedelta(days=3))
    Rule.objects.create(name=RuleName.KEEP_ENDED_DAYS, number=30)
    Rule.objects.create(name=RuleName.KEEP_FILES_DAYS, number=2)
    due = what_is_due(now=NOW)
    assert (due.residents, due.files) == (1, 1)


def test_what_is_due_is_counted_within_one_s_areas(place, neighbour, manager) -> None:
    had_gone(place)
    had_gone(neighbour)
    handed_in(neighbour, OLD)
    due = what_is_due(now=NOW, codes=(place.community.code,))
    assert (due.residents, due.visits, due.files) == (1, 1, 0)
    page = retention_page(manager, now=NOW, on=TODAY)
    assert dict(page.due)["Residents anonymised"] == 1
    assert not page.is_nothing_due


def test_nothing_brings_an_anonymised_person_back(place, manager) -> None:
    gone = had_gone(place)
    apply_retention(now=NOW)
    with pytest.raises(ResidentsError):
        bring_back(gone, by=manager, now=NOW)
    row = {"others": [gone.pk], "grid": place.grid.code, "values": {"name": "钱有福"}}
    with translation.override("en"), pytest.raises(ResidentsError, match="anonymous"):
        take_for(row, gone.pk, by=manager, now=NOW)
    gone.refresh_from_db()
    assert gone.name == ""


def test_an_edit_cannot_write_a_name_into_an_anonymised_record(place, manager) -> None:
    gone = had_gone(place)
    apply_retention(now=NOW)
    written = Written(place.grid, None, {"name": "钱有福"}, None, None)
    with translation.override("en"), pytest.raises(ResidentsError, match="anonymous"):
        change(gone, written, by=manager, now=NOW)
    gone.refresh_from_db()
    assert gone.name == ""


def test_an_undone_import_leaves_an_anonymised_record_as_it_is(place) -> None:
    gone = had_gone(place)
    apply_retention(now=NOW)
    family = [["钱小红", "女儿", "19900004321", 1]]
    assert take_back([{"pk": gone.pk, "new": False, "after": {}, "before": {}, "family": family}])[0] == 0
    assert not FamilyContact.objects.exists()


def test_an_emptied_import_opens_and_can_no_longer_be_undone(place, manager) -> None:
    old = handed_in(place, OLD)
    apply_retention(now=NOW)
    page = as_(manager).get(reverse("sheets:detail", args=[old.pk]))
    assert page.status_code == 200
    assert reverse("sheets:undo", args=[old.pk]) not in page.content.decode()
    with translation.override("en"), pytest.raises(SheetsError, match="let go of"):
        move_on(old, to=State.UNDOING, by=manager, now=NOW)
    old.refresh_from_db()
    assert old.state == State.APPLIED


def test_the_command_says_what_it_would_do_then_does_it(place) -> None:
    had_gone(place)

    def run(*words: str) -> str:
        printed = io.StringIO()
        call_command("apply_retention", *words, stdout=printed)
        return printed.getvalue()

    due = json.loads(run("--dry-run", "--json"))
    assert due["residents"] == 1
    assert "Would be done:\n  residents: 1\n" in run("--dry-run")
    assert Resident.objects.get().name
    assert json.loads(run("--json")) == due
    assert "Done:\n  residents: 0\n" in run()
    assert AuditEntry.objects.filter(verb="residents.retention_applied", from_where="apply_retention").count() == 2


# ── the sheet ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_says_everything_that_is_kept_and_how_often_somebody_looked(place, elder, manager) -> None:
    FamilyContactFactory(resident=elder, name="赵小红", phone="19900004321")
    PairingFactory(resident=elder)
    VisitFactory(resident=elder, at=NOW, note="一切都好", signs=[WarningSign.INVESTS])
    view_dossier(elder, by=manager, now=NOW)
    view_dossier(elder, by=manager, now=NOW - timedelta(days=40))
    sheet = sheet_of(elder)
    whole = str(sheet)
    for text in ("赵秀英", "19900001234", "999999195006010029", "赵小红", "19900004321", "一切都好", "sure investment"):
        assert text in whole
    assert (sheet.looked_total, [month.count for month in sheet.looked]) == (2, [1, 1])


def test_showing_the_sheet_is_recorded_with_whom_it_was_handed_to(elder, manager) -> None:
    client, path = as_(manager), reverse("residents:sheet", args=[elder.pk])
    asked = client.get(path).content.decode()
    assert "赵秀英" not in asked
    assert not AuditEntry.objects.about(elder).exists()
    refused = client.post(path, {"handed_to": " "}).content.decode()
    assert "Write who it is handed to." in refused
    assert "19900001234" not in refused
    shown = client.post(path, {"handed_to": "女儿赵小红"})
    assert "19900001234" in shown.content.decode()
    assert "1 time, this sheet included" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = AuditEntry.objects.about(elder).get()
    assert (entry.verb, entry.actor, entry.detail, entry.area_code) == (
        "residents.sheet_printed",
        manager,
        {"handed_to": "女儿赵小红"},
        elder.grid.code,
    )


@pytest.mark.parametrize(("role", "leads"), [(Role.GRID_LEADER, True), (Role.CARER, False)])
def test_the_dossier_leads_to_the_sheet_for_whom_it_opens(place, elder, role, leads) -> None:
    reader = make_staff(role, place.grid)
    PairingFactory(resident=elder, carer=reader, starts_on=today())
    page = as_(reader).get(reverse("residents:detail", args=[elder.pk]))
    path = reverse("residents:sheet", args=[elder.pk])
    assert (page.status_code, path in page.content.decode()) == (200, leads)
    assert (as_(reader).get(path).status_code == 200) == leads


def test_a_child_s_sheet_asks_why_first_as_their_record_does(place, manager) -> None:
    child = ResidentFactory(grid=place.grid, birth_on=today() - timedelta(days=3650), phone="19900001234")
    client, path = as_(manager), reverse("residents:sheet", args=[child.pk])
    for answer in (client.get(path), client.post(path, {"handed_to": "母亲"})):
        assert answer["Location"] == reverse("residents:detail", args=[child.pk])
    assert not AuditEntry.objects.exists()
    client.post(reverse("residents:open_minor", args=[child.pk]), {"usual": "request"})
    assert "19900001234" in client.post(path, {"handed_to": "母亲"}).content.decode()


def test_the_sheet_of_somebody_anonymised_says_so(place, manager) -> None:
    gone = had_gone(place)
    apply_retention(now=database_now())
    page = as_(manager).post(reverse("residents:sheet", args=[gone.pk]), {"handed_to": "x"}).content.decode()
    assert "nothing in it says who it was" in page


# ── views ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_the_log_and_what_is_kept_open_for_managers_alone(place, role) -> None:
    client = as_(make_staff(role, place.community))
    for name in ("access_log", "retention"):
        assert client.get(reverse(f"residents:{name}")).status_code == 403


def test_managers_and_administrators_open_them_and_who_is_not_logged_in_does_not(manager) -> None:
    for name in ("access_log", "retention"):
        path = reverse(f"residents:{name}")
        assert as_(manager).get(path).status_code == 200
        assert as_(AdministratorFactory()).get(path).status_code == 200
        assert Client().get(path)["Location"].startswith(reverse("accounts:login"))


def test_the_sheet_of_another_community_s_resident_is_nowhere_to_be_found(neighbour, manager) -> None:
    path = reverse("residents:sheet", args=[make_elder(neighbour.grid).pk])
    assert as_(manager).get(path).status_code == 404
    assert as_(manager).post(path, {"handed_to": "x"}).status_code == 404
    assert not AuditEntry.objects.exists()


def test_the_page_of_the_log_shows_what_was_done_on_the_pages(place, manager, elder) -> None:
    client = as_(manager)
    client.get(reverse("residents:detail", args=[elder.pk]))
    client.post(reverse("residents:reveal", args=[elder.pk]), {"usual": "call"})
    client.post(reverse("residents:list"), {"q": "赵"})
    client.post(reverse("residents:export"), {})
    Client().post(reverse("accounts:login"), {"username": manager.username, "password": "falsch"})
    page = client.get(reverse("residents:access_log")).content.decode()
    for words in (
        "Opened 赵**, numbers masked",
        "Reason: To call them or the family",
        "Searched the roster",
        "Took residents out as a file",
        f"Somebody tried to log in as {manager.name} and failed",
    ):
        assert words in page, words


def test_the_log_takes_whatever_stands_in_its_address(manager) -> None:
    for query in ({"q": "\x00"}, {"kind": "x"}, {"since": "x"}, {"until": "9999-12-31"}, {"page": "9" * 40}):
        assert as_(manager).get(reverse("residents:access_log"), query).status_code == 200


def test_what_is_kept_shows_the_rules_what_is_due_and_what_was_done(place, manager) -> None:
    had_gone(place)
    path, client = reverse("residents:retention"), as_(manager)
    assert "No report of the last month." in client.get(path).content.decode()
    apply_retention(now=database_now())
    page = client.get(path).content.decode()
    assert "Nothing: nobody has been gone for so long" in page
    assert "No report of the last month." not in page
