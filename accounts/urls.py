"""Addresses of the door and of one's own settings."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("language/", views.language, name="language"),
    path("text-size/", views.text_size, name="text_size"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
]
