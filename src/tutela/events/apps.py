from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class EventsConfig(AppConfig):
    name = "tutela.events"
    label = "events"

    def ready(self) -> None:
        from tutela.events.guarding import guard
        from tutela.events.protection import protect_after_migrate

        post_migrate.connect(protect_after_migrate, dispatch_uid="tutela.events.protection")
        connection_created.connect(guard, dispatch_uid="tutela.events.guarding")
