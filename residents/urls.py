"""Addresses of the roster, of care and of places."""

from django.urls import URLPattern, path, register_converter

from residents.views import areas, dossier, follow_ups, grids, posts, privacy, robots, rules, visits
from residents.views import care as cares
from residents.views import roster as roster_views

app_name = "residents"


class CodeConverter:
    """The code of an area: digits alone, so that nothing else reaches the database."""

    regex = "[0-9]{1,32}"

    def to_python(self, value: str) -> str:
        """Return the code."""
        return value

    def to_url(self, value: str) -> str:
        """Return the code."""
        return value


register_converter(CodeConverter, "code")

# The roster

roster: list[URLPattern] = [
    path("residents/", roster_views.list_, name="list"),
    path("residents/new/", roster_views.create, name="create"),
    path("residents/export/", roster_views.export, name="export"),
    path("residents/<int:pk>/edit/", roster_views.edit, name="edit"),
    path("residents/<int:pk>/end/", roster_views.end, name="end"),
    path("residents/<int:pk>/back/", roster_views.bring_back, name="bring_back"),
    path("residents/<int:pk>/merge/", roster_views.merge, name="merge"),
]

# Care: pairing, visits, dossiers

care: list[URLPattern] = [
    path("residents/<int:pk>/", dossier.detail, name="detail"),
    path("residents/<int:pk>/reveal/", dossier.reveal, name="reveal"),
    path("residents/<int:pk>/open/", dossier.open_minor, name="open_minor"),
    path("residents/<int:pk>/printed/", dossier.printed, name="printed"),
    path("residents/<int:pk>/pair/", cares.pair, name="pair"),
    path("care/", cares.key_groups, name="key_groups"),
    path("care/pairings/<int:pk>/end/", cares.unpair, name="unpair"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/done/<int:pk>/", visits.visited, name="visited"),
    path("visits/photos/<int:pk>/", visits.photo, name="photo"),
    path("follow-ups/<int:pk>/", follow_ups.follow_up, name="follow_up"),
    path("follow-ups/<int:pk>/give/", follow_ups.give, name="give_follow_up"),
    path("follow-ups/<int:pk>/cancel/", follow_ups.cancel, name="cancel_follow_up"),
]

# Places: grids, areas, posts

places: list[URLPattern] = [
    path("grids/", grids.grids, name="grids"),
    path("grids/<code:code>/", grids.grid, name="grid"),
    path("areas/", areas.areas, name="areas"),
    path("areas/rules/", rules.rules, name="rules"),
    path("areas/add/", areas.add_district, name="add_district"),
    path("areas/aliases/<int:pk>/remove/", areas.drop_alias, name="drop_alias"),
    path("areas/<code:code>/", areas.area, name="area"),
    path("areas/<code:code>/add/", areas.add, name="add_area"),
    path("areas/<code:code>/rename/", areas.rename, name="rename_area"),
    path("areas/<code:code>/alias/", areas.alias, name="add_alias"),
    path("areas/<code:code>/remove/", areas.remove, name="remove_area"),
    path("robots/", robots.robots, name="robots"),
    path("robots/new/", robots.robot_new, name="robot_new"),
    path("robots/<int:pk>/", robots.robot, name="robot"),
    path("robots/<int:pk>/test/", robots.robot_test, name="robot_test"),
    path("posts/", posts.posts, name="posts"),
    path("posts/new/", posts.appoint, name="appoint"),
    path("posts/new/person/", posts.appoint_new, name="appoint_new"),
    path("posts/<int:pk>/end/", posts.end, name="end_post"),
    path("posts/<int:pk>/withdraw/", posts.withdraw, name="withdraw_post"),
    path("posts/<int:pk>/stand-in/", posts.stand_in, name="substitute"),
]

# Privacy: who looked, what is kept, a resident's own sheet

kept: list[URLPattern] = [
    path("privacy/log/", privacy.access_log, name="access_log"),
    path("privacy/retention/", privacy.retention, name="retention"),
    path("residents/<int:pk>/sheet/", privacy.sheet, name="sheet"),
]

urlpatterns = [*roster, *care, *places, *kept]
