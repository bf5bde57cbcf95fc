"""A photo that an informant sent is kept no longer than it helps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from accounts.roles import Role
from alerts.models import Alert, Observation, Rule
from alerts.policy import RuleName, State
from alerts.services import make_link
from alerts.services.retention import ReportsKeeper
from alerts.tests.factories import Scene, make_scene
from residents.models import Resident
from residents.policy import Departure
from residents.services import apply_retention, what_is_due
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)  # where the office stands


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def reported(scene: Scene, *, ended: int | None, resident: Resident | None = None) -> Observation:
    """Return a report with a photo whose alert ended so many days ago, or is still open."""
    informant = make_staff(Role.BUILDING_INFORMANT, scene.grid)
    link, _key = make_link(informant, scene.grid, by=scene.manager, now=NOW)
    alert = scene.alert(at=NOW - timedelta(days=400))
    state, at = (State.RECEIVED, None) if ended is None else (State.CLOSED, NOW - timedelta(days=ended))
    Alert.objects.filter(pk=alert.pk).update(state=state, closed_at=at, resident=resident)
    made = Observation(link=link, informant=informant, key=f"{alert.pk:032x}", at=NOW, recorded_at=NOW, alert=alert)
    made.photo.save("1.jpg", ContentFile(b"a door"), save=False)
    made.save()
    return made


def photos_left() -> set[int]:
    return set(Observation.objects.with_photo().values_list("pk", flat=True))


def test_a_photo_goes_when_its_alert_ended_so_many_days_ago_and_what_was_written_stays(
    scene, django_capture_on_commit_callbacks
):
    old, new, still_open = (reported(scene, ended=days) for days in (91, 89, None))
    with django_capture_on_commit_callbacks(execute=True):
        done = apply_retention(now=NOW)
    assert done.beside["report_photos"] == 1
    assert photos_left() == {new.pk, still_open.pk}
    assert not old.photo.storage.exists(old.photo.name)
    assert new.photo.storage.exists(new.photo.name)
    assert Alert.objects.get(pk=old.alert_id).description


def test_a_photo_about_somebody_who_is_anonymised_goes_with_their_name(scene, django_capture_on_commit_callbacks):
    gone = ResidentFactory(grid=scene.grid, ended_on=date(2024, 1, 1), departure=Departure.MOVED)
    about_gone, about_other = reported(scene, ended=1, resident=gone), reported(scene, ended=1)
    assert what_is_due(now=NOW).beside["report_photos"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        apply_retention(now=NOW)
    assert photos_left() == {about_other.pk}
    assert not about_gone.photo.storage.exists(about_gone.photo.name)


def test_a_manager_is_told_of_the_photos_of_the_own_community_alone(scene):
    for one in (scene, make_scene(4)):
        reported(one, ended=100)
    keeper = ReportsKeeper()
    here = (scene.place.community.code,)
    assert keeper.due(Resident.objects.none(), codes=here, on=TODAY) == {"report_photos": 1}
    assert keeper.due(Resident.objects.none(), codes=(make_community(5).community.code,), on=TODAY) == {
        "report_photos": 0
    }
    assert keeper.due(Resident.objects.none(), codes=None, on=TODAY) == {"report_photos": 2}


def test_how_long_is_a_rule_of_the_office(scene):
    Rule.objects.create(name=RuleName.KEEP_PHOTOS_DAYS, number=10)
    (limit,) = ReportsKeeper().limits(on=TODAY)
    assert (limit.number, limit.before) == (10, date(2026, 11, 11))
