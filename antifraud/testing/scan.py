"""Scan the running product with Wapiti, as nobody and logged in as each role: ``make scan``.

    python -m antifraud.testing.scan PROGRAM [ROLE …]

PROGRAM is Wapiti's. The product runs on a throw-away data folder with the demo, on the loopback alone, and is pressed
and written to without mercy. What is found is printed, each finding once with who found it; what stands in
``EXPLAINED`` is explained in docs/security.md. Exits with 1 where something else was found, a role saw nothing, or the
program logged an error.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from antifraud.testing.lighthouse import cookie_of
from antifraud.testing.program import Program, running_program

ROLES = {
    "nobody": "",
    "administrator": "admin",
    "supervisor": "supervisor.105012.1",
    "manager": "manager.012003.1",
    "duty officer": "duty_officer.012003.1",
    "outreach worker": "outreach_worker.012003.1",
    "police liaison": "police_liaison.012003.1",
    "grid leader": "grid_leader.003001.1",
    "warning specialist": "warning_specialist.003001.1",
    "carer": "carer.003001.1",
    "building informant": "building_informant.003001.1",
}
# What asks the scanner's maker for lists, or a server outside to call back, is left out.
MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "ldap", "methods"),
    *("permanentxss", "redirect", "sql", "upload", "xss", "xxe"),
)
# Pressed, they would end the scan: who goes out is nobody from then on.
NOT_PRESSED = ("/accounts/logout/", "/accounts/security/*", "/accounts/password/*", "/static/*", "/admin/logout/")
CRAWL, ATTACK = 12, 2.5
"""Seconds: to look for pages as one role, and for each module to attack them."""
FEWEST = {False: 2, True: 20}
"""Pages that somebody must have been seen on, by whether they were logged in; fewer is no scan."""
PATIENCE = 240
"""Seconds after which a scan of one role is stopped from outside."""

EXPLAINED = (
    ("HttpOnly Flag cookie", "HttpOnly flag is not set in the cookie : csrftoken"),
    ("HttpOnly Flag cookie", "HttpOnly flag is not set in the cookie : django_language"),
    # The scan goes over plain http; over https every cookie has it.
    ("Secure Flag cookie", "Secure flag is not set in the cookie : "),
)
"""What docs/security.md explains: kinds of findings, with how their words begin."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that the scanner says of one address."""

    kind: str
    level: int
    what: str
    where: str

    @property
    def is_explained(self) -> bool:
        """Whether docs/security.md says why it stays."""
        return any(self.kind == kind and self.what.startswith(words) for kind, words in EXPLAINED)


def scan(wapiti: str, program: Program, role: str, *, folder: Path) -> tuple[int, list[Finding]]:
    """Return how many pages somebody of a role was seen on, and what was found there."""
    # A folder each: the scanner's own database was found locked by what an earlier scan left running.
    store = folder / role.replace(" ", "-")
    store.mkdir()
    report = store / "report.json"
    command = [wapiti, "-u", f"{program.address}/", "--scope", "folder", "-m", ",".join(MODULES), "-l", "1"]
    command += ["--max-scan-time", str(CRAWL), "--max-attack-time", str(ATTACK), "--tasks", "4", "--depth", "3"]
    command += ["--max-files-per-dir", "12", "--max-links-per-page", "60", "--max-parameters", "30"]
    # Forms come with the token of their page; with another in its place nothing of them is tried.
    command += [
        "--skip",
        "csrfmiddlewaretoken",
        "--flush-session",
        "--store-session",
        str(store),
        "--store-config",
        str(store),
        "--no-bugreport",
    ]
    command += ["-f", "json", "-o", str(report), "--color", "-dr", "1"]
    for path in NOT_PRESSED:
        command += ["-x", f"{program.address}{path}"]
    command += ["-C", cookie_of(program, ROLES[role])]
    subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
    said = json.loads(report.read_text(encoding="utf-8"))
    found = [
        Finding(kind, one["level"], one["info"].strip(), f"{one['method']} {one['path']}")
        for group in ("vulnerabilities", "anomalies")
        for kind, all_of_kind in said[group].items()
        for one in all_of_kind
    ]
    return int(said["infos"]["crawled_pages_nbr"]), found


def told(found: Iterable[tuple[str, Finding]]) -> list[str]:
    """Return the findings as lines: each kind with its words, how often, where first, and as whom."""
    kinds: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
    for role, finding in found:
        kinds.setdefault((finding.kind, finding.what), []).append((role, finding))
    lines = []
    for (kind, what), seen in sorted(kinds.items()):
        first = seen[0][1]
        roles = ", ".join(dict.fromkeys(role for role, _finding in seen))
        word = "explained" if first.is_explained else "NEW"
        lines.append(
            f"{word}: {kind} (level {first.level}): {what} — {len(seen)} times, first {first.where}, as {roles}"
        )
    return lines


def main(arguments: Sequence[str]) -> int:
    """Scan as each role; return 1 where something is not explained."""
    wapiti, *wished = arguments
    found: list[tuple[str, Finding]] = []
    blind: list[str] = []
    with tempfile.TemporaryDirectory(prefix="antifraud-scan-") as place:
        folder = Path(place)
        (folder / "data").mkdir()
        with running_program(folder / "data") as program:
            for role in wished or ROLES:
                pages, findings = scan(wapiti, program, role, folder=folder)
                print(f"{role}: {pages} pages, {len(findings)} findings", flush=True)
                found += [(role, finding) for finding in findings]
                if pages < FEWEST[bool(ROLES[role])]:
                    blind.append(role)
            broken = [line for line in program.log() if '"level": "error"' in line]
    print("\n".join(told(found)))
    for line in broken:
        print(f"The program's own log: {line}")
    if blind:
        print(f"Nothing was seen as {', '.join(blind)}: that is no scan.")
    return int(bool(blind or broken) or any(not finding.is_explained for _role, finding in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
