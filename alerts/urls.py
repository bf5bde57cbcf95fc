"""Addresses of the desk, the pocket and the alert."""

from django.urls import path

from alerts.views import alert, desk, lists, raising, tasks

app_name = "alerts"

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/summary/", desk.summary, name="summary"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/busy/", tasks.busy, name="busy"),
    path("tasks/free/", tasks.free, name="free"),
    path("tasks/calls/", tasks.calls, name="calls"),
    path("alerts/", lists.list_, name="list"),
    path("alerts/new/", desk.create, name="create"),
    path("alerts/raise/<int:pk>/", raising.raise_, name="raise"),
    path("alerts/readiness/", lists.readiness, name="readiness"),
    path("alerts/lateness/", lists.lateness, name="lateness"),
    path("alerts/<int:pk>/", alert.detail, name="detail"),
    path("alerts/<int:pk>/dispatch/", desk.dispatch, name="dispatch"),
    path("alerts/<int:pk>/void/", desk.void, name="void"),
    path("alerts/<int:pk>/accept/", alert.accept, name="accept"),
    path("alerts/<int:pk>/reveal/", alert.reveal, name="reveal"),
    path("alerts/<int:pk>/deed/", alert.deed, name="deed"),
    path("alerts/<int:pk>/excuse/", alert.excuse, name="excuse"),
    path("alerts/<int:pk>/hand-over/", alert.hand_over, name="hand_over"),
    path("alerts/<int:pk>/help/", alert.help_, name="help"),
    path("alerts/<int:pk>/close/", alert.close, name="close"),
]
