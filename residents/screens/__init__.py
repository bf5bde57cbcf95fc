"""What each screen shows of rows: frozen values, computed with few queries, for templates that hold no logic."""
