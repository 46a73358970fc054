from django.apps import AppConfig


class ObservatoryConfig(AppConfig):
    name = "tutela.observatory"
    label = "observatory"
