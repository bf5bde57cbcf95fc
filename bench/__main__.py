"""Run the measures and print each figure beside its reference and its goal: ``make bench``.

    python -m bench                      all of them (some minutes)
    python -m bench intake burst         these alone
    python -m bench --json FILE          also as JSON

Each runs in a process of its own on a database of its own, which is thrown away after. Nobody's data is touched.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from antifraud.testing.environment import TEST_SECRETS
from antifraud.testing.servers import execute, postgres_server, scratch_database

ON = {
    "lateness": ("postgres",),
    "burst": ("postgres",),
    "big_burst": ("postgres",),
    "firing": ("postgres", "sqlite"),
    "idle_sweep": ("postgres",),
    "intake": ("postgres", "sqlite"),
    "load": ("postgres",),
    "board": ("postgres",),
    "presses": ("sqlite",),
    "start": ("sqlite",),
    "roster": ("postgres", "sqlite"),
    "export": ("postgres",),
    "search": ("district",),
    "coverage": ("district",),
    "figures": ("district",),
    "ledger": ("district",),
    "pages": ("district",),
}
"""Which measures there are, and on what: those of a district share one, filled once, and only read it."""


class Databases:
    """Where measures run: each on a database of its own that is thrown away after, those of a district on one."""

    def __init__(self, server: str, *, residents: int, stack: ExitStack) -> None:
        self.server, self.residents, self.stack = server, residents, stack

    @contextmanager
    def of(self, kind: str, folder: str) -> Iterator[str]:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/bench.sqlite3"
        elif kind == "district":
            yield self.district
        else:
            with scratch_database(self.server) as url:
                yield url

    @cached_property
    def district(self) -> str:
        url = self.stack.enter_context(scratch_database(self.server))
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="antifraud-bench-"))
        for command in (("migrate", "--verbosity=0"), ("make_district", f"--residents={self.residents}")):
            subprocess.run(
                [sys.executable, "manage.py", *command], env=environment(url, folder), check=True, stdout=sys.stderr
            )
        execute(url, "VACUUM ANALYZE")
        return url


def environment(url: str, folder: str) -> dict[str, str]:
    return {
        **os.environ,
        **TEST_SECRETS,
        "DATABASE_URL": url,
        "REDIS_URL": "",
        "DATA_DIR": folder,
        "DEBUG": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "antifraud.settings",
    }


def measure(name: str, kind: str, databases: Databases) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="antifraud-bench-") as folder, databases.of(kind, folder) as url:
        command = [sys.executable, "-m", "bench.one", name]
        said = subprocess.run(command, env=environment(url, folder), check=False, capture_output=True, text=True)
    if said.returncode:
        print(f"{name} on {kind} failed:\n{said.stderr[-3000:]}", file=sys.stderr)
        return []
    return json.loads(said.stdout.splitlines()[-1])


def show(figure: dict) -> str:
    verdict = {True: "kept", False: "MISSED", None: ""}[figure["kept"]]
    beside = ""
    if figure["reference"]:
        beside = f"{figure['ratio']:.2f} × {figure['reference']:,.4g} ({figure['reference_is']})"
    return f"{figure['name']:78} {figure['value']:>10,.4g} {figure['unit']:9} {figure['goal']:20} {verdict:7} {beside}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*ON, []], help="which measures; none is all")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--residents", type=int, default=1_000_000, metavar="N", help="of the district (1000000)")
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}")
    figures: list[dict] = []
    with postgres_server() as server, ExitStack() as stack:
        databases = Databases(server, residents=chosen.residents, stack=stack)
        for name in chosen.names or ON:
            for kind in ON[name]:
                for figure in measure(name, kind, databases):
                    figures.append(figure)
                    print(show(figure), flush=True)
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
