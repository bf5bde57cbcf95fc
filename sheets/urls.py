"""Addresses of files handed in, and of files that were ordered."""

from django.urls import path

from sheets import views

app_name = "sheets"

urlpatterns = [
    # Numbers before words: a kind of file is no number.
    path("imports/<int:pk>/", views.detail, name="detail"),
    path("imports/<int:pk>/columns/", views.columns, name="columns"),
    path("imports/<int:pk>/apply/", views.apply, name="apply"),
    path("imports/<int:pk>/undo/", views.undo, name="undo"),
    path("imports/<int:pk>/discard/", views.discard, name="discard"),
    path("imports/<int:pk>/errors/", views.errors, name="errors"),
    path("imports/parked/<int:pk>/settle/", views.settle, name="settle"),
    path("imports/<slug:kind>/", views.history, name="history"),
    path("imports/<slug:kind>/template/", views.template, name="template"),
    path("imports/<slug:kind>/parked/", views.conflicts, name="conflicts"),
    path("files/", views.files, name="files"),
    path("files/<int:pk>/", views.file, name="file"),
    path("files/<int:pk>/again/", views.file_again, name="file_again"),
    path("files/<int:pk>/download/", views.file_download, name="file_download"),
]
