"""What people type about residents and places, turned into what the verbs take."""
