"""Numbers of alerts, each with a definition and a unit. Drills and voided alerts count in none."""
