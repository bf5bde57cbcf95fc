"""What makes the pocket work without reception: its words for the script, its worker, its page without a network."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User

LOOK_OF_THE_POCKET = (
    "vendor/bootstrap-5.3.9/bootstrap.min.css",
    "vendor/idiomorph-0.8.0/idiomorph-ext.min.js",
    "vendor/tabler-icons-3.51.0/sprite.svg",
    "django_htmx/htmx-2.min.js",
    "css/tokens.css",
    "css/app.css",
    "css/alert.css",
    "css/pocket.css",
    "css/outreach.css",
    "css/outreach-log.css",
    "js/theme.js",
    "js/clock.js",
    "js/live.js",
    "js/notify.js",
    "js/alarm.js",
    "js/presses.js",
    "js/queue.js",
    "js/outreach-log.js",
    "js/outreach-sign.js",
    "icons/shouwang.svg",
    "icons/shouwang-192.png",
)
"""The files without which the pocket's pages cannot be drawn."""
SCRIPTS_OF_THE_WORKER = ("js/presses.js", "js/worker.js")


def pocket(user: User) -> dict[str, Any]:
    """Return what the script that sends presses needs to know and to say (static/js/queue.js)."""
    return {
        "user": user.pk,
        "language": user.language,
        "timeZone": settings.TIME_ZONE,
        "whoUrl": reverse("accounts:presses"),
        "workerUrl": reverse("worker"),
        "logoutUrl": reverse("accounts:logout"),
        "words": {
            "sending": _("sending …"),
            "kept": _("not sent, kept on this phone"),
            "done": _("sent"),
            "refused": pgettext("a press", "not carried out"),
            "refusedPlainly": _("The server did not accept this. Reload the page to see how things stand."),
            "typed": _("What you filled in:"),
            "unsentOne": ngettext("{count} press not sent", "{count} presses not sent", 1),
            "unsentMany": ngettext("{count} press not sent", "{count} presses not sent", 2),
            "later": _("Kept on this phone; sent by itself when there is a connection."),
            "ended": _("You have been logged out: log in to send."),
            "asOf": _("No connection: this is how it was at {time}."),
            "needsLine": _("There is no connection, and this needs one. Try again in a moment."),
            "helpNeedsLine": _("No connection: nobody has heard it yet. Telephone the grid leader, or 110."),
            "leave": _("Not everything was sent. Log out all the same and lose it?"),
            "full": _("This phone can store no more presses. Telephone the duty desk."),
        },
    }


@lru_cache(maxsize=1)
def version() -> str:
    """Return what changes whenever a file that the phone keeps does."""
    together = hashlib.sha256()
    for name in sorted({*LOOK_OF_THE_POCKET, *SCRIPTS_OF_THE_WORKER}):
        found = finders.find(name)
        together.update(f"{name} {static(name)}\n".encode())
        together.update(Path(found).read_bytes() if isinstance(found, str) else b"")
    return together.hexdigest()[:12]


@login_not_required
@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Hand out the worker. It stands at the root, so that it may answer for every page; a new version is a new text."""
    if settings.DEBUG:
        version.cache_clear()
    shell = {
        "version": version(),
        "assets": [static(name) for name in LOOK_OF_THE_POCKET],
        "offlineUrl": reverse("offline"),
        "whoUrl": reverse("accounts:presses"),
        "loginUrl": reverse("accounts:login"),
        "tasksUrl": reverse("alerts:tasks"),
    }
    scripts = ", ".join(json.dumps(static(name)) for name in SCRIPTS_OF_THE_WORKER)
    text = f'"use strict";\nself.shell = {json.dumps(shell)};\nimportScripts({scripts});\n'
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page that a phone keeps for what it has not kept."""
    return render(request, "offline.html")
