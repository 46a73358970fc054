"""Addresses of the accountability pages."""

from django.urls import path

from tutela.accountability import pages

urlpatterns = [
    path("desk/events/", pages.events, name="events"),
    path("desk/events/verify/", pages.verify, name="events_verify"),
]
