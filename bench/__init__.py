"""Measures what must be fast, each beside a reference of the same run: ``make bench`` (docs/performance.md)."""
