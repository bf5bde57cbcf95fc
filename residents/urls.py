"""Addresses of the roster, of care and of places."""

from django.urls import URLPattern, path

from residents.views import care as cares
from residents.views import dossier, visits
from residents.views import roster as roster_views

app_name = "residents"

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
]

# Places: grids, areas, posts

places: list[URLPattern] = []

# Privacy: who looked, what is kept, a resident's own sheet

privacy: list[URLPattern] = []

urlpatterns = [*roster, *care, *places, *privacy]
