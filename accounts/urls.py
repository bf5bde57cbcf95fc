"""Addresses of the door and of one's own settings."""

from django.urls import path

from accounts.views import door, presses, security

app_name = "accounts"

urlpatterns = [
    path("login/", door.login, name="login"),
    path("factor/", door.factor, name="factor"),
    path("again/", door.again, name="again"),
    path("awake/", door.awake, name="awake"),
    path("logout/", door.logout, name="logout"),
    path("presses/", presses.presses, name="presses"),
    path("language/", door.language, name="language"),
    path("text-size/", door.text_size, name="text_size"),
    path("profile/", door.profile, name="profile"),
    path("profile/password/", door.password, name="password"),
    path("security/", security.security, name="security"),
    path("security/factor/", security.set_up_factor, name="set_up_factor"),
    path("security/factor/begin/", security.begin_factor, name="begin_factor"),
    path("security/factor/remove/", security.remove_factor, name="remove_factor"),
    path("security/codes/", security.renew_codes, name="renew_codes"),
    path("security/devices/forget/", security.forget_devices, name="forget_devices"),
    path("security/sessions/end/", security.end_others, name="end_others"),
    path("security/sessions/<int:pk>/end/", security.end_sitting, name="end_sitting"),
]
