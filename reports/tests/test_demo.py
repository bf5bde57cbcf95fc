"""The demo shows reports in every state."""

from datetime import UTC, datetime

import pytest

from accounts.roles import Role
from reports.demo import make_reports
from reports.models import Report, ReportFile
from residents.tests.factories import make_community, make_staff
from sheets.models import FileJob, FileState

pytestmark = pytest.mark.django_db


def test_the_demo_has_signed_reports_a_draft_a_missing_one_and_a_street_that_says_so() -> None:
    communities = [make_community(number) for number in (3, 4, 5)]
    for one in communities:
        make_staff(Role.MANAGER, one.community)
    make_staff(Role.DUTY_OFFICER, communities[0].community)
    now = datetime(2026, 6, 10, 2, tzinfo=UTC)
    assert make_reports(now=now) == 7
    assert Report.objects.signed().count() == 5
    assert ReportFile.objects.count() == 15
    of_may = {report.area.name: report for report in Report.objects.filter(first="2026-05-01").select_related("area")}
    assert communities[2].community.name not in of_may
    assert of_may[communities[0].street.name].parts["missing"] == ["第3社区", "第5社区"]
    assert FileJob.objects.get().state == FileState.READY
    assert make_reports(now=now) == 0
