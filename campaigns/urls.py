"""Addresses of outreach."""

from django.urls import URLPattern, path

from campaigns.views import coverage as reach
from campaigns.views import overview
from campaigns.views import rules as numbers

app_name = "campaigns"

# Planning: campaigns, events, the calendar

planning: list[URLPattern] = [
    path("outreach/", overview.home, name="home"),
]

# Logging on the phone: who came, what was handed out, doors, pledges; the page for signing in

logging: list[URLPattern] = []

# Every day: chat groups and pushes, sites, materials, meetings, problems

everyday: list[URLPattern] = []

# Coverage: whom outreach has reached, and whom it never has

coverage: list[URLPattern] = [
    path("outreach/coverage/", reach.coverage, name="coverage"),
    path("outreach/coverage/export/", reach.export, name="coverage_export"),
    path("outreach/coverage/names/", reach.names, name="names"),
    path("outreach/coverage/names/print/", reach.print_names, name="names_print"),
    path("outreach/coverage/names/arrange/", reach.arrange, name="arrange"),
    path("outreach/newcomers/", reach.newcomers, name="newcomers"),
    path("outreach/sentence/", reach.sentence, name="sentence"),
    path("outreach/rules/", numbers.rules, name="rules"),
]

urlpatterns = [*planning, *logging, *everyday, *coverage]
