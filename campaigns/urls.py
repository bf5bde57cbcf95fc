"""Addresses of outreach."""

from django.urls import URLPattern, path

from campaigns.views import materials, meetings, overview, problems, pushes, sites

app_name = "campaigns"

# Planning: campaigns, events, the calendar

planning: list[URLPattern] = [
    path("outreach/", overview.home, name="home"),
]

# Logging on the phone: who came, what was handed out, doors, pledges; the page for signing in

logging: list[URLPattern] = []

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

coverage: list[URLPattern] = []

urlpatterns = [*planning, *logging, *everyday, *coverage]
