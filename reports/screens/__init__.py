"""Pages of reports, ready to be drawn."""
