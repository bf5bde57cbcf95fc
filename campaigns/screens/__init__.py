"""Outreach: screens, by what they are about."""
