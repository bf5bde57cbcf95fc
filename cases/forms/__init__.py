"""What people type about cases and their look-back."""
