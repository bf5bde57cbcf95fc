"""The numbers of cases that an office may change."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.policy import DEFAULT_RULES, RuleName
from residents.models import NumberedRule


class Rule(NumberedRule):
    """A number of cases that this office changed."""

    DEFAULTS = DEFAULT_RULES

    name = models.CharField(_("rule"), max_length=24, choices=RuleName.choices, unique=True)

    class Meta(NumberedRule.Meta):
        verbose_name = _("rule of cases with a number")
        verbose_name_plural = _("rules of cases with a number")
