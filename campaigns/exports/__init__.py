"""Outreach as files that leave: a Word document, a calendar."""
