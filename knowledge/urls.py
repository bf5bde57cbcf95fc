"""Addresses of the library of texts."""

from django.urls import path, register_converter

from knowledge import views

app_name = "knowledge"


class KeyConverter:
    """The key of a text: small letters, digits, underscores and dots, so that nothing else reaches the database."""

    regex = "[a-z0-9_.]{1,64}"

    def to_python(self, value: str) -> str:
        """Return the key."""
        return value

    def to_url(self, value: str) -> str:
        """Return the key."""
        return value


register_converter(KeyConverter, "text_key")

urlpatterns = [
    path("texts/", views.texts, name="texts"),
    path("texts/general/<text_key:key>/", views.general, name="general_text"),
    path("texts/general/<text_key:key>/edit/", views.general_edit, name="general_edit"),
    path("texts/general/<text_key:key>/restore/", views.general_restore, name="general_restore"),
    path("texts/general/<text_key:key>/paper/", views.general_paper, name="general_paper"),
    path("texts/<code:code>/<text_key:key>/", views.text, name="text"),
    path("texts/<code:code>/<text_key:key>/edit/", views.edit, name="edit"),
    path("texts/<code:code>/<text_key:key>/reset/", views.reset, name="reset"),
    path("texts/<code:code>/<text_key:key>/restore/", views.restore, name="restore"),
    path("texts/<code:code>/<text_key:key>/release/", views.release, name="release"),
    path("texts/<code:code>/<text_key:key>/paper/", views.paper, name="paper"),
    # For residents, without logging in: what the codes on paper lead to
    path("read/<text_key:key>/", views.read, name="read_general"),
    path("read/<text_key:key>/<code:code>/", views.read, name="read"),
]
