"""Addresses of the roster, of care and of places."""

from django.urls import URLPattern

app_name = "residents"

# The roster

roster: list[URLPattern] = []

# Care: pairing, visits, dossiers

care: list[URLPattern] = []

# Places: grids, areas, posts

places: list[URLPattern] = []

# Privacy: who looked, what is kept, a resident's own sheet

privacy: list[URLPattern] = []

urlpatterns = [*roster, *care, *places, *privacy]
