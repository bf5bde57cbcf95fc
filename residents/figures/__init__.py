"""Numbers about residents with a definition and a unit."""

from residents.figures.care import Due, Kept, dues, grouped, total
from residents.figures.places import (
    ELDER_FROM,
    Ages,
    App,
    Groups,
    Population,
    Staffing,
    ages_of,
    app_by_community,
    app_by_grid,
    app_kept,
    app_of,
    groups_of,
    population_by_grid,
    residents_of,
    staffing_by_grid,
)

__all__ = [
    "ELDER_FROM",
    "Ages",
    "App",
    "Due",
    "Groups",
    "Kept",
    "Population",
    "Staffing",
    "ages_of",
    "app_by_community",
    "app_by_grid",
    "app_kept",
    "app_of",
    "dues",
    "grouped",
    "groups_of",
    "population_by_grid",
    "residents_of",
    "staffing_by_grid",
    "total",
]
