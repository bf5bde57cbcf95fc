"""The page of the look: only where the program is developed (antifraud/urls.py)."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.clock import database_now
from alerts.forms import EntryForm
from alerts.policy import Level, State
from alerts.screens import styleguide as samples
from residents.access import StaffRequest


@require_safe
def styleguide(request: StaffRequest) -> HttpResponse:
    """Show every component in every state, out of the partials that the pages use."""
    now = database_now()
    return render(
        request,
        "styleguide.html",
        {
            "levels": [(level.value, level.label) for level in Level],
            "clocks": [samples.clock_in(phase, now=now) for phase in samples.PHASES],
            "states": [state.label for state in State],
            "cards": samples.cards(now=now),
            "dense": samples.dense(now=now),
            "pocket_cards": samples.pocket(now=now),
            "strips": samples.strips(now=now),
            "steps": samples.steps(now=now),
            "day": samples.figures(now=now),
            "pulses": samples.pulses(now=now),
            "said": samples.messages(),
            "grids": [(1, "第一网格"), (2, "第二网格")],
            "blank": EntryForm(auto_id="blank_%s"),
            "wrong": EntryForm({"key": uuid4(), "who": "", "where": ""}, auto_id="wrong_%s"),
        },
    )
