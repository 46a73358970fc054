from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class EventsConfig(AppConfig):
    name = "tutela.events"
    label = "events"

    def ready(self) -> None:
        from tutela.events.row_security import protect_after_migrate
        from tutela.events.tenant_guard import guard

        post_migrate.connect(protect_after_migrate, dispatch_uid="tutela.events.row_security")
        connection_created.connect(guard, dispatch_uid="tutela.events.tenant_guard")
