"""The numbers of cases that an administrator may change, and what holds until somebody does."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RuleName(TextChoices):
    """A number that an administrator may change."""

    LOOK_BACK_DAYS = "look_back_days", _("Look back at outreach … days before a fraud")
    ALERTS_BACK_DAYS = "alerts_back_days", _("Look back at alerts … days before a fraud")
    KEEP_VICTIMS_DAYS = "keep_victims_days", _("Keep the name and phone of a case's victim for … days")


DEFAULT_RULES: Mapping[RuleName, int] = MappingProxyType(
    {
        RuleName.LOOK_BACK_DAYS: 365,
        RuleName.ALERTS_BACK_DAYS: 7,
        # So long records of handing data over are kept (Network Data Security rules, article 12).
        RuleName.KEEP_VICTIMS_DAYS: 1095,
    }
)
