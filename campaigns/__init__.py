"""Outreach: campaigns, visits by grid, and how many residents they have reached."""
