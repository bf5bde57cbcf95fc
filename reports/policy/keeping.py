"""For how long figures that take long to count are shown as they were counted last (docs/decisions)."""

from datetime import timedelta

KEPT_FOR = timedelta(minutes=20)
"""Shown as they are for so long. What somebody looks at is counted again every quarter of an hour."""

RECOUNTED_AFTER = timedelta(minutes=10)
"""Younger ones are not counted again."""

WORTH_KEEPING = timedelta(milliseconds=400)
"""What is counted faster is counted anew at every look: it is then never behind."""

NOTED_EVERY = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
"""What nobody has looked at since is no longer counted."""
