"""Addresses of the door and of one's own settings."""

from django.urls import path

from accounts.views import door, presses

app_name = "accounts"

urlpatterns = [
    path("login/", door.login, name="login"),
    path("logout/", door.logout, name="logout"),
    path("presses/", presses.presses, name="presses"),
    path("language/", door.language, name="language"),
    path("text-size/", door.text_size, name="text_size"),
    path("profile/", door.profile, name="profile"),
    path("profile/password/", door.password, name="password"),
]
