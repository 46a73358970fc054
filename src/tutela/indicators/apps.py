from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "tutela.indicators"
    label = "indicators"
