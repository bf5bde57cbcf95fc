"""What the pages of outreach share: where their templates lie."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from residents.access import StaffRequest


def show(request: StaffRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Show a page of outreach."""
    return render(request, f"campaigns/{template}.html", context, status=status)
