"""The numbers of the ledger that an administrator may change."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from cases.models import Rule
from cases.policy import RuleName
from residents.access import StaffRequest, administrators_alone
from residents.services import set_numbers
from residents.views.rules import rules_page


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_alone
def rules(request: StaffRequest) -> HttpResponse:
    """Show and save the numbers of the ledger's rules."""
    least = dict.fromkeys(RuleName, 1)
    return rules_page(
        request,
        Rule,
        least=least,
        save=lambda numbers: set_numbers(
            Rule, numbers, least=least, verb="cases.rules_changed", by=request.user, now=database_now()
        ),
        here="cases:rules",
    )
