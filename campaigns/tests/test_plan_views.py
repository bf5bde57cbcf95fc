"""The pages of planning: who sees and changes what, what a form keeps, what pages cost."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn
from icalendar import Calendar
from PIL import Image

from accounts.clock import database_now, midnight, today
from accounts.models import AuditEntry, Language, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from campaigns import services
from campaigns.models import CalendarFeed, Campaign, Event, EventPartner, EventPhoto, EventStaff
from campaigns.policy import EventState, PhotoKind
from campaigns.tests.factories import CampaignFactory, EventFactory, OrganisationFactory
from residents.tests.factories import Community, make_community, make_staff

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"campaigns:{name}", args=args)


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def place() -> Community:
    return make_community()


@pytest.fixture
def planner(place) -> User:
    return make_staff(Role.OUTREACH_WORKER, place.community)


def typed(where: Community, **fields: object) -> dict[str, object]:
    return {
        "title": "反诈讲座",
        "form": "lecture",
        "area": where.community.pk,
        "audience": "over_60",
        "starts_at": "2026-12-01T09:00",
        "ends_at": "2026-12-01T10:00",
        "repeat": "",
    } | fields


# Planning


def test_an_event_is_planned_with_all_that_belongs_to_it(place, planner):
    bank = OrganisationFactory(area=place.community, kind="bank")
    sent = typed(place, partners=[bank.pk], staff=[planner.pk], expected_heads="40", more_areas=[place.grid.pk])
    answer = as_(planner).post(url("plan"), sent | {"new_partner": "某某派出所", "new_kind": "police"})
    event = Event.objects.get()
    assert answer.headers["Location"] == url("event", event.pk)
    assert {one.organisation.name for one in event.partners.all()} == {bank.name, "某某派出所"}
    assert [one.user for one in event.staff.all()] == [planner]
    assert list(event.more_areas.all()) == [place.grid]
    assert event.starts_at == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def test_an_end_before_the_beginning_is_said_at_the_field_and_everything_typed_stays(place, planner):
    answer = as_(planner).post(url("plan"), typed(place, ends_at="2026-12-01T08:00", place="活动室东侧"))
    assert "An event cannot end before it starts." in text(answer)
    assert "活动室东侧" in text(answer)
    assert not Event.objects.exists()


def test_checking_warns_and_saves_nothing_and_saving_is_not_kept_back(place, planner):
    sent = typed(place, expected_heads="120", expected_volunteers="2")
    checked = text(as_(planner).post(url("plan"), sent | {"check": "1"}))
    assert "No authoritative partner" in checked
    assert "120 visitors ask for 5 volunteers; 2 planned." in checked
    assert not Event.objects.exists()
    shown = text(as_(planner).post(url("plan"), sent, follow=True))
    assert "120 visitors ask for 5 volunteers; 2 planned." in shown
    assert Event.objects.count() == 1


def test_a_held_event_is_not_warned_of(place, planner):
    event = EventFactory(area=place.community, state=EventState.HELD)
    assert "No authoritative partner" not in text(as_(planner).get(url("event", event.pk)))


def test_what_was_learnt_from_this_form_here_is_shown_while_the_next_is_planned(place, planner):
    abroad = make_community(4)
    common = {"state": EventState.HELD}
    EventFactory(area=place.grid, reflection="先请社区民警", **common)
    EventFactory(area=place.community, form="quiz", reflection="题目太难", **common)
    EventFactory(area=abroad.community, reflection="邻村的事", **common)
    said = text(as_(planner).post(url("check_plan"), typed(place)))
    assert "先请社区民警" in said
    assert "题目太难" not in said
    assert "邻村的事" not in said


def test_nobody_from_elsewhere_is_put_on_the_staff(place, planner):
    stranger = make_staff(Role.OUTREACH_WORKER, make_community(4).community)
    as_(planner).post(url("plan"), typed(place, staff=[stranger.pk]))
    assert not Event.objects.exists()


def test_an_administrator_puts_only_people_of_the_place_on_the_staff(place):
    stranger = make_staff(Role.OUTREACH_WORKER, make_community(4).community)
    answer = as_(AdministratorFactory()).post(url("plan"), typed(place, staff=[stranger.pk]))
    assert "No part in outreach there" in text(answer)
    assert not EventStaff.objects.exists()


def test_who_only_logs_plans_nothing(place):
    leader = make_staff(Role.GRID_LEADER, place.grid)
    event = EventFactory(area=place.community)
    assert as_(leader).get(url("event", event.pk)).status_code == 200
    for name in ("edit_event", "move_event", "cancel_event", "stop_series"):
        assert as_(leader).post(url(name, event.pk)).status_code == 403
    assert as_(leader).get(url("plan")).status_code == 403


def test_a_foreign_event_is_not_there(place):
    stranger = make_staff(Role.OUTREACH_WORKER, make_community(4).community)
    event, campaign = EventFactory(area=place.community), CampaignFactory(area=place.community)
    for name in ("event", "edit_event", "move_event", "cancel_event", "stop_series"):
        assert as_(stranger).get(url(name, event.pk)).status_code == 404
    for name in ("campaign", "edit_campaign", "campaign_word"):
        assert as_(stranger).get(url(name, campaign.pk)).status_code == 404


def test_a_repetition_is_planned_changed_and_stopped_from_its_pages(place, planner):
    client, begin = as_(planner), today() + timedelta(days=1)
    when = {"starts_at": f"{begin}T09:00", "ends_at": f"{begin}T10:00"}
    client.post(url("plan"), typed(place, repeat="weekly", **when))
    first = Event.objects.earliest_first().first()
    assert Event.objects.count() == 13
    assert "Every week:" in text(client.get(url("event", first.pk)))
    client.post(url("edit_event", first.pk), typed(place, title="改名讲座", which="later", **when))
    assert Event.objects.filter(title="改名讲座").count() == 13
    client.post(url("stop_series", first.pk), {"last_on": str(begin)})
    assert list(Event.objects.all()) == [first]


def test_a_cancelled_event_says_why(place, planner):
    event = EventFactory(area=place.community)
    as_(planner).post(url("cancel_event", event.pk), {"why": "场地停电"})
    shown = text(as_(planner).get(url("event", event.pk)))
    assert "场地停电" in shown
    assert url("edit_event", event.pk) not in shown


def test_moving_keeps_what_is_planned(place, planner):
    event = EventFactory(area=place.community, place="活动室")
    as_(planner).post(url("move_event", event.pk), {"starts_at": "2026-12-01T12:00", "ends_at": "2026-12-01T13:00"})
    event.refresh_from_db()
    assert (event.starts_at, event.place) == (NOON, "活动室")


def test_what_the_reader_could_not_have_chosen_is_not_lost_by_changing_the_plan(place, planner):
    abroad = make_community(4)
    campaign = CampaignFactory(area=abroad.community)
    event = EventFactory(area=place.community, campaign=campaign)
    theirs = OrganisationFactory(area=abroad.community)
    EventPartner.objects.create(event=event, organisation=theirs, is_planned=True)
    event.more_areas.add(abroad.community)
    client = as_(planner)
    assert "checked" in text(client.get(url("edit_event", event.pk)))
    kept = {"campaign": campaign.pk, "partners": [theirs.pk], "more_areas": [abroad.community.pk]}
    client.post(url("edit_event", event.pk), typed(place, **kept))
    event.refresh_from_db()
    assert event.title == "反诈讲座"
    assert (event.campaign, event.partners.get().organisation) == (campaign, theirs)
    assert list(event.more_areas.all()) == [abroad.community]


# The overview and the calendar


def test_the_overview_says_what_is_to_be_logged_and_to_mend(place, planner):
    now = database_now()
    past = EventFactory(area=place.community, starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=3))
    soon = EventFactory(area=place.community, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3))
    shown = text(as_(planner).get(url("home")))
    to_log = shown[shown.index('id="to-log"') : shown.index('id="this-week"')]
    to_mend = shown[shown.index('id="to-mend"') :]
    assert past.title in to_log
    assert soon.title not in to_log
    assert soon.title in to_mend


@pytest.mark.parametrize("shown", ["month", "week", "list", "rubbish"])
def test_the_calendar_shows_the_days_asked_for(place, planner, shown):
    inside = EventFactory(area=place.grid, starts_at=NOON, ends_at=NOON)
    outside = EventFactory(area=place.grid, starts_at=NOON + timedelta(days=60), ends_at=NOON + timedelta(days=60))
    page = text(as_(planner).get(url("calendar"), {"shown": shown, "on": "2026-12-01"}))
    assert inside.title in page
    assert outside.title not in page


def test_the_calendar_is_narrowed_to_area_form_and_oneself(place, planner):
    mine = EventFactory(area=place.grids[0], starts_at=NOON, ends_at=NOON, form="quiz")
    EventStaff.objects.create(event=mine, user=planner)
    other = EventFactory(area=place.grids[1], starts_at=NOON, ends_at=NOON)
    for narrowed in ({"area": place.grids[0].code}, {"form": "quiz"}, {"mine": "1"}):
        page = text(as_(planner).get(url("calendar"), {"on": "2026-12-01", **narrowed}))
        assert mine.title in page
        assert other.title not in page


@pytest.mark.parametrize("on", ["1900-01-01", "2199-12-31", "0001-01-01", "9999-12-31", "x"])
def test_the_calendar_goes_to_the_ends_of_time_without_falling_off(place, planner, on):
    for shown in ("month", "week", "list"):
        assert as_(planner).get(url("calendar"), {"on": on, "shown": shown}).status_code == 200


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def make_events(place: Community, number: int, **fields: object) -> None:
    soon = midnight(today()) + timedelta(hours=23, minutes=59)
    for _ in range(number):
        event = EventFactory(area=place.community, starts_at=soon, ends_at=soon, **fields)
        EventPartner.objects.create(event=event, organisation=OrganisationFactory(area=place.community))


@pytest.mark.parametrize("name", ["home", "calendar", "campaigns", "campaign"])
def test_a_page_costs_the_same_for_five_rows_as_for_fifty(place, planner, name):
    campaign = CampaignFactory(area=place.community, created_by=planner)
    path = url(name, campaign.pk) if name == "campaign" else url(name)
    client = as_(planner)
    make_events(place, 5, campaign=campaign)
    five = queries(client, path)
    make_events(place, 45, campaign=campaign)
    CampaignFactory.create_batch(45, area=place.community, created_by=planner)
    assert queries(client, path) == five


# The calendar that is subscribed to


def feed_of(user: User) -> str:
    """The secret of somebody's new address."""
    return services.renew_feed(by=user, now=database_now())[1]


