"""How far a report is, the parts of its text, and its files."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    """How far a report is. Signed, it is never changed again; what must be corrected becomes the next revision."""

    DRAFT = "draft", _("Draft")
    SIGNED = "signed", pgettext_lazy("report", "Signed")


class Section(TextChoices):
    """The parts of a report's text, in the order of the offices' bulletins (通报)."""

    SITUATION = "situation", _("Situation")
    FEATURES = "features", _("Main features")
    SHORTCOMINGS = "shortcomings", _("Shortcomings")
    STEPS = "steps", _("Next steps")
    COMMENDED = "commended", _("Commended")


class Paper(TextChoices):
    """The files of a report."""

    WORKBOOK = "workbook", _("Workbook")
    BULLETIN = "bulletin", _("Bulletin")
    SUMMARY = "summary", _("Work summary")
