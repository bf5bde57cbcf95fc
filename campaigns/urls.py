"""Addresses of outreach."""

from django.urls import URLPattern, path

from campaigns.views import (
    attendance,
    attendance_file,
    calendar,
    campaigns,
    doors,
    events,
    log,
    materials,
    meetings,
    overview,
    photos,
    pledges,
    problems,
    pushes,
    signin,
    sites,
)
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

logging: list[URLPattern] = [
    path("outreach/events/<int:pk>/log/", log.log, name="log"),
    path("outreach/events/<int:pk>/logged/", log.outcome, name="logged"),
    path("outreach/events/<int:pk>/photos/", photos.add_photos, name="add_photos"),
    path("outreach/events/<int:pk>/came/", attendance.came, name="came"),
    path("outreach/events/<int:pk>/came/file/", attendance_file.came_file, name="came_file"),
    path("outreach/events/<int:pk>/came/tick/", attendance.tick, name="tick"),
    path("outreach/events/<int:pk>/sign-in/", signin.sign_in_sheet, name="sign_in_sheet"),
    path("outreach/events/<int:pk>/sign-in/open/", signin.open_sign_in, name="open_sign_in"),
    path("outreach/events/<int:pk>/doors/", doors.doors, name="doors"),
    path("outreach/events/<int:pk>/doors/add/", doors.add_doors, name="add_doors"),
    path("outreach/events/<int:pk>/doors/add/one/", doors.add_door, name="add_door"),
    path("outreach/events/<int:pk>/pledge/", pledges.sign_pledge, name="sign_pledge"),
    path("outreach/doors/<int:pk>/knock/", doors.knock, name="knock"),
    path("outreach/doors/<int:pk>/remove/", doors.remove_door, name="remove_door"),
    path("outreach/papers/", photos.papers, name="papers"),
    path("outreach/photos/<int:pk>/", photos.photo, name="photo"),
    path("outreach/photos/<int:pk>/remove/", photos.remove_photo, name="remove_photo"),
    path("outreach/photos/<int:pk>/enter/", attendance.enter, name="enter"),
    path("outreach/photos/<int:pk>/entered/", attendance.entered, name="entered"),
    path("outreach/pledges/<int:pk>/", pledges.pledge, name="pledge"),
    path("outreach/pledges/<int:pk>/signature/", pledges.signature, name="signature"),
    path("come/<slug:key>/", signin.sign_in, name="sign_in"),
    path("come/<slug:key>/thanks/", signin.signed_in, name="signed_in"),
]

# Every day: chat groups and pushes, sites, materials, meetings, problems

everyday: list[URLPattern] = [
    path("outreach/pushes/", pushes.pushes, name="pushes"),
    path("outreach/pushes/new/", pushes.push, name="push"),
    path("outreach/pushes/<int:pk>/back/", pushes.take_back, name="push_back"),
    path("outreach/pushes/groups/new/", pushes.group_new, name="group_new"),
    path("outreach/pushes/groups/<int:pk>/", pushes.group, name="group"),
    path("outreach/pushes/groups/<int:pk>/end/", pushes.group_end, name="group_end"),
    path("outreach/pushes/groups/<int:pk>/again/", pushes.group_again, name="group_again"),
    path("outreach/pushes/groups/<int:pk>/members/all/", pushes.members_all, name="members_all"),
    path("outreach/pushes/groups/<int:pk>/members/find/", pushes.members_find, name="members_find"),
    path("outreach/pushes/groups/<int:pk>/members/add/", pushes.member_add, name="member_add"),
    path("outreach/pushes/groups/members/<int:pk>/gone/", pushes.member_gone, name="member_gone"),
    path("outreach/sites/", sites.sites, name="sites"),
    path("outreach/sites/new/", sites.site_new, name="site_new"),
    path("outreach/sites/<int:pk>/", sites.site, name="site"),
    path("outreach/sites/<int:pk>/refresh/", sites.site_refresh, name="site_refresh"),
    path("outreach/sites/<int:pk>/end/", sites.site_end, name="site_end"),
    path("outreach/sites/<int:pk>/again/", sites.site_again, name="site_again"),
    path("outreach/sites/photos/<int:pk>/", sites.site_photo, name="site_photo"),
    path("outreach/materials/", materials.materials, name="materials"),
    path("outreach/materials/new/", materials.material_new, name="material_new"),
    path("outreach/materials/<int:pk>/", materials.material, name="material"),
    path("outreach/materials/<int:pk>/in/", materials.take_in, name="take_in"),
    path("outreach/materials/<int:pk>/out/", materials.hand_out, name="hand_out"),
    path("outreach/materials/<int:pk>/count/", materials.count, name="count"),
    path("outreach/meetings/", meetings.meetings, name="meetings"),
    path("outreach/meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("outreach/meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("outreach/meetings/<int:pk>/edit/", meetings.meeting_edit, name="meeting_edit"),
    path("outreach/meetings/<int:pk>/paper/", meetings.meeting_paper, name="meeting_paper"),
    path("outreach/meetings/<int:pk>/agenda/", meetings.keep_agenda, name="keep_agenda"),
    path("outreach/meetings/<int:pk>/agenda/draw/", meetings.draw_agenda, name="draw_agenda"),
    path("outreach/meetings/<int:pk>/minutes/", meetings.write_minutes, name="write_minutes"),
    path("outreach/meetings/<int:pk>/problems/", meetings.add_problem, name="meeting_problem"),
    path("outreach/meetings/<int:pk>/next/", meetings.hold_next, name="hold_next"),
    path("outreach/problems/", problems.problems, name="problems"),
    path("outreach/problems/mine/", problems.my_problems, name="my_problems"),
    path("outreach/problems/new/", problems.problem_new, name="problem_new"),
    path("outreach/problems/<int:pk>/", problems.problem, name="problem"),
    path("outreach/problems/<int:pk>/mend/", problems.mend, name="problem_mend"),
    path("outreach/problems/<int:pk>/strike/", problems.strike, name="problem_strike"),
    path("outreach/problems/<int:pk>/back/", problems.send_back, name="problem_back"),
    path("outreach/problems/<int:pk>/give/", problems.give, name="problem_give"),
]

# Coverage: whom outreach has reached, and whom it never has

coverage: list[URLPattern] = [
    path("outreach/coverage/", reach.coverage, name="coverage"),
    path("outreach/coverage/export/", reach.export, name="coverage_export"),
    path("outreach/coverage/names/", reach.names, name="names"),
    path("outreach/coverage/names/print/", reach.print_names, name="names_print"),
    path("outreach/coverage/names/arrange/", reach.arrange, name="arrange"),
    path("outreach/coverage/newcomers/", reach.newcomers, name="newcomers"),
    path("outreach/coverage/sentence/", reach.sentence, name="sentence"),
    path("outreach/rules/", numbers.rules, name="rules"),
]

urlpatterns = [*planning, *logging, *everyday, *coverage]
