from django.apps import AppConfig


class DetectionConfig(AppConfig):
    name = "tutela.detection"
    label = "detection"

    def ready(self) -> None:
        from tutela.detection import informing_texts

        # A file that cannot be used stops the start, and not the moment at which somebody is told.
        informing_texts.languages()
