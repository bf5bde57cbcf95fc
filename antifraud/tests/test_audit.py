"""Known holes are told, and so is what could not be asked."""

import json
import sys
from pathlib import Path

import pytest

from antifraud.testing import audit


def program(folder: Path, prints: str, complaint: str = "") -> str:
    """A program that prints something, in the place of a registry's client."""
    path = folder / "client"
    path.write_text(f"#!{sys.executable}\nimport sys\nprint({prints!r})\nprint({complaint!r}, file=sys.stderr)\n")
    path.chmod(0o755)
    return str(path)


def answer(*packages: dict) -> str:
    return json.dumps({"dependencies": list(packages)})


SOUND = {"name": "sound", "version": "1", "vulns": []}
HOLED = {"name": "holed", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "ours", "skip_reason": "not found"}


def test_a_known_hole_is_told_with_the_version_that_mends_it(tmp_path: Path) -> None:
    report = audit.python_packages(program(tmp_path, answer(SOUND, HOLED, UNKNOWN)), "")
    said = "\n".join(report.lines())
    assert "2 of 3 audited, 1 known holes" in said
    assert "HOLE holed 2: PYSEC-1 (mended in 3)" in said
    assert "not audited: ours" in said


@pytest.mark.parametrize(
    ("prints", "why"),
    [("", "connection refused"), ("<html>", "connection refused"), (answer(UNKNOWN), "cannot be reached")],
)
def test_a_service_that_does_not_answer_is_said_and_is_no_failure(tmp_path: Path, prints: str, why: str) -> None:
    report = audit.python_packages(program(tmp_path, prints, "connection refused"), "")
    assert not report.holes
    assert "NOT AUDITED" in report.lines()[0]
    assert why in report.lines()[0]


def test_without_npm_the_vendored_files_are_said_not_to_be_audited(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    manifest = audit.ROOT / "static" / "vendor" / "manifest.json"
    assert "NOT AUDITED. There is no npm" in audit.vendored_files(manifest).lines()[0]


def test_the_run_fails_for_holes_alone(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert audit.main([program(tmp_path, answer(HOLED)), ""]) == 1
    assert audit.main([str(tmp_path / "nothing"), ""]) == 0
    assert capsys.readouterr().out.count("NOT AUDITED") == 3
