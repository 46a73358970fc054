from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "tutela.law"
    label = "law"
