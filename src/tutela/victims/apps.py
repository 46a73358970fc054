from django.apps import AppConfig


class VictimsConfig(AppConfig):
    name = "tutela.victims"
    label = "victims"
