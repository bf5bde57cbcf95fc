"""The ledger of frauds that were reported, and the look-back: was the victim ever reached before, and how."""
