from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "tutela.organisations"
    label = "organisations"

    def ready(self) -> None:
        from tutela.organisations.people import sign_in_events

        sign_in_events.connect()
