"""What the roof does at night: the copy of everything, and the word to somebody where there is none."""

import logging

from celery import shared_task
from django.conf import settings
from pyrage import x25519

from accounts.clock import database_now
from antifraud.backups import letters, verbs

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def back_up() -> None:
    """Make tonight's copy. Why there is none is in the log; that there is none, ``chase_backup`` tells."""
    if settings.BACKUP_DIR is None:
        return
    keys = [x25519.Recipient.from_str(key) for key in settings.BACKUP_KEYS]
    try:
        made = verbs.make(settings.BACKUP_DIR, keys=keys, now=database_now())
    except verbs.BackupError:
        logger.exception("no copy was made tonight")
    else:
        logger.info("copied: %s, %d bytes, %d rows, %d files", made.file.name, made.size, made.rows, made.files)


@shared_task(ignore_result=True)
def chase_backup() -> None:
    """Tell the administrators where the newest copy is older than a day."""
    if settings.BACKUP_DIR is not None:
        letters.tell_of_stale(settings.BACKUP_DIR, now=database_now())
