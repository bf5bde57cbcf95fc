"""What duty rosters and lists of alerts look like in the files of offices, and how they come in."""

from alerts.importers.alerts import AlertsKind
from alerts.importers.roster import DutyRosterKind

__all__ = ["AlertsKind", "DutyRosterKind"]
