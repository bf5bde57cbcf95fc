"""The one settings file. What differs by machine is read from the environment; ``.env.example`` lists all of it.

A wrong value is refused with its name, what is wrong and how to mend it (``antifraud.environment``).
"""

import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from antifraud import environment
from antifraud.logs import log_settings

BASE_DIR = Path(__file__).resolve().parent.parent

# A file beside manage.py may hold the variables; what the environment itself says goes before it.
environ.Env.read_env(BASE_DIR / ".env")
ENVIRON = os.environ

# Where this program runs

DEBUG = environment.read_switch(ENVIRON, "DEBUG", default=False)
DATA_DIR = Path(ENVIRON.get("DATA_DIR", "").strip() or BASE_DIR / "data").expanduser().resolve()
PORT = environment.read_number(ENVIRON, "PORT", default=8000, lowest=1, highest=65535)
PUBLIC_URL = environment.read_web_address(ENVIRON, "PUBLIC_URL", default=f"http://localhost:{PORT}").rstrip("/")
IS_HTTPS = PUBLIC_URL.startswith("https://")
# Whether `make run` fills an empty database with invented people and alerts.
LOAD_DEMO = environment.read_switch(ENVIRON, "LOAD_DEMO", default=True)
METRICS_TOKEN = environment.read_token(ENVIRON, "METRICS_TOKEN")
WATCHDOG_URL = environment.read_web_address(ENVIRON, "WATCHDOG_URL")

ALLOWED_HOSTS = environment.read_list(ENVIRON, "ALLOWED_HOSTS") or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    urlsplit(PUBLIC_URL).hostname or "localhost",
]
CSRF_TRUSTED_ORIGINS = environment.read_origins(ENVIRON, "CSRF_TRUSTED_ORIGINS") or ([PUBLIC_URL] if IS_HTTPS else [])

# Database

DATABASE = environment.read_database(
    ENVIRON,
    default_file=DATA_DIR / "antifraud.sqlite3",
    statement_timeout=environment.read_number(ENVIRON, "STATEMENT_TIMEOUT", default=60, lowest=0, highest=86_400),
)
IS_SQLITE = DATABASE["ENGINE"].endswith("sqlite3")
DATABASES: dict[str, dict[str, Any]] = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if IS_SQLITE:
    environment.make_data_dir(Path(DATABASE["NAME"]).parent)

# Secrets. Made on first start only where the program keeps its data in a folder of its own.

SECRETS = environment.read_secrets(
    ENVIRON, data_dir=DATA_DIR, may_make=IS_SQLITE or bool(ENVIRON.get("DATA_DIR", "").strip())
)
SECRET_KEY = SECRETS.secret_key
FIELD_KEYS = SECRETS.field_keys
INDEX_KEY = SECRETS.index_key
EARLIER_INDEX_KEYS = SECRETS.earlier_index_keys

# The night's copies: where to, and whose keys open them. Without a folder none are made.

BACKUP_DIR = environment.read_folder(ENVIRON, "BACKUP_DIR")
BACKUP_KEYS = environment.read_backup_keys(ENVIRON, folder=BACKUP_DIR)

# The house

INSTALLED_APPS = [
    "antifraud",
    "reports",
    "cases",
    "alerts",
    "campaigns",
    "knowledge",
    "residents",
    "sheets",
    "notifications",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "ninja",  # for the files of the API's page, which would come from a host outside otherwise
]