def fetch(feed: str, **query: str) -> Calendar:
    answer = Client().get(url("feed", feed), query)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content)


def make_soon(place: Community, **fields: object) -> Event:
    soon = database_now() + timedelta(days=2)
    event: Event = EventFactory(area=place.community, starts_at=soon, ends_at=soon + timedelta(hours=1), **fields)
    return event


def test_a_calendar_holds_what_its_owner_sees_in_the_offices_time(place, planner):
    event = make_soon(place)
    make_soon(make_community(4))
    (entry,) = fetch(feed_of(planner)).walk("VEVENT")
    assert entry["UID"] == f"{event.uid}@shouwang"
    assert entry["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert entry["DTSTART"].dt == event.starts_at.replace(microsecond=0)
    assert entry["STATUS"] == "CONFIRMED"


def test_a_cancelled_event_is_cancelled_in_calendars_too(place, planner):
    event, feed = make_soon(place), feed_of(planner)
    (before,) = fetch(feed).walk("VEVENT")
    services.cancel_event(event, why="下雨", by=planner, now=database_now())
    (after,) = fetch(feed).walk("VEVENT")
    assert after["UID"] == before["UID"]
    assert after["STATUS"] == "CANCELLED"
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt


def test_a_new_address_makes_the_old_one_dead(planner):
    old = feed_of(planner)
    page = as_(planner).post(url("renew_feed")).content.decode()
    new = re.findall(r"/outreach/feed/([\w-]+)", page)[0]
    assert new not in as_(planner).get(url("subscribe")).content.decode()
    assert new not in str(list(CalendarFeed.objects.values()))
    assert old != new
    assert Client().get(url("feed", old)).status_code == 404
    assert Client().get(url("feed", new)).status_code == 200
    assert AuditEntry.objects.filter(verb__in=["campaigns.feed_made", "campaigns.feed_renewed"]).count() == 2
    assert not AuditEntry.objects.filter(detail__icontains=new).exists()


def test_who_left_has_an_empty_calendar_and_who_is_shut_out_none(place, planner):
    make_soon(place)
    feed = feed_of(planner)
    planner.posts.update(ends_on=today() - timedelta(days=1))
    assert not fetch(feed).walk("VEVENT")
    User.objects.filter(pk=planner.pk).update(is_active=False)
    assert Client().get(url("feed", feed)).status_code == 404


def test_only_my_own_are_in_the_second_calendar(place, planner):
    make_soon(place)
    mine = make_soon(place)
    EventStaff.objects.create(event=mine, user=planner)
    assert [one["UID"] for one in fetch(feed_of(planner), mine="1").walk("VEVENT")] == [f"{mine.uid}@shouwang"]


def test_a_calendar_that_did_not_change_is_not_sent_again(place, planner):
    make_soon(place)
    feed = feed_of(planner)
    first = Client().get(url("feed", feed))
    again = Client().get(url("feed", feed), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.content


# Campaigns


def written(place: Community, **fields: object) -> dict[str, object]:
    return {
        "title": "防范养老诈骗",
        "area": place.community.pk,
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
        "background": "老人多",
        "budget-TOTAL_FORMS": "2",
        "budget-INITIAL_FORMS": "0",
        "budget-0-item": "宣传单",
        "budget-0-unit_price": "0.30",
        "budget-0-planned": "100",
    } | fields


def test_a_campaign_is_written_with_its_budget_and_written_on(place, planner):
    client = as_(planner)
    client.post(url("create_campaign"), written(place))
    campaign = Campaign.objects.get()
    line = campaign.budget.get()
    assert (line.item, line.planned_cost, line.actual_cost) == ("宣传单", 30, None)
    sent = written(place, reflection="下次请民警") | {"budget-0-pk": line.pk, "budget-0-actual": "90"}
    client.post(url("edit_campaign", campaign.pk), sent)
    campaign.refresh_from_db()
    assert campaign.reflection == "下次请民警"
    assert [(one.pk, one.actual_cost) for one in campaign.budget.all()] == [(line.pk, 27)]


def test_a_foreign_line_of_a_budget_is_not_written_over(place, planner):
    other = CampaignFactory(area=make_community(4).community)
    theirs = other.budget.create(item="他们的", unit_price=1, planned=1)
    as_(planner).post(url("create_campaign"), written(place) | {"budget-0-pk": theirs.pk})
    theirs.refresh_from_db()
    assert (theirs.item, theirs.campaign) == ("他们的", other)


def test_a_campaign_that_ends_before_it_starts_is_refused_and_kept_on_the_page(place, planner):
    answer = as_(planner).post(url("create_campaign"), written(place, ends_on="2026-11-01"))
    assert "A campaign cannot end before it starts." in text(answer)
    assert "老人多" in text(answer)
    assert not Campaign.objects.exists()


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def campaign(place, planner) -> Campaign:
    campaign = CampaignFactory(area=place.community, background="第一行\n第二行\x0b", created_by=planner)
    campaign.budget.create(item="宣传单", unit_price="0.30", planned=600, actual=500)
    event = EventFactory(
        area=place.community, campaign=campaign, state=EventState.HELD, heads=92, expected_heads=60, reflection="请民警"
    )
    for name, planned in (("中国联通", True), ("小米手机店", False)):
        organisation = OrganisationFactory(area=place.community, name=name, kind="shop")
        EventPartner.objects.create(event=event, organisation=organisation, is_planned=planned, has_come=not planned)
    for kind in (PhotoKind.EVENT, PhotoKind.EVENT, PhotoKind.PAPER):
        EventPhoto.objects.create(
            event=event, kind=kind, file=ContentFile(photo(), "a.jpg"), caption="现场", by=planner, at=NOON
        )
    return campaign


def test_a_campaign_leaves_as_a_word_document_in_the_order_of_a_report(planner, campaign):
    User.objects.filter(pk=planner.pk).update(language=Language.CHINESE)
    answer = as_(planner).get(url("campaign_word", campaign.pk))
    document = Document(BytesIO(answer.content))
    headings = [one.text for one in document.paragraphs if one.style.name.startswith("Heading")]
    firsts = [one for one in headings if re.match(r"[一二三四五六]、", one)]
    assert [one[0] for one in firsts] == list("一二三四五六")
    assert [one for one in headings if one.startswith("（")][:2] == [headings[2], headings[6]]
    assert headings[3][:2] == "1、"
    budget, events, photos = document.tables
    assert [cell.text for cell in budget.rows[-1].cells][3] == "180.00"
    assert "中国联通" in events.rows[1].cells[3].text
    assert "小米手机店" in events.rows[2].cells[3].text
    assert len(document.inline_shapes) == 2
    assert "图1" in photos.rows[0].cells[0].text
    assert "（未填写）" in "".join(one.text for one in document.paragraphs)
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"
    assert AuditEntry.objects.filter(verb="campaigns.campaign_exported", actor=planner).count() == 1


def test_an_empty_campaign_leaves_as_a_document_too(place, planner):
    campaign = CampaignFactory(area=place.community, created_by=planner)
    document = Document(BytesIO(as_(planner).get(url("campaign_word", campaign.pk)).content))
    assert not document.tables
    assert next(one.text for one in document.paragraphs if one.style.name == "Heading 1") == "1 Background"


def test_the_campaign_page_sets_planned_and_actual_beside_each_other(planner, campaign):
    page = text(as_(planner).get(url("campaign", campaign.pk)))
    assert page.index("中国联通") < page.index("小米手机店")
    assert "other than planned" in page
    assert date(2026, 11, 1) == campaign.starts_on
