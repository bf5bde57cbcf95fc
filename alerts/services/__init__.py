"""The verbs of the alert desk. Each takes who, when and what as arguments, runs in one transaction, and raises
``AlertError`` with words that staff may read where the step is not allowed from here."""

from alerts.services.availability import mark_busy, mark_free
from alerts.services.closing import ClosingIncompleteError, Ending, close_alert, void_alert
from alerts.services.common import AlertError
from alerts.services.desk import dispatch_alert, place_alert
from alerts.services.handling import accept_alert, ask_for_help, excuse_confirmation, hand_over_alert, record_deed
from alerts.services.intake import ConflictError, Incoming, Receipt, Result, receive, receive_one
from alerts.services.policies import copy_to_draft, publish
from alerts.services.presses import believable
from alerts.services.reporting import report_undelivered
from alerts.services.revealing import reveal_contact
from alerts.services.tokens import make_token, revoke_token, token_owner

__all__ = [
    "AlertError",
    "ClosingIncompleteError",
    "ConflictError",
    "Ending",
    "Incoming",
    "Receipt",
    "Result",
    "accept_alert",
    "ask_for_help",
    "believable",
    "close_alert",
    "copy_to_draft",
    "dispatch_alert",
    "excuse_confirmation",
    "hand_over_alert",
    "make_token",
    "mark_busy",
    "mark_free",
    "place_alert",
    "publish",
    "receive",
    "receive_one",
    "record_deed",
    "report_undelivered",
    "reveal_contact",
    "revoke_token",
    "token_owner",
    "void_alert",
]
