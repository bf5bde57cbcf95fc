"""The numbers of alerts that an office may change."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.policy import DEFAULT_RULES, RuleName
from residents.models import NumberedRule


class Rule(NumberedRule):
    """A number of alerts that this office changed."""

    DEFAULTS = DEFAULT_RULES

    name = models.CharField(_("rule"), max_length=24, choices=RuleName.choices, unique=True)

    class Meta(NumberedRule.Meta):
        verbose_name = _("rule of alerts with a number")
        verbose_name_plural = _("rules of alerts with a number")
