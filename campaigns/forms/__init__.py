"""Outreach: forms, by what they are about."""
