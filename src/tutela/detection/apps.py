from django.apps import AppConfig


class DetectionConfig(AppConfig):
    name = "tutela.detection"
    label = "detection"
