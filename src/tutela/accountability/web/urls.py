"""URLs of the accountability pages and of the public log."""

from django.urls import path, re_path

from tutela.accountability.web import event_pages, public_log_pages

urlpatterns = [
    path("desk/events/", event_pages.events, name="events"),
    path("desk/events/<uuid:event>/", event_pages.event, name="event"),
    path("desk/events/verify/", event_pages.verify, name="events_verify"),
    path("desk/events/everything.tar", event_pages.everything, name="events_everything"),
    path("log/", public_log_pages.overview, name="log"),
    path("log/checkpoint", public_log_pages.checkpoint, name="log_checkpoint"),
    path("log/policy", public_log_pages.policy, name="log_policy"),
    path("log/entry/<int:index>", public_log_pages.entry, name="log_entry"),
    path("log/proof/<int:index>", public_log_pages.proof, name="log_proof"),
    # No other path reaches the folder: digits, the letters of a tile's path, nothing that leads upwards.
    re_path(
        r"^log/tile/(?P<path>(?:entries|[0-9]{1,2})(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/[0-9]{1,3})?)$",
        public_log_pages.tile,
        name="log_tile",
    ),
]
