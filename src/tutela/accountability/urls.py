"""Addresses of the accountability pages, and of the public log."""

from django.urls import path, re_path

from tutela.accountability import pages, public_pages

urlpatterns = [
    path("desk/events/", pages.events, name="events"),
    path("desk/events/<uuid:event>/", pages.event, name="event"),
    path("desk/events/verify/", pages.verify, name="events_verify"),
    path("desk/events/everything.tar", pages.everything, name="events_everything"),
    path("log/", public_pages.overview, name="log"),
    path("log/checkpoint", public_pages.checkpoint, name="log_checkpoint"),
    path("log/policy", public_pages.policy, name="log_policy"),
    path("log/entry/<int:index>", public_pages.entry, name="log_entry"),
    path("log/proof/<int:index>", public_pages.proof, name="log_proof"),
    # No other path reaches the folder: digits, the letters of a tile's path, nothing that leads upwards.
    re_path(
        r"^log/tile/(?P<path>(?:entries|[0-9]{1,2})(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/[0-9]{1,3})?)$",
        public_pages.tile,
        name="log_tile",
    ),
]
