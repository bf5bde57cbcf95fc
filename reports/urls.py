"""Addresses of reports."""

from django.urls import URLPattern, path

from reports.views import clock, commendation, dashboard, inspections, report
from reports.views import scores as scored

app_name = "reports"

scores: list[URLPattern] = [
    path("reports/scores/", scored.ranking, name="scores"),
    path("reports/scores/export/", scored.export, name="scores_export"),
    path("reports/scores/rules/", scored.rules, name="score_rules"),
    path("reports/scores/commendation/", commendation.new, name="commendation_new"),
    path("reports/scores/commendations/<int:pk>/", commendation.commendation, name="commendation"),
    path("reports/scores/commendations/<int:pk>/freeze/", commendation.freeze, name="commendation_freeze"),
    path("reports/scores/commendations/<int:pk>/word/", commendation.word, name="commendation_word"),
    path("reports/scores/inspections/", inspections.inspections, name="inspections"),
    path("reports/scores/inspections/new/", inspections.new, name="inspection_new"),
    path("reports/scores/inspections/<int:pk>/", inspections.inspection, name="inspection"),
    path("reports/scores/inspections/<int:pk>/mend/", inspections.mend, name="inspection_mend"),
    path("reports/scores/inspections/<int:pk>/photo/", inspections.photo, name="inspection_photo"),
    path("reports/scores/points/<int:pk>/photo/", scored.points_photo, name="points_photo"),
    path("reports/scores/vetoes/<int:pk>/lift/", scored.lift_veto, name="lift_veto"),
    path("reports/scores/<code:code>/", scored.score, name="score"),
    path("reports/scores/<code:code>/points/<slug:key>/", scored.give_points, name="give_points"),
    path("reports/scores/<code:code>/veto/", scored.find_veto, name="find_veto"),
]

monthly: list[URLPattern] = [
    path("reports/monthly/", report.reports, name="monthly"),
    path("reports/monthly/prepare/", report.prepare, name="report_prepare"),
    path("reports/monthly/ledger/", report.ledger, name="ledger_order"),
    path("reports/monthly/<int:pk>/", report.report, name="report"),
    path("reports/monthly/<int:pk>/print/", report.paper, name="report_print"),
    path("reports/monthly/<int:pk>/printed/", report.printed, name="report_printed"),
    path("reports/monthly/<int:pk>/public/", report.public, name="report_public"),
    path("reports/monthly/<int:pk>/public/file/", report.public_file, name="report_public_file"),
    path("reports/monthly/<int:pk>/words/", report.write, name="report_write"),
    path("reports/monthly/<int:pk>/words/<slug:section>/", report.restore, name="report_restore"),
    path("reports/monthly/<int:pk>/redraw/", report.redraw, name="report_redraw"),
    path("reports/monthly/<int:pk>/sign/", report.sign, name="report_sign"),
    path("reports/monthly/<int:pk>/revise/", report.revise, name="report_revise"),
    path("reports/monthly/<int:pk>/discard/", report.discard, name="report_discard"),
    path("reports/monthly/<int:pk>/order/", report.order, name="report_order"),
    path("reports/monthly/<int:pk>/files/<slug:paper>/", report.file, name="report_file"),
]

statistics: list[URLPattern] = [
    path("reports/clock/", clock.clock, name="clock"),
    path("reports/clock/export/", clock.export, name="clock_export"),
]

urlpatterns = [path("reports/", dashboard.dashboard, name="dashboard"), *statistics, *monthly, *scores]
