"""Pages of reports: doors."""
