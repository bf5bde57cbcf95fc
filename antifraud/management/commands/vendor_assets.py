"""Renew the front-end files under static/vendor/ from their packages, or check that nobody changed them."""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

SOURCE_MAP = re.compile(rb"\s*(?:/\*|//)# sourceMappingURL=\S+(?:\s*\*/)?\s*$")
ICON = re.compile(r"<svg[^>]*>(?P<body>.*)</svg>", re.DOTALL)
FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def sha384(content: bytes) -> str:
    """Return the digest as browsers write it in an integrity attribute."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def without_source_map(content: bytes) -> bytes:
    """Drop the last line that names a map we do not ship: it would be a missing file to the static storage."""
    return SOURCE_MAP.sub(b"\n", content)


def sprite(names: list[str], read: Any) -> bytes:
    """Join single icons into one file of symbols, each drawn by ``<use href="…#name">``."""
    symbols = []
    for name in sorted(names):
        match = ICON.search(read(f"icons/outline/{name}.svg").decode())
        if match is None:
            raise CommandError(f"{name}: not an SVG icon")
        body = " ".join(FRAME.sub("", match["body"]).split()).replace("> <", "><")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


class Command(BaseCommand):
    """Read static/vendor/manifest.json, fetch each package with npm, write its files and their hashes."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--check``, which needs no network."""
        parser.add_argument("--check", action="store_true", help="Only compare the files with the manifest's hashes.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Renew, or check and fail with the names of the files that differ."""
        root = Path(settings.BASE_DIR) / "static" / "vendor"
        path = root / "manifest.json"
        manifest = json.loads(path.read_text())
        if options["check"]:
            wrong = [
                f"{package['folder']}/{file['to']}"
                for package in manifest["packages"]
                for file in package["files"]
                if sha384((root / package["folder"] / file["to"]).read_bytes()) != file["sha384"]
            ]
            if wrong:
                raise CommandError("Changed by hand: " + ", ".join(wrong))
            return
        for package in manifest["packages"]:
            self.renew(package, root / package["folder"])
        path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

    def renew(self, package: dict[str, Any], folder: Path) -> None:
        """Fetch one package and write the files that we use of it."""
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            name = f"{package['package']}@{package['version']}"
            subprocess.run(["npm", "pack", "--silent", name], cwd=scratch, check=True, capture_output=True)
            with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:

                def read(member: str) -> bytes:
                    stream = archive.extractfile(f"package/{member}")
                    if stream is None:
                        raise CommandError(f"{name} has no {member}")
                    return stream.read()

                for file in package["files"]:
                    raw = sprite(package["icons"], read) if "icons" in package else read(file["from"])
                    content = without_source_map(raw)
                    (folder / file["to"]).write_bytes(content)
                    file["sha384"] = sha384(content)
        self.stdout.write(f"{name} -> {folder.name}")
