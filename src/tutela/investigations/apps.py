from django.apps import AppConfig


class InvestigationsConfig(AppConfig):
    name = "tutela.investigations"
    label = "investigations"
