"""Addresses of the Centre's desk."""

from django.urls import path

from tutela.reports import ispws, pages

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
    path("desk/reports/<uuid:report>/", pages.report, name="report"),
    path("desk/reports/<uuid:report>/assess/", pages.assess, name="report_assess"),
    path("desk/reports/<uuid:report>/refer/", pages.refer, name="report_refer"),
    path("desk/reports/<uuid:report>/country/", pages.country, name="report_country"),
    path("desk/reports/<uuid:report>/erroneous/", pages.erroneous, name="report_erroneous"),
    path("desk/reports/<uuid:report>/hold-end/", pages.hold_end, name="report_hold_end"),
]
