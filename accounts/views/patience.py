"""How often a page that is open to everybody may be pressed."""

from django.core.cache import cache

MINUTE = 60


def counted(key: str) -> int:
    """Count one press under a key, and return how many there were within its minute."""
    cache.add(key, 0, MINUTE)
    try:
        return cache.incr(key)
    except ValueError:  # its minute ended in between
        cache.set(key, 1, MINUTE)
        return 1
