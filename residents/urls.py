"""Addresses of the roster, of care and of places."""

from django.urls import URLPattern, path

from residents.views import care as cares
from residents.views import dossier, visits

app_name = "residents"

# The roster

roster: list[URLPattern] = []

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
