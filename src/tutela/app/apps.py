from django.apps import AppConfig


class RoofConfig(AppConfig):
    name = "tutela.app"
    label = "app"

    def ready(self) -> None:
        from tutela.app import wiring

        wiring.connect()
