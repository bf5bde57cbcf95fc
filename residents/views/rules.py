"""The numbers that an administrator may change, as each app shows and saves its own."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from residents.access import StaffRequest, administrators_alone
from residents.forms.places import RulesForm
from residents.models import NumberedRule, Rule
from residents.policy import RuleName, least_of_a_rule
from residents.services import ResidentsError, set_rules


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_alone
def rules(request: StaffRequest) -> HttpResponse:
    """Show and save the numbers of the roster and of care."""
    return rules_page(
        request,
        Rule,
        least={name: least_of_a_rule(name) for name in RuleName},
        save=lambda numbers: set_rules(numbers, by=request.user, now=database_now()),
        here="residents:rules",
    )


def rules_page(
    request: StaffRequest,
    kind: type[NumberedRule],
    *,
    least: Mapping[Any, int],
    save: Callable[[Mapping[Any, int]], Mapping[Any, int]],
    here: str,
) -> HttpResponse:
    """Show the rules of an app with their numbers, or save what was typed and lead back.

    Args:
        least: each rule with the least that it may be.
        save: the app's verb; returns what changed. What it refuses (``ResidentsError``) is said in the form.
        here: the name of the page's address.
    """
    rows: Any = kind.objects  # an abstract model has no field for the name; each of its children has
    initial = {str(name): number for name, number in rows.numbers().items()}
    form = RulesForm(request.POST or None, least=least, initial=initial)
    if form.is_valid():
        try:
            changed = save(form.numbers)
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect(here)
    told = [(form[name], kind.DEFAULTS[name], smallest) for name, smallest in least.items()]
    return render(request, "residents/rules.html", {"form": form, "rules": told})
