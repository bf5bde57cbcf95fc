"""Reports: figures with a definition, monthly reports and their frozen snapshots, files for the office.

What will live here: the monthly report and its Excel and Word files, and the scores that the
office is measured by. It reads every floor below and writes to none of them.
"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Name the app for the administration."""

    name = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"
