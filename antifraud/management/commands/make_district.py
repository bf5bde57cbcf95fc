"""Fill an empty database with an invented district, to try the program and its speed at full size."""

import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from antifraud.district import ADMINISTRATOR, FEWEST, MOST, DistrictError, Scale, logins, make_district


class Command(BaseCommand):
    """``make_district [--residents N] [--seed N]``."""

    help = (
        "Fill an empty, migrated database with an invented district: a million residents in two thousand grids, "
        "five million touches, half a million alerts and two hundred thousand cases of three years, or less of all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how large, and the seed of the dice."""
        parser.add_argument("--residents", type=int, default=1_000_000, metavar="N", help="how many (1000000)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same one gives the same people (1)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it and say who can log in."""
        if not FEWEST <= options["residents"] <= MOST:
            raise CommandError(f"--residents is a number from {FEWEST} to {MOST}.")
        password = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}"
        scale = Scale(options["residents"], seed=options["seed"])
        begun = time.monotonic()
        try:
            make_district(scale, password=password, now=database_now(), phase=self._phase)
        except DistrictError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{'All of it, invented':70} {time.monotonic() - begun:7.1f} s")
        for role, username in logins():
            self.stdout.write(f"{role.label}: {username}")
        self.stdout.write(f"Administrator: {ADMINISTRATOR}\nEverybody's password: {password}")

    @contextmanager
    def _phase(self, what: str) -> Iterator[None]:
        """Say what is being made, and how long it took."""
        self.stdout.write(f"{what:70} ", ending="")
        self.stdout.flush()
        begun = time.monotonic()
        yield
        self.stdout.write(f"{time.monotonic() - begun:7.1f} s")
