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
from contextlib import contextmanager
from pathlib import Path

from antifraud.testing.environment import TEST_SECRETS
from antifraud.testing.servers import postgres_server, scratch_database

ON = {
    "lateness": ("postgres",),
    "burst": ("postgres",),
    "big_burst": ("postgres",),
    "firing": ("postgres", "sqlite"),
    "idle_sweep": ("postgres",),
    "intake": ("postgres", "sqlite"),
    "pages": ("postgres",),
    "presses": ("sqlite",),
    "roster": ("postgres", "sqlite"),
    "search": ("postgres",),
    "export": ("postgres",),
    "coverage": ("postgres",),
}


@contextmanager
def database(kind: str, folder: str, server: str):
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    with scratch_database(server) as url:
        yield url


def measure(name: str, kind: str, server: str) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="antifraud-bench-") as folder, database(kind, folder, server) as url:
        environ = {
            **os.environ,
            **TEST_SECRETS,
            "DATABASE_URL": url,
            "REDIS_URL": "",
            "DATA_DIR": folder,
            "DEBUG": "false",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "antifraud.settings",
        }
        said = subprocess.run(
            [sys.executable, "-m", "bench.one", name], env=environ, check=False, capture_output=True, text=True
        )
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
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}")
    figures: list[dict] = []
    with postgres_server() as server:
        for name in chosen.names or ON:
            for kind in ON[name]:
                for figure in measure(name, kind, server):
                    figures.append(figure)
                    print(show(figure), flush=True)
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
