"""Doors for people: the roster, care, places, privacy."""
