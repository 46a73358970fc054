from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "tutela.organisations"
    label = "organisations"
