"""Addresses of cases and their look-back."""

from django.urls import URLPattern, path

from cases.views import ledger, lookback, rules

app_name = "cases"

ledger_pages: list[URLPattern] = [
    path("cases/", ledger.list_, name="list"),
    path("cases/new/", ledger.create, name="create"),
    path("cases/export/", ledger.export, name="export"),
    path("cases/rules/", rules.rules, name="rules"),
    path("cases/<int:pk>/", ledger.detail, name="detail"),
    path("cases/<int:pk>/reveal/", ledger.reveal, name="reveal"),
    path("cases/<int:pk>/edit/", ledger.edit, name="edit"),
    path("cases/<int:pk>/withdraw/", ledger.withdraw, name="withdraw"),
    path("cases/<int:pk>/bring-back/", ledger.bring_back, name="bring_back"),
]

look_backs: list[URLPattern] = [
    path("look-backs/", lookback.look_backs, name="look_backs"),
    path("look-backs/open/", lookback.open_many, name="open_look_backs"),
    path("look-backs/of/<int:pk>/", lookback.open_one, name="open_look_back"),
    path("look-backs/<int:pk>/", lookback.look_back, name="look_back"),
    path("look-backs/<int:pk>/confirm/", lookback.confirm, name="confirm_look_back"),
    path("look-backs/<int:pk>/remedy/", lookback.remedy, name="add_remedy"),
    path("look-backs/<int:pk>/reopen/", lookback.reopen, name="reopen_look_back"),
    path("look-backs/<int:pk>/again/", lookback.take_again, name="take_evidence_again"),
    path("look-backs/<int:pk>/printed/", lookback.printed, name="look_back_printed"),
]

urlpatterns = [*ledger_pages, *look_backs]
