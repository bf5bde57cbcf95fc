"""One measure in a process and a database of its own: ``python -m bench.one NAME``, the figures on the last line."""

import json
import logging
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from bench import coverage, district, figures_of_a_district, inside, load, outside, roster, screens, search, start  # noqa: E402

MEASURES = {
    "firing": inside.firing,
    "idle_sweep": inside.idle_sweep,
    "board": inside.board,
    "pages": district.pages_of_a_district,
    "presses": screens.presses,
    "start": start.start,
    "intake": outside.intake,
    "lateness": outside.lateness,
    "burst": outside.burst,
    "load": load.load,
    "big_burst": outside.big_burst,
    "roster": roster.roster,
    "search": search.search,
    "export": roster.export,
    "ledger": roster.ledger,
    "coverage": coverage.coverage,
    "figures": figures_of_a_district.figures,
}


def main(name: str) -> None:
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    print(json.dumps([figure.as_json() for figure in MEASURES[name]()]))


if __name__ == "__main__":
    main(sys.argv[1])