MIDDLEWARE = [
    # Around everything: what any other says is said for a request, and its line has the whole time.
    "antifraud.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Screens that ask every few seconds; before everything that they need not wait for.
    "alerts.middleware.NothingNewMiddleware",
    # A phone in a stairwell: pages and the files of the look travel compressed (docs/decisions/compressed-answers.md).
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "antifraud.middleware.ForbidUnusedPowersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before anything is refused for want of a log-in: what was typed is kept.
    "accounts.middleware.GuardMiddleware",
    # Views are closed unless opened.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.OwnLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "antifraud.urls"
WSGI_APPLICATION = "antifraud.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "antifraud.look.look",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.UsernameOrPhoneBackend"]
PASSWORD_HASHERS = [
    "accounts.backends.Argon2ForTwoCores",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # one shift
# Pages that stand open through a shift: they have an idle time of their own (docs/security.md).
STANDS_OPEN = ("alerts:desk",)

# Language and time: stored in UTC, shown in the office's own

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "antifraud.formats"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files of the look: named by their content and compressed where `make run` or `collectstatic` collected them, else
# served from where they lie, so that no start depends on collecting them first.
# Vendored folders carry their version in the name, collected files their content: both may be kept for ever.

STATIC_URL = "static/"
STATIC_ROOT = environment.read_folder(ENVIRON, "STATIC_DIR") or DATA_DIR / "collected-static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Photos of visits: under no address of their own; a view hands them out to who may see them.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private"},
    },
    "staticfiles": {"BACKEND": "antifraud.collected.CollectedFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 0 if DEBUG else 60
KEPT_FOR_EVER = re.compile(r"^/static/(vendor/[^/]+-\d[^/]*/|.*\.[0-9a-f]{12}\.\w+$)")


def may_be_kept_for_ever(_path: str, url: str) -> bool:
    """Return whether a file of the look can never change under its address."""
    return KEPT_FOR_EVER.match(url) is not None


WHITENOISE_IMMUTABLE_FILE_TEST = may_be_kept_for_ever

# Safety on the wire

BEHIND_PROXY = environment.read_switch(ENVIRON, "BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = IS_HTTPS
# The proxy's own question, from the machine or the network beside it, is asked without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
# A browser takes a cookie of such a name over TLS alone, for this very host, and lets no other host beside it set one.
_COOKIES = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIES}sessionid"
CSRF_COOKIE_NAME = f"{_COOKIES}csrftoken"
DEVICE_COOKIE_NAME = f"{_COOKIES}known_device"
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Nothing comes from elsewhere and nothing is written into a page: no script or style between its lines, no eval.
# Bootstrap draws the arrows and ticks of its fields from data: addresses in its style sheet.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": IS_HTTPS,
    }
}

# Mail

EMAIL_URL = ENVIRON.get("EMAIL_URL", "").strip()
_EMAIL = environment.read_email(ENVIRON)
EMAIL_BACKEND = _EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = _EMAIL.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _EMAIL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _EMAIL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _EMAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = _EMAIL.get("EMAIL_TIMEOUT", 10)
DEFAULT_FROM_EMAIL = ENVIRON.get("DEFAULT_FROM_EMAIL", "").strip() or "antifraud@localhost"

# A mailbox that sources send alerts to, looked into every so many seconds. Without one none is asked for.

INTAKE_MAIL_URL = environment.read_mailbox(ENVIRON)
INTAKE_MAIL_SECONDS = environment.read_number(ENVIRON, "INTAKE_MAIL_SECONDS", default=60, lowest=10, highest=86_400)

# Robots of groups: the key that the administration holds is appended. Elsewhere only where an office has a gateway.

ROBOT_URLS = {
    "wecom": environment.read_web_address(
        ENVIRON, "WECOM_URL", default="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
    ),
    "dingtalk": environment.read_web_address(
        ENVIRON, "DINGTALK_URL", default="https://oapi.dingtalk.com/robot/send?access_token="
    ),
    "feishu": environment.read_web_address(
        ENVIRON, "FEISHU_URL", default="https://open.feishu.cn/open-apis/bot/v2/hook/"
    ),
}

# Celery: the muscle. What is due stands in the database alone, so nothing sent here is worth keeping:
# results are ignored, what waited too long expires, and the broker may lose everything.

