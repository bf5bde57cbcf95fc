"""Who sees which score, who gives points, what the pages say, what leaves as files."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from accounts.clock import local, today
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from campaigns.models import Problem
from campaigns.tests.pictures import photo
from cases.tests.factories import CaseFactory
from reports.figures.scores import scores_of
from reports.models import Commendation, HandPoints, Inspection, ScorePolicy, ScoreSnapshot, VetoFound
from reports.policy import months_later
from reports.policy.scores import VetoKind, total_of
from reports.services import Place, add_inspection, copy_to_draft, freeze_commendation, write_commendation
from residents.models import Area, Level
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

YEAR = today().year


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def neighbour():
    return make_community(4)


@pytest.fixture
def boss(client, place):
    user = make_staff(Role.SUPERVISOR, place.street, name="街道督导")
    client.force_login(user)
    return user


@pytest.fixture
def manager(place):
    return make_staff(Role.MANAGER, place.community, name="书记")


def page(client, name, *args, **query):
    return client.get(reverse(f"reports:{name}", args=args), query)


def text(response):
    return response.content.decode()


def inspection_of(place, boss, **fields):
    now = timezone.now()
    found = {"place": "东门", "on": local(now).date(), "found": "展板破损", "is_good": False, "was_announced": False}
    return add_inspection(**{"community": place.community, **found, "by": boss, "now": now, **fields})


def list_of(place, boss, *, year=YEAR):
    places = [Place(place.community.code, place.community.name, Decimal("88.5"), 1)]
    now = timezone.now()
    return write_commendation(
        area=place.street, year=year, title="表扬名单", text="正文", places=places, by=boss, now=now
    )


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_ranking_names_every_community_with_its_colour_in_words(client, boss, place, neighbour):
    said = text(page(client, "scores"))
    assert place.community.name in said
    assert neighbour.community.name in said
    assert "Red" in said
    assert "colour-red" in said


def test_a_manager_sees_their_own_among_the_streets_and_looks_into_it_alone(client, place, neighbour, manager):
    client.force_login(manager)
    VetoFound.objects.create(
        community=neighbour.community, year=YEAR, kind=VetoKind.SUSPECT, evidence="通报", by=manager, at=timezone.now()
    )
    said = text(page(client, "scores"))
    assert "row-mine" in said
    assert neighbour.community.name in said
    assert reverse("reports:score", args=[place.community.code]) in said
    assert reverse("reports:score", args=[neighbour.community.code]) not in said
    assert "A suspect lives here" not in said
    assert "Vetoed" in said
    assert page(client, "score", place.community.code).status_code == 200
    assert page(client, "score", neighbour.community.code).status_code == 404


def test_another_street_is_not_there(client, place):
    abroad = Area.objects.create(code="370105013", name="别街道", level=Level.STREET, parent=place.district)
    client.force_login(make_staff(Role.SUPERVISOR, abroad))
    assert page(client, "score", place.community.code).status_code == 404
    assert place.community.name not in text(page(client, "scores", area=place.street.code))
    assert place.community.name not in text(page(client, "inspections"))


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.OUTREACH_WORKER, Role.GRID_LEADER, Role.CARER])
def test_who_sees_no_reports_sees_no_scores(client, place, role):
    client.force_login(make_staff(role, place.community))
    for name, args in (("scores", ()), ("score", (place.community.code,)), ("score_rules", ()), ("inspections", ())):
        assert page(client, name, *args).status_code == 403


def test_a_score_is_taken_apart_down_to_its_rows(client, boss, place):
    CaseFactory(grid=place.grid, reported_at=timezone.now(), amount_lost=200_000)
    said = text(page(client, "score", place.community.code))
    assert f"/cases/?area={place.community.code}&amp;since={YEAR}-01-01&amp;until={today().isoformat()}" in said
    assert "1 case above 100,000" in said
    assert "not a no-fraud community, whatever the points" in said
    assert "audience=over_60&amp;means=on_site" in said
    assert "up by 1 from 0" in said


def test_rows_that_a_reader_may_not_open_are_not_linked(client, boss, place):
    said = text(page(client, "score", place.community.code))
    assert reverse("residents:list") not in said
    assert reverse("alerts:list") in said


def test_who_slips_is_below_the_month_before(client, boss, place):
    on = today()
    month = months_later(on.replace(day=1), -1)
    ScoreSnapshot.objects.create(community=place.community, month=month, points=99, taken_at=timezone.now())
    said = text(page(client, "scores"))
    assert ("Below last month" in said) == (month.year == YEAR)


def test_the_year_is_a_line_with_its_table(client, boss, place):
    for number in (1, 2):
        month = today().replace(month=number, day=1)
        ScoreSnapshot.objects.create(
            community=place.community, month=month, points=50 + number, is_vetoed=number == 2, taken_at=timezone.now()
        )
    said = text(page(client, "score", place.community.code))
    assert '<polyline class="trend-line" points="30,' in said
    assert "trend-dot-vetoed" in said
    assert "The figures as a table" in said


@pytest.mark.parametrize(
    "query", [{"area": "x", "year": "x"}, {"area": "9" * 40}, {"year": "-1"}, {"year": "２０２６"}]
)
def test_an_address_that_means_nothing_shows_the_first_there_is(client, boss, place, query):
    for name, args in (("scores", ()), ("score", (place.community.code,)), ("score_rules", ())):
        assert page(client, name, *args, **query).status_code == 200


def test_a_post_with_no_street_around_it_reads_what_would_be_here(client):
    district = make_community().district
    Area.objects.filter(level__in=(Level.GRID,)).delete()
    Area.objects.filter(level=Level.COMMUNITY).delete()
    Area.objects.filter(level=Level.STREET).delete()
    client.force_login(make_staff(Role.SUPERVISOR, district))
    assert page(client, "scores").status_code == 200


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def points_at(place, key="inspection"):
    return reverse("reports:give_points", args=[place.community.code, key])


def test_a_supervisor_gives_points_with_evidence_and_a_photo_that_the_community_sees(client, boss, place, manager):
    sent = {"points": "5.5", "evidence": "看过三处", "photo": SimpleUploadedFile("a.jpg", photo())}
    assert client.post(points_at(place), sent).status_code == 302
    given = HandPoints.objects.get()
    assert (given.points, given.year) == (Decimal("5.5"), YEAR)
    client.force_login(manager)
    said = text(page(client, "score", place.community.code))
    assert "看过三处" in said
    assert page(client, "points_photo", given.pk)["Content-Type"] == "image/jpeg"
    assert points_at(place) not in said


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"points": "6.1", "evidence": "x"}, "Between 0 and 6 points."),
        ({"points": "-1", "evidence": "x"}, "greater than or equal to 0"),
        ({"points": "5", "evidence": ""}, "Write down what the points rest on."),
        ({"points": "多", "evidence": "x"}, "Enter a number."),
        ({"points": "NaN", "evidence": "x"}, "Enter a number."),
        ({"points": "5", "evidence": "x", "photo": SimpleUploadedFile("a.jpg", b"no photo")}, "This is no photo."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, boss, place, sent, said):
    answer = client.post(points_at(place), sent)
    assert answer.status_code == 400
    assert said in text(answer)
    assert not HandPoints.objects.exists()


def test_a_counted_line_has_no_page_for_points(client, boss, place):
    assert client.get(points_at(place, "zero_days")).status_code == 404
    assert client.get(points_at(place, "nothing")).status_code == 404


def test_a_manager_writes_no_points_no_veto_and_no_inspection(client, place, manager):
    client.force_login(manager)
    for address in (points_at(place), reverse("reports:find_veto", args=[place.community.code])):
        assert client.post(address, {"points": "5", "evidence": "x", "kind": "den"}).status_code == 403
    assert page(client, "inspection_new").status_code == 403
    assert page(client, "commendation_new").status_code == 403
    assert not HandPoints.objects.exists()


def test_a_supervisor_of_another_street_scores_nobody_here(client, place):
    abroad = Area.objects.create(code="370105013", name="别街道", level=Level.STREET, parent=place.district)
    client.force_login(make_staff(Role.SUPERVISOR, abroad))
    assert client.post(points_at(place), {"points": "5", "evidence": "x"}).status_code == 404
    assert client.post(reverse("reports:find_veto", args=[place.community.code]), {}).status_code == 404


def test_a_veto_is_written_down_and_lifted_with_a_reason(client, boss, place):
    address = reverse("reports:find_veto", args=[place.community.code])
    assert "A den of fraudsters was found" in text(client.get(address))
    assert client.post(address, {"kind": "loss", "evidence": "x"}).status_code == 400
    assert client.post(address, {"kind": "den", "evidence": "三号楼，公安通报"}).status_code == 302
    found = VetoFound.objects.get()
    assert "三号楼，公安通报" in text(page(client, "score", place.community.code))
    assert client.post(reverse("reports:lift_veto", args=[found.pk]), {"why": "不在本辖区"}).status_code == 302
    said = text(page(client, "score", place.community.code))
    assert "Lifted:" in said
    assert "whatever the points" not in said
    assert page(client, "lift_veto", found.pk).status_code == 404


# ── inspections ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_inspection_goes_to_the_manager_who_answers_and_puts_it_on_the_list(client, boss, place, manager):
    sent = {"community": place.community.code, "place": "东门", "on": today().isoformat(), "is_good": "bad"}
    sent |= {"found": "展板破损", "photo": SimpleUploadedFile("a.jpg", photo())}
    assert client.post(reverse("reports:inspection_new"), sent).status_code == 302
    inspection = Inspection.objects.get()
    assert (inspection.is_good, inspection.was_announced) == (False, False)
    client.force_login(manager)
    address = reverse("reports:inspection", args=[inspection.pk])
    assert "Send the answer" in text(client.get(address))
    assert client.post(address, {"answer": ""}).status_code == 400
    assert client.post(address, {"answer": "已更换"}).status_code == 302
    assert "已更换" in text(client.get(address))
    assert page(client, "inspection_photo", inspection.pk)["Content-Type"] == "image/jpeg"
    mend = reverse("reports:inspection_mend", args=[inspection.pk])
    assert client.post(mend).status_code == client.post(mend).status_code == 302
    assert Problem.objects.get().owner == manager


def test_what_is_wrong_with_an_inspection_is_said_beside_the_field(client, boss, place, neighbour):
    tomorrow = (today() + timedelta(days=1)).isoformat()
    sent = {"community": place.community.code, "place": "东门", "on": tomorrow, "is_good": "good", "found": "好"}
    answer = client.post(reverse("reports:inspection_new"), sent)
    assert answer.status_code == 400
    assert "That day has not come yet." in text(answer)
    assert client.post(reverse("reports:inspection_new"), sent | {"community": "370105099001"}).status_code == 400
    assert not Inspection.objects.exists()


def test_the_next_communitys_inspection_is_not_there(client, boss, place, neighbour, manager):
    inspection = inspection_of(neighbour, boss)
    client.force_login(manager)
    for name in ("inspection", "inspection_photo"):
        assert page(client, name, inspection.pk).status_code == 404
    assert client.post(reverse("reports:inspection_mend", args=[inspection.pk])).status_code == 404


def test_a_supervisor_does_not_answer_for_the_community(client, boss, place):
    inspection = inspection_of(place, boss)
    assert client.post(reverse("reports:inspection", args=[inspection.pk]), {"answer": "x"}).status_code == 403


def test_before_the_first_inspection_the_page_says_what_would_be_here(client, boss):
    assert "None is written down yet." in text(page(client, "inspections"))


# ── commendation ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_picked_from_the_ranking_frozen_and_posted(client, boss, place, neighbour, manager):
    address = f"{reverse('reports:commendation_new')}?area={place.street.code}&year={YEAR}"
    assert "0 communities are blue" in text(client.get(address))
    sent = {"title": "表扬名单", "text": "正文", "communities": [place.community.code]}
    asked = client.post(address, sent)  # it is red
    assert asked.status_code == 400
    assert f"{place.community.name} is red" in text(asked)
    assert "正文" in text(asked)
    other = sent | {"is_sure": "on", "sure_of": neighbour.community.code}
    assert client.post(address, other).status_code == 400  # the tick was for another
    assert not Commendation.objects.exists()
    assert client.post(address, sent | {"is_sure": "on", "sure_of": place.community.code}).status_code == 302
    listed = Commendation.objects.get()
    score = next(one for one in scores_of(place.street.code, year=YEAR, on=today()) if one.code == place.community.code)
    assert listed.communities.get().points == score.total
    client.force_login(manager)
    assert page(client, "commendation", listed.pk).status_code == 404  # a draft is nobody else's business
    client.force_login(boss)
    assert client.post(reverse("reports:commendation_freeze", args=[listed.pk])).status_code == 302
    assert client.get(address).status_code == 302
    client.force_login(manager)
    assert place.community.name in text(page(client, "commendation", listed.pk))
    words = page(client, "commendation_word", listed.pk)
    document = Document(BytesIO(words.content))
    assert document.tables[0].rows[1].cells[1].text == place.community.name
    assert AuditEntry.objects.filter(verb="reports.commendation_exported").count() == 1


def test_a_list_without_a_community_is_refused_in_words(client, boss, place):
    address = f"{reverse('reports:commendation_new')}?area={place.street.code}"
    answer = client.post(address, {"title": "表扬名单", "communities": []})
    assert answer.status_code == 400
    assert "Tick at least one community." in text(answer)


def test_another_streets_list_is_not_there_and_nobody_else_freezes_it(client, boss, place, manager):
    listed = list_of(place, boss)
    abroad = Area.objects.create(code="370105013", name="别街道", level=Level.STREET, parent=place.district)
    client.force_login(make_staff(Role.SUPERVISOR, abroad))
    for name in ("commendation", "commendation_word"):
        assert page(client, name, listed.pk).status_code == 404
    assert client.post(reverse("reports:commendation_freeze", args=[listed.pk])).status_code == 404
    client.force_login(manager)
    assert client.post(reverse("reports:commendation_freeze", args=[listed.pk])).status_code == 403
    assert not Commendation.objects.get().is_frozen


def test_a_draft_is_no_document(client, boss, place):
    listed = list_of(place, boss)
    assert page(client, "commendation_word", listed.pk).status_code == 404
    freeze_commendation(listed, by=boss, now=timezone.now())
    assert page(client, "commendation_word", listed.pk).status_code == 200


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_workbook_is_what_the_page_says_as_an_office_prints_it(client, boss, place, neighbour):
    Area.objects.filter(pk=place.community.pk).update(name="=1+1")
    answer = page(client, "scores_export", year=YEAR)
    book = load_workbook(BytesIO(answer.content))
    ranking, lines, rules = book.worksheets
    scores = scores_of(place.street.code, year=YEAR, on=today())
    assert [row[2].value for row in ranking.iter_rows(min_row=4, max_row=5)] == [float(one.total) for one in scores]
    names = [row[1] for row in ranking.iter_rows(min_row=4, max_row=5)]
    assert {cell.value: cell.data_type for cell in names}["=1+1"] == "s"
    assert (ranking.page_setup.orientation, ranking.page_setup.paperSize) == ("landscape", 9)
    assert (ranking.freeze_panes, ranking.print_title_rows) == ("C4", "$1:$3")
    assert "Checked by" in ranking.cell(row=7, column=1).value
    points = [[cell.value for cell in row] for row in lines.iter_rows(min_row=4)]
    assert len(points) == 2 * (18 + 2)
    for first in (0, 20):
        *parts, total, scaled = points[first : first + 20]
        for column in (5, 6):
            assert sum(Decimal(str(row[column] or 0)) for row in parts) == Decimal(str(total[column]))
        assert total_of(Decimal(str(total[6])), of=Decimal(total[5])) == Decimal(str(scaled[6]))
        assert scaled[6] in {float(one.total) for one in scores}
    assert rules.max_row == 3 + 18 + 5 + 1


def test_a_managers_workbook_does_not_take_the_neighbours_apart(client, place, neighbour, manager):
    client.force_login(manager)
    book = load_workbook(BytesIO(page(client, "scores_export").content))
    assert book.worksheets[0].max_row > 5
    assert {row[1].value for row in book.worksheets[1].iter_rows(min_row=4)} == {place.community.name}


# ── places, and the sheet in the administration ─────────────────────────────────────────────────────────────────────


def test_a_grids_page_says_its_days_without_a_case_to_who_sees_cases(client, place):
    address = reverse("residents:grid", args=[place.grid.code])
    client.force_login(make_staff(Role.GRID_LEADER, place.grid))
    assert "Days without a case this year" in text(client.get(address))
    client.force_login(make_staff(Role.WARNING_SPECIALIST, place.grid))
    assert "Days without a case this year" not in text(client.get(address))


def test_a_communitys_page_leads_to_its_score(client, place, manager):
    client.force_login(manager)
    said = text(client.get(reverse("residents:area", args=[place.community.code])))
    assert reverse("reports:score", args=[place.community.code]) in said


def test_an_administrator_copies_edits_and_publishes_and_what_is_published_is_fixed(client):
    administrator = AdministratorFactory()
    client.force_login(administrator)
    shipped = ScorePolicy.objects.get()
    shown = text(client.get(reverse("admin:reports_scorepolicy_change", args=[shipped.pk])))
    assert "Copy to a draft" in shown
    assert "_save" not in shown
    assert client.get(reverse("admin:reports_sheet_copy", args=[shipped.pk])).status_code == 405
    assert client.post(reverse("admin:reports_sheet_copy", args=[shipped.pk])).status_code == 302
    draft = ScorePolicy.objects.get(published_at=None)
    assert "_save" in text(client.get(reverse("admin:reports_scorepolicy_change", args=[draft.pk])))
    draft.lines.filter(key="zero_days").update(most=20)
    publish = reverse("admin:reports_sheet_publish", args=[draft.pk])
    assert "they must be 100" in text(client.post(publish, follow=True))
    draft.lines.filter(key="cases_change").update(most=5)
    assert "In force from its year on" in text(client.post(publish, follow=True))
    assert ScorePolicy.objects.of_year(YEAR) == draft
    assert client.post(reverse("admin:reports_scorepolicy_change", args=[draft.pk]), {"name": "x"}).status_code == 403
    assert "of other years" in text(client.get(reverse("admin:reports_scorepolicy_changelist")))


def test_who_is_no_administrator_comes_no_further(client, boss):
    draft = copy_to_draft(ScorePolicy.objects.get(), name="新版", by=boss, now=timezone.now())
    answer = client.post(reverse("admin:reports_sheet_publish", args=[draft.pk]))
    assert answer.status_code in (302, 403)
    assert not ScorePolicy.objects.get(pk=draft.pk).is_published
