"""What areas, staff and rosters look like in the files of offices, and how they come in."""

from residents.columns import COLUMNS
from residents.importers.roster import RosterKind
from residents.importers.tables import Outcome, RowError, import_areas, import_staff

__all__ = [
    "COLUMNS",
    "Outcome",
    "RosterKind",
    "RowError",
    "import_areas",
    "import_staff",
]
