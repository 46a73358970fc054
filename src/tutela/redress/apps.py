from django.apps import AppConfig


class RedressConfig(AppConfig):
    name = "tutela.redress"
    label = "redress"
