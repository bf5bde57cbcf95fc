"""What was received, to the fields of an alert: the form every message must have, and whose fields a source's mapping
finds in messages of a form of its own."""

from alerts.reading.fields import AlertIn, Fault, check, faults_of
from alerts.reading.mapping import (
    ADDRESSES,
    LEVEL_WORDS,
    Document,
    MappingError,
    Reading,
    Rule,
    Rules,
    bare_word,
    check_rule,
    document_of,
    document_of_mail,
    is_date_format,
    read,
    sender_of,
    storable,
    text_of_bytes,
)
from alerts.reading.masking import masked

__all__ = [
    "ADDRESSES",
    "LEVEL_WORDS",
    "AlertIn",
    "Document",
    "Fault",
    "MappingError",
    "Reading",
    "Rule",
    "Rules",
    "bare_word",
    "check",
    "check_rule",
    "document_of",
    "document_of_mail",
    "faults_of",
    "is_date_format",
    "masked",
    "read",
    "sender_of",
    "storable",
    "text_of_bytes",
]
