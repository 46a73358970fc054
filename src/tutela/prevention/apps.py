from django.apps import AppConfig


class PreventionConfig(AppConfig):
    name = "tutela.prevention"
    label = "prevention"
