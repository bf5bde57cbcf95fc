"""The numbers of outreach that an administrator may change."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from campaigns.models import Rule
from campaigns.policy import RuleName
from residents.access import StaffRequest, administrators_alone
from residents.services import set_numbers
from residents.views.rules import rules_page


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_alone
def rules(request: StaffRequest) -> HttpResponse:
    """Show and save the numbers of the rules of outreach."""
    least = dict.fromkeys(RuleName, 1)
    return rules_page(
        request,
        Rule,
        least=least,
        save=lambda numbers: set_numbers(
            Rule, numbers, least=least, verb="campaigns.rules_changed", by=request.user, now=database_now()
        ),
        here="campaigns:rules",
    )