CELERY_BROKER_URL = environment.read_broker(ENVIRON)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for ever
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue("clock"), Queue("outbox"), Queue("default")]
CELERY_TASK_ROUTES = {
    "accounts.tasks.seal_trail": {"queue": "default"},
    "accounts.tasks.let_go": {"queue": "default"},
    "alerts.tasks.sweep": {"queue": "clock"},
    "alerts.tasks.reconcile": {"queue": "default"},
    "alerts.tasks.ping_watchdog": {"queue": "default"},
    "alerts.tasks.report_undelivered": {"queue": "outbox"},
    "alerts.tasks.start_drills": {"queue": "default"},
    "alerts.tasks.chase_feedback": {"queue": "default"},
    "alerts.tasks.read_messages": {"queue": "default"},
    "alerts.tasks.fetch_mail": {"queue": "default"},
    "notifications.tasks.deliver": {"queue": "outbox"},
    "residents.tasks.chase_visits": {"queue": "default"},
    "residents.tasks.apply_retention": {"queue": "default"},
    "residents.tasks.count_app": {"queue": "default"},
    "campaigns.tasks.make_next_events": {"queue": "default"},
    "campaigns.tasks.chase_pushes": {"queue": "default"},
    "campaigns.tasks.chase_sites": {"queue": "default"},
    "campaigns.tasks.chase_problems": {"queue": "default"},
    "cases.tasks.forget_victims": {"queue": "default"},
    "cases.tasks.open_look_backs": {"queue": "default"},
    "cases.tasks.plan_follow_ups": {"queue": "default"},
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "alerts.tasks.sweep", "schedule": 1.0, "options": {"queue": "clock", "expires": 2}},
    "deliver": {"task": "notifications.tasks.deliver", "schedule": 1.0, "options": {"queue": "outbox", "expires": 2}},
    "report-undelivered": {
        "task": "alerts.tasks.report_undelivered",
        "schedule": 2.0,
        "options": {"queue": "outbox", "expires": 4},
    },
    "seal-trail": {"task": "accounts.tasks.seal_trail", "schedule": 60.0, "options": {"expires": 60}},
    "let-go-of-devices": {"task": "accounts.tasks.let_go", "schedule": crontab(hour=4, minute=5)},
    "reconcile": {"task": "alerts.tasks.reconcile", "schedule": 60.0, "options": {"expires": 60}},
    "read-messages": {"task": "alerts.tasks.read_messages", "schedule": 30.0, "options": {"expires": 30}},
    "start-drills": {"task": "alerts.tasks.start_drills", "schedule": 15.0, "options": {"expires": 15}},
    "work-off-files": {"task": "sheets.tasks.work_off", "schedule": 30.0, "options": {"expires": 30}},
    "make-left-files": {"task": "sheets.tasks.make_left_files", "schedule": 30.0, "options": {"expires": 30}},
    "chase-visits": {"task": "residents.tasks.chase_visits", "schedule": 1800.0, "options": {"expires": 600}},
    # On Thursday three days are left to send what is missing.
    "chase-pushes": {"task": "campaigns.tasks.chase_pushes", "schedule": crontab(day_of_week="thu", hour=9, minute=0)},
    "chase-sites": {"task": "campaigns.tasks.chase_sites", "schedule": crontab(hour=9, minute=5)},
    "chase-feedback": {"task": "alerts.tasks.chase_feedback", "schedule": crontab(hour=9, minute=15)},
    "chase-problems": {"task": "campaigns.tasks.chase_problems", "schedule": crontab(hour=9, minute=10)},
    "ping-watchdog": {"task": "alerts.tasks.ping_watchdog", "schedule": 60.0, "options": {"expires": 60}},
    "count-coverage": {"task": "campaigns.tasks.count_coverage", "schedule": 900.0, "options": {"expires": 600}},
    "count-figures": {"task": "reports.tasks.count_figures", "schedule": 900.0, "options": {"expires": 600}},
    "count-app": {"task": "residents.tasks.count_app", "schedule": 900.0, "options": {"expires": 600}},
    # At night, when nobody waits for the database. A beat that was off at that time catches up when it starts.
    "apply-retention": {"task": "residents.tasks.apply_retention", "schedule": crontab(hour=3, minute=30)},
    "keep-scores": {"task": "reports.tasks.keep_scores", "schedule": crontab(hour=2, minute=40)},
    "make-next-events": {"task": "campaigns.tasks.make_next_events", "schedule": crontab(hour=2, minute=10)},
    "forget-victims": {"task": "cases.tasks.forget_victims", "schedule": crontab(hour=3, minute=50)},
    "open-look-backs": {"task": "cases.tasks.open_look_backs", "schedule": crontab(hour=1, minute=20)},
    "plan-follow-ups": {"task": "cases.tasks.plan_follow_ups", "schedule": crontab(hour=1, minute=40)},
    "let-go-of-files": {"task": "sheets.tasks.let_go_of_files", "schedule": crontab(hour=3, minute=55)},
    # On the first of the month there is much to do; on every other night, what a beat that was off left undone.
    "prepare-reports": {"task": "reports.tasks.prepare_reports", "schedule": crontab(hour=1, minute=30)},
    "make-next-shifts": {"task": "alerts.tasks.make_next_shifts", "schedule": crontab(hour=2, minute=20)},
    # While there is time to find somebody for the night.
    "warn-of-tomorrow": {"task": "alerts.tasks.warn_of_tomorrow", "schedule": crontab(hour=18, minute=0)},
}
if BACKUP_DIR is not None:
    CELERY_BEAT_SCHEDULE |= {
        "back-up": {"task": "antifraud.tasks.back_up", "schedule": crontab(hour=4, minute=10)},
        "chase-backup": {"task": "antifraud.tasks.chase_backup", "schedule": crontab(hour=9, minute=20)},
    }
if INTAKE_MAIL_URL:
    CELERY_BEAT_SCHEDULE["fetch-mail"] = {
        "task": "alerts.tasks.fetch_mail",
        "schedule": float(INTAKE_MAIL_SECONDS),
        "options": {"expires": INTAKE_MAIL_SECONDS},
    }

# Logs: one line each, to the error stream; who runs the program keeps them

LOGGING = log_settings(environment.read_log_format(ENVIRON, is_terminal=sys.stderr.isatty()))
