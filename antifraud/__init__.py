"""The roof: settings, addresses, the Celery clocks, health and the run command. Nobody imports it."""

from antifraud.celery import app as celery_app

__all__ = ["celery_app"]
