"""Addresses of outreach."""

from django.urls import URLPattern, path

from campaigns.views import overview

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

coverage: list[URLPattern] = []

urlpatterns = [*planning, *logging, *everyday, *coverage]
