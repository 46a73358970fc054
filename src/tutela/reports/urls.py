"""Addresses of the Centre's desk."""

from django.urls import path

from tutela.reports import bundle_pages, figure_pages, ispws, pages, upload_pages, watch_pages

urlpatterns = [
    path("ispws/status", ispws.status, name="ispws_status"),
    path("ispws/xsd", ispws.schema, name="ispws_xsd"),
    path("ispws/submit", ispws.submit, name="ispws_submit"),
    path("ispws/upload", ispws.upload, name="ispws_upload"),
    path("ispws/fileinfo", ispws.fileinfo, name="ispws_fileinfo"),
    path("ispws/finish", ispws.finish, name="ispws_finish"),
    path("ispws/retract", ispws.retract, name="ispws_retract"),
    path("ispws/<path:path>", ispws.unknown, name="ispws_unknown"),
    path("desk/reports/", pages.queue, name="reports"),
    path("desk/reports/forward-known/", pages.forward_known, name="reports_forward_known"),
    path("desk/reports/alarms/", watch_pages.standing, name="report_alarms"),
    path("desk/reports/surges/", watch_pages.surges, name="report_surges"),
    path("desk/reports/surges/<uuid:surge>/accept/", watch_pages.accept, name="report_surge_accept"),
    path("desk/reports/drawn/", watch_pages.draws, name="report_draws"),
    path("desk/reports/bundles/<uuid:bundle>/", bundle_pages.bundle, name="report_bundle"),
    path("desk/reports/bundles/<uuid:bundle>/merge/", bundle_pages.merge, name="report_bundle_merge"),
    path("desk/reports/bundles/<uuid:bundle>/split/", bundle_pages.split, name="report_bundle_split"),
    path("desk/reports/bundles/<uuid:bundle>/moves/<uuid:move>/undo/", bundle_pages.undo, name="report_bundle_undo"),
    path("desk/uploads/", upload_pages.upload, name="report_upload"),
    path("desk/uploads/reports.csv", upload_pages.template, name="report_upload_template"),
    path("desk/reports/funnel/", figure_pages.to_conviction, name="report_funnel"),
    path("desk/reports/funnel.csv", figure_pages.funnel_csv, name="report_funnel_csv"),
    path("desk/reports/volumes/", figure_pages.by_week, name="report_volumes"),
    path("desk/reports/volumes.csv", figure_pages.volumes_csv, name="report_volumes_csv"),
    path("desk/reports/providers/", figure_pages.providers, name="report_providers"),
    path("desk/reports/providers.csv", figure_pages.providers_csv, name="report_providers_csv"),
    path("desk/reports/providers/<uuid:organisation>/", figure_pages.provider, name="report_provider"),
    path("reports/missed-urgent.csv", watch_pages.missed_urgent, name="report_missed_urgent"),
    path("desk/reports/<uuid:report>/", pages.report, name="report"),
    path("desk/reports/<uuid:report>/assess/", pages.assess, name="report_assess"),
    path("desk/reports/<uuid:report>/refer/", pages.refer, name="report_refer"),
    path("desk/reports/<uuid:report>/country/", pages.country, name="report_country"),
    path("desk/reports/<uuid:report>/erroneous/", pages.erroneous, name="report_erroneous"),
    path("desk/reports/<uuid:report>/alarm/", watch_pages.take, name="report_alarm_take"),
    path("desk/reports/<uuid:report>/examine/", watch_pages.examine, name="report_examine"),
    path("desk/reports/<uuid:report>/hold-end/", pages.hold_end, name="report_hold_end"),
]
