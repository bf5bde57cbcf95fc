"""Known holes in what we install and in what we vendored, as the registries know them.

    python -m antifraud.testing.audit PIP_AUDIT SITE_PACKAGES

prints what is known and what could not be asked, each by name, and ends with 1 where a hole is known. A registry that
does not answer is said and is no failure: whoever works without internet still finishes the rest.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 180  # seconds


@dataclass
class Report:
    """What one registry said: holes, what it was not asked about, and why it did not answer at all, if so."""

    of: str
    count: int = 0
    holes: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    silent: str = ""

    def lines(self) -> list[str]:
        """Say it in words."""
        if self.silent:
            return [f"{self.of}: NOT AUDITED. {self.silent}"]
        said = [f"{self.of}: {self.count - len(self.unasked)} of {self.count} audited, {len(self.holes)} known holes"]
        said += [f"  HOLE {hole}" for hole in self.holes]
        return said + ([f"  not audited: {', '.join(self.unasked)}"] if self.unasked else [])


def run(command: list[str], *, folder: str | None = None) -> tuple[str, str]:
    """Return what a program printed and what it complained of; of one that takes too long, that."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return "", f"no answer within {PATIENCE} seconds"
    return done.stdout, done.stderr


def python_packages(program: str, site_packages: str) -> Report:
    """Ask PyPI about everything that is installed, what our packages brought along included."""
    report = Report("Python packages (pip-audit)")
    if not Path(program).exists():
        report.silent = "pip-audit is not installed: the package index did not give it."
        return report
    out, complaint = run([program, "--path", site_packages, "--format", "json", "--progress-spinner", "off"])
    try:
        found: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError):
        report.silent = f"The service did not answer: {last_line(complaint)}"
        return report
    report.count = len(found)
    report.unasked = [one["name"] for one in found if "skip_reason" in one]
    report.holes = [
        f"{one['name']} {one['version']}: {hole['id']} (mended in {', '.join(hole['fix_versions']) or 'none yet'})"
        for one in found
        for hole in one.get("vulns", ())
    ]
    if len(report.unasked) == report.count:
        report.silent = "The service knew none of them: it cannot be reached from here."
    return report


def vendored_files(manifest: Path) -> Report:
    """Ask npm about the packages that the files under static/vendor/ come from."""
    report = Report("Vendored files (npm audit)")
    packages = {one["package"]: one["version"] for one in json.loads(manifest.read_text())["packages"]}
    report.count = len(packages)
    npm = shutil.which("npm")
    if npm is None:
        report.silent = "There is no npm on this machine."
        return report
    with tempfile.TemporaryDirectory(prefix="antifraud-audit-") as folder:
        about = {"name": "shouwang", "version": "1.0.0", "private": True, "dependencies": packages}
        (Path(folder) / "package.json").write_text(json.dumps(about))
        _out, complaint = run(
            [npm, "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], folder=folder
        )
        out, complaint_too = run([npm, "audit", "--json"], folder=folder)
    try:
        answer: dict[str, Any] = json.loads(out)
    except ValueError:
        answer = {"message": last_line(complaint_too or complaint)}
    if "vulnerabilities" not in answer:
        report.silent = f"The service did not answer: {answer.get('message', 'no word why')}"
        return report
    holes = answer["vulnerabilities"].items()
    report.holes = [f"{name}: {hole['severity']} ({hole['range']})" for name, hole in holes]
    return report


def last_line(text: str) -> str:
    """Return the last thing that a program complained of."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no word why")[:200]


def main(arguments: list[str]) -> int:
    """Ask both, print both, and return 1 where a hole is known."""
    program, site_packages = arguments
    reports = (
        python_packages(program, site_packages),
        vendored_files(ROOT / "static" / "vendor" / "manifest.json"),
    )
    print("\n".join(line for report in reports for line in report.lines()))
    return int(any(report.holes for report in reports))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
