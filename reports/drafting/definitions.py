# ruff: noqa: E501 - a table of definitions, a line each
"""What each number of a report counts, as its last sheet and its page say it (口径说明)."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def definitions() -> list[tuple[str, str, str]]:
    """Return (name, what it counts, unit) of each number."""
    return [
        (
            _("Cases"),
            _(
                "What was reported to the police, whatever became of it; what was withdrawn is left out. Drills count nowhere."
            ),
            pgettext("unit", "cases"),
        ),
        (_("Filed"), _("Those of the cases that the police filed."), pgettext("unit", "cases")),
        (
            _("Date"),
            _(
                "A case counts by the date the report names: reported, happened or filed; reported where nothing else is said."
            ),
            "–",
        ),
        (_("Place"), _("The grid where the victim lives; where it happened is a field of its own."), "–"),
        (_("Lost, frozen, returned"), _("As the ledger has them."), pgettext("unit", "yuan")),
        (
            _("Prevented"),
            _(
                "An estimate, with who judged it; of cases, and of alerts that ended without one. Never added to or taken from losses."
            ),
            pgettext("unit", "yuan"),
        ),
        (
            _("Change"),
            _(
                "This period less the one it is held against, by that one. From 0 there is no percentage; both counts are shown."
            ),
            "%",
        ),
        (_("Period before, last year"), _("As many whole months before; the same months a year ago."), "–"),
        (
            _("Aimed at elders"),
            _("Cases that aimed at somebody as an elder, across all types."),
            pgettext("unit", "cases"),
        ),
        (
            _("Pushed in time"),
            _("Alerts that reached the grid within the time the policy sets (5 minutes), of those whose time is over."),
            pgettext("unit", "alerts"),
        ),
        (
            _("High, medium, low in time"),
            _(
                "Alerts answered within the time of their level (10 minutes, 30 minutes, 24 hours), of those whose time is over."
            ),
            pgettext("unit", "alerts"),
        ),
        (
            _("Met"),
            _("Alerts whose resident was met face to face, of those who should have been."),
            pgettext("unit", "alerts"),
        ),
        (
            _("Dissuaded"),
            _("Of those dissuaded and defrauded together; who saw through it alone is counted apart."),
            pgettext("unit", "alerts"),
        ),
        (
            _("Late by"),
            _("From the end of the objective's time to the deed; up to the alert's end where nothing was done."),
            pgettext("unit", "minutes"),
        ),
        (
            _("Events, households, people"),
            _("Events held and logged; flats where somebody was talked to, each once; different people by name."),
            pgettext("unit", "events, flats, people"),
        ),
        (
            _("60 and over at live events"),
            _(
                "Residents of 60 and over on the roster, and those of them at a live event in the twelve months up to the last day."
            ),
            pgettext("unit", "people"),
        ),
        (
            _("Visits kept"),
            _(
                "Of the weeks in which a paired resident was to be visited, those in which somebody met or spoke to them."
            ),
            pgettext("unit", "weeks"),
        ),
        (
            _("New tenants and owners in time"),
            _("Spoken to within the days the policy sets, of those whose days are over."),
            pgettext("unit", "people"),
        ),
        (
            _("Chat groups"),
            _("Sent as many messages as the policy asks in every whole week of the period, of those that run."),
            pgettext("unit", "groups"),
        ),
        (
            _("Days without a case"),
            _("Days of the period on which nobody living there was defrauded."),
            pgettext("unit", "days"),
        ),
        (_("Rank"), _("1 has the fewest cases for each ten thousand residents; equals share a rank."), "–"),
        (_("Masked"), _("Names are shown as the family name alone; a child under 14 is not named at all."), "–"),
    ]
