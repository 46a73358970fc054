from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "tutela.accountability"
    label = "accountability"
