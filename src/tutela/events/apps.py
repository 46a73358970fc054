from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class EventsConfig(AppConfig):
    name = "tutela.events"
    label = "events"

    def ready(self) -> None:
        from tutela.events import begins
        from tutela.events.sql_files import apply_after_migrate, refuse_unknown
        from tutela.events.tenant_guard import guard

        begins.register()
        pre_migrate.connect(refuse_unknown, dispatch_uid="tutela.events.sql_files.refuse_unknown")
        post_migrate.connect(apply_after_migrate, dispatch_uid="tutela.events.sql_files.apply_after_migrate")
        connection_created.connect(guard, dispatch_uid="tutela.events.tenant_guard")
