"""Fetch alerts from the mailbox once, from the command line."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from alerts.channels import MailboxAddress, MailboxError
from alerts.services import fetch_mail
from notifications.tasks import wake_outbox


class Command(BaseCommand):
    """Look into the mailbox that sources write to."""

    help = "Fetch alerts from the mailbox that INTAKE_MAIL_URL names: kept first, then marked as read, then taken in."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Fetch what is new, and say how many became alerts."""
        if not settings.INTAKE_MAIL_URL:
            raise CommandError("INTAKE_MAIL_URL names no mailbox. Set it as .env.example shows.")
        try:
            fetched = fetch_mail(MailboxAddress.of(settings.INTAKE_MAIL_URL), now=database_now())
        except MailboxError as error:
            raise CommandError(f"The mailbox could not be read: {error}") from error
        if fetched.taken_in:
            wake_outbox()
        self.stdout.write(f"{fetched.kept} kept, {fetched.taken_in} of them taken in as alerts")
