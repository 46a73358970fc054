"""Addresses of the Centre's desk."""

from django.urls import path

from tutela.reports import pages

urlpatterns = [
    path("desk/reports/", pages.queue, name="reports"),
    path("desk/reports/<uuid:report>/", pages.report, name="report"),
    path("desk/reports/<uuid:report>/assess/", pages.assess, name="report_assess"),
    path("desk/reports/<uuid:report>/refer/", pages.refer, name="report_refer"),
    path("desk/reports/<uuid:report>/country/", pages.country, name="report_country"),
    path("desk/reports/<uuid:report>/erroneous/", pages.erroneous, name="report_erroneous"),
    path("desk/reports/<uuid:report>/hold-end/", pages.hold_end, name="report_hold_end"),
]
