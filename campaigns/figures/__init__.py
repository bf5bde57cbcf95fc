"""Outreach: figures, by what they are about."""
