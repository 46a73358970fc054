from django.apps import AppConfig


class RoofConfig(AppConfig):
    name = "tutela.app"
    label = "app"

    def ready(self) -> None:
        from django.utils.translation import gettext

        from tutela.app import wiring
        from tutela.app.runtime import gc_at_start
        from tutela.events.errors import translate_with

        translate_with(gettext)
        wiring.connect()
        gc_at_start.loaded()
