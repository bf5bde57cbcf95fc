"""Addresses of the inbox."""

from django.urls import path

from notifications import views

app_name = "notifications"

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read_all, name="read_all"),
    path("inbox/<int:pk>/read/", views.read, name="read"),
    path("inbox/seen/", views.seen, name="seen"),
    path("inbox/channels/", views.channels, name="channels"),
    path("inbox/channels/test/", views.send_test, name="test"),
]
