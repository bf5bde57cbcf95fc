"""The administration of the year's score: the sheet in its versions.

Copied, edited, published whole, and from then on fixed; whatever has consequences goes through the services.
"""

from datetime import datetime

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import RowsOfDraft, VersionsAdmin
from accounts.clock import database_now
from accounts.models import User
from reports import services
from reports.models import ScoreLine, ScorePolicy, ScoreVeto


class LineInline(RowsOfDraft):
    """Lines of the sheet."""

    model = ScoreLine


class VetoInline(RowsOfDraft):
    """What vetoes."""

    model = ScoreVeto


@admin.register(ScorePolicy)
class ScorePolicyAdmin(VersionsAdmin):
    """The sheet of no-fraud communities in its versions."""

    deeds_name = "reports_sheet"
    in_force = _("In force from its year on. Years that are over keep their sheet.")
    list_display = ("name", "standing", "from_year", "published_at", "published_by")
    fields = (
        "name",
        "from_year",
        "red_below",
        "yellow_below",
        "leaves_out",
        "created_at",
        "published_at",
        "published_by",
    )
    inlines = (LineInline, VetoInline)

    @admin.display(description=_("standing"))
    def standing(self, policy: ScorePolicy) -> str:
        """Say whether a version is in force this year, is another year's, or is a draft."""
        if not policy.is_published:
            return gettext("draft")
        is_current = policy == ScorePolicy.objects.of_year(database_now().year)
        return gettext("in force") if is_current else gettext("of other years")

    def copy_to_draft(self, version: ScorePolicy, *, name: str, by: User, now: datetime) -> ScorePolicy:
        """Copy a sheet to a draft."""
        return services.copy_to_draft(version, name=name, by=by, now=now)

    def publish(self, version: ScorePolicy, *, by: User, now: datetime) -> None:
        """Put a sheet in force."""
        services.publish(version, by=by, now=now)
