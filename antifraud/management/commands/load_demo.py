"""The demo: a street with its staff, some two hundred residents, and a morning at the desk."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext

from accounts.clock import database_now
from accounts.models import User
from accounts.roles import Role
from alerts import demo as alerts_demo
from campaigns import demo as campaigns_demo
from cases import demo as cases_demo
from reports import demo as reports_demo
from residents import demo as residents_demo
from residents.models import Post

ADMINISTRATOR = "admin"
SHOWN_FIRST = "370105012003"
"""The community whose people are shown as log-ins."""


class Command(BaseCommand):
    """Load the demo once; a second time changes nothing."""

    help = "Load invented areas, staff, residents and alerts to try the program with. Dates follow today."

    @transaction.atomic
    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load it."""
        now = database_now()
        areas, staff = residents_demo.make_areas_and_staff(now=now)
        residents = residents_demo.make_residents(now=now)
        visits = residents_demo.make_care(now=now)
        files = residents_demo.make_imports(now=now)
        robots = residents_demo.make_channels(now=now)
        events = campaigns_demo.make_outreach(now=now)
        _give_passwords()
        alerts = alerts_demo.make_alerts(now=now)
        shifts = alerts_demo.make_roster(now=now)
        cases = cases_demo.make_cases(now=now)
        look_backs = cases_demo.make_look_backs(now=now)
        reports = reports_demo.make_reports(now=now)
        scores = reports_demo.make_scores(now=now)
        replays = alerts_demo.make_replay(now=now)
        self.stdout.write(
            f"Demo: {areas.rows} areas, {staff.rows} staff, {len(residents)} residents, "
            f"{visits} visits, {files} imports, {events} outreach events, {alerts} alerts, {shifts} shifts, "
            f"{robots} robots, {cases} cases, {look_backs} look-backs, {reports} reports, {scores} communities scored, "
            f"{replays} replay. All invented."
        )


def demo_logins() -> list[tuple[str, str, str]]:
    """Return who can log in to the demo, one for each kind of user: (role, username, password); none without a demo."""
    try:
        password = json.loads(_passwords_file().read_text(encoding="utf-8"))["password"]
    except (OSError, ValueError, KeyError):
        return []
    people: dict[str, list[str]] = {}
    posts = (
        Post.objects.filter(area__code__startswith=SHOWN_FIRST[:9]).select_related("user").order_by("area__code", "pk")
    )
    for post in posts:
        if post.area_id and (post.role == Role.SUPERVISOR or post.area.code.startswith(SHOWN_FIRST)):
            people.setdefault(post.role, []).append(post.user.username)
    shown = [(role, 2 if role == Role.WARNING_SPECIALIST else 1) for role in Role]
    logins = [(str(Role(role).label), name, password) for role, most in shown for name in people.get(role, [])[:most]]
    return [*logins, (gettext("Administrator"), ADMINISTRATOR, password)]


def _give_passwords() -> None:
    """Give every demo person the one password of this installation, and keep it where its owner alone reads it."""
    path = _passwords_file()
    if path.exists():
        password = json.loads(path.read_text(encoding="utf-8"))["password"]
    else:
        password = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"password": password}, file)
    # One hash for all: a slow hash for each of sixty people would take longer than the rest of the demo.
    hashed = make_password(password)
    User.objects.filter(posts__isnull=False).update(password=hashed)
    User.objects.get_or_create(
        username=ADMINISTRATOR,
        defaults={"name": "管理员", "is_staff": True, "is_superuser": True, "password": hashed},
    )


def _passwords_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-logins.json"
