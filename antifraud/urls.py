"""Every address of the program. Each app keeps its own; the roof only says where they hang."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from alerts import api as intake
from alerts.views.styleguide import styleguide
from antifraud import pocket, views
from antifraud.health import healthz
from antifraud.metrics import metrics

urlpatterns = [
    # First: a storm of alerts must not be held against the addresses of every page, one by one.
    path("api/v1/", intake.urls),
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("worker.js", pocket.worker, name="worker"),
    path("offline/", pocket.offline, name="offline"),
    path("", include("alerts.urls")),
    path("", include("residents.urls")),
    path("", include("campaigns.urls")),
    path("", include("cases.urls")),
    path("", include("reports.urls")),
    path("", include("knowledge.urls")),
    path("", include("sheets.urls")),
    path("", include("notifications.urls")),
    path("accounts/", include("accounts.urls")),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    # One door for all: the administration has none of its own, which would ask for no second factor.
    path("admin/login/", views.administration_door),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
