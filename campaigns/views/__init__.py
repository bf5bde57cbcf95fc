"""Outreach: views, by what they are about."""
