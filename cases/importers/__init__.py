"""What an office's ledger of cases looks like, and how it comes in."""

from cases.importers.ledger import CasesKind

__all__ = ["CasesKind"]
