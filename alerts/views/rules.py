"""The numbers of alerts that an administrator may change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from alerts.models import Rule
from alerts.policy import DEFAULT_RULES, RuleName
from residents.access import StaffRequest, administrators_alone
from residents.forms.places import RulesForm
from residents.services import ResidentsError, set_numbers


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_alone
def rules(request: StaffRequest) -> HttpResponse:
    """Show and save the numbers of the rules of alerts."""
    least = dict.fromkeys(RuleName, 1)
    form = RulesForm(
        request.POST or None, least=least, initial={str(name): n for name, n in Rule.objects.numbers().items()}
    )
    if form.is_valid():
        try:
            changed = set_numbers(
                Rule, form.numbers, least=least, verb="alerts.rules_changed", by=request.user, now=database_now()
            )
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("alerts:rules")
    told = [(form[name], DEFAULT_RULES[name], smallest) for name, smallest in least.items()]
    return render(request, "residents/rules.html", {"form": form, "rules": told})
