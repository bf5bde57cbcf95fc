"""Say whether the audit trail is as it was sealed."""

import json
import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from accounts.services import Finding, head_of_trail, mark_and_seal, verify

WORDS = {
    "edited": "was changed",
    "removed": "was removed",
    "inserted": "was put in later",
    "chain": "the chain is broken: a seal was changed or taken away",
    "tag": "the seal was not made with a key of this installation, or its key is lost",
    "missing": "the seal that was written down is not there",
}


class Command(BaseCommand):
    """``verify_audit [--json] [--head NUMBER:CHAIN] [--archived NUMBER]``."""

    help = (
        "Check every line of the audit trail against its seal. Ends with 1 where anything was changed, removed or "
        "put in. Write the last line down elsewhere, and give it as --head the next time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how to answer, and a seal that is known from elsewhere."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument(
            "--archived",
            type=int,
            default=0,
            metavar="NUMBER",
            help="up to this seal the lines were archived",
        )
        parser.add_argument("--head", metavar="NUMBER:CHAIN", help="a seal that was written down earlier")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seal what can be sealed, check, and say what was found."""
        known = _known(options["head"])
        mark_and_seal(now=database_now())
        findings, head = list(verify(known_head=known, archived=options["archived"])), head_of_trail()
        if options["json"]:
            found = [{"what": one.what, "seal": one.seal, "lines": list(one.lines)} for one in findings]
            self.stdout.write(json.dumps({"is_whole": not findings, "head": head, "findings": found}))
        else:
            for finding in findings:
                self.stdout.write(_words(finding))
            self.stdout.write(f"{'Changed.' if findings else 'Whole.'} Sealed up to {head or 'nothing yet'}")
        if findings:
            raise CommandError(f"{len(findings)} findings in the audit trail", returncode=1)


def _known(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise CommandError("--head is what this command printed last: a number, a colon, 64 hexadecimal digits.")
    number, _colon, chain = text.partition(":")
    return int(number), chain


def _words(finding: Finding) -> str:
    if not finding.lines:
        return f"Seal {finding.seal}: {WORDS[finding.what]}"
    shown = ", ".join(map(str, finding.lines[:20])) + (" …" if len(finding.lines) > 20 else "")
    return f"Seal {finding.seal}: line {shown} {WORDS[finding.what]}"
