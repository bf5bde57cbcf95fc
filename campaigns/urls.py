"""Addresses of outreach."""

from django.urls import URLPattern, path

from campaigns.views import calendar, campaigns, events, overview
from campaigns.views import coverage as reach
from campaigns.views import rules as numbers

app_name = "campaigns"

# Planning: campaigns, events, the calendar

planning: list[URLPattern] = [
    path("outreach/", overview.home, name="home"),
    path("outreach/campaigns/", campaigns.list_, name="campaigns"),
    path("outreach/campaigns/new/", campaigns.create, name="create_campaign"),
    path("outreach/campaigns/<int:pk>/", campaigns.detail, name="campaign"),
    path("outreach/campaigns/<int:pk>/edit/", campaigns.edit, name="edit_campaign"),
    path("outreach/campaigns/<int:pk>/word/", campaigns.word, name="campaign_word"),
    path("outreach/events/new/", events.plan, name="plan"),
    path("outreach/events/check/", events.check, name="check_plan"),
    path("outreach/events/<int:pk>/", events.event, name="event"),
    path("outreach/events/<int:pk>/edit/", events.edit, name="edit_event"),
    path("outreach/events/<int:pk>/move/", events.move, name="move_event"),
    path("outreach/events/<int:pk>/cancel/", events.cancel, name="cancel_event"),
    path("outreach/events/<int:pk>/stop/", events.stop, name="stop_series"),
    path("outreach/calendar/", calendar.calendar, name="calendar"),
    path("outreach/calendar/subscribe/", calendar.subscribe, name="subscribe"),
    path("outreach/calendar/renew/", calendar.renew, name="renew_feed"),
    path("outreach/feed/<slug:token>.ics", calendar.feed, name="feed"),
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
