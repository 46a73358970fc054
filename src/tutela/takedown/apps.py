from django.apps import AppConfig


class TakedownConfig(AppConfig):
    name = "tutela.takedown"
    label = "takedown"
