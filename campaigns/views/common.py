"""What the pages of outreach share: their second bar."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.clock import today
from campaigns.screens.ways import ways_of
from residents.access import StaffRequest


def show(request: StaffRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Show a page of outreach, with the ways to the others."""
    ways = ways_of(request.user, path=request.path, on=today())
    return render(request, f"campaigns/{template}.html", {"ways": ways, **context}, status=status)
