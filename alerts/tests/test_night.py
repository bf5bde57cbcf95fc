"""A night at the desks, played on a virtual clock.

The first thing that a failure names is the seed: put it beside those below, and the very same night is played again.
"""

import pytest

from alerts.models import Alert, ObjectiveClock
from alerts.policy import ObjectiveState, State
from alerts.tests.night import Night
from notifications.tests.conftest import fresh_lanes, web  # noqa: F401 - a world outside and fresh lanes, as fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("seed", [1])
def test_in_a_night_of_500_alerts_none_is_without_a_holder_or_a_breach_and_everybody_is_told_once(
    web,  # noqa: F811
    seed: int,
) -> None:
    night = Night(seed, web)
    night.play()
    night.hold()
    assert Alert.objects.filter(state=State.CLOSED).count() > 200
    assert ObjectiveClock.objects.filter(state=ObjectiveState.BREACHED).exists()
    assert night.have_waited  # there were moments when nobody was free, and they passed
