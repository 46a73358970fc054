"""Tables of organisations and people.

Sign-in and session tables are exempt from row-level security by name.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.organisations.vocabulary.directory_entry import Now
from tutela.organisations.vocabulary.roles_and_permissions import Kind, Role


class Organisation(models.Model):
    """One participant. The directory is common to the node; it holds no personal data."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=160, unique=True)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, ISO 3166-1"))
    api_url = models.URLField(
        _("API address"), blank=True, help_text=_("Address to which messages for this organisation are delivered")
    )
    media_origin = models.URLField(_("media origin"), blank=True, help_text=_("Address of a provider's own pictures"))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name


class OrganisationStatus(models.Model):
    """Status verified, suspended or unverified, with author, time and reason.

    The newest row applies.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=12, choices=[(s, s) for s in ("verified", "suspended", "unverified")])
    by = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.status


class Contact(models.Model):
    """A contact point of an organisation, with the languages it answers in."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="contacts")
    purpose = models.CharField(_("for"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose}: {self.email or self.phone}"


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username or "")


class Person(AbstractBaseUser):
    """Somebody who signs in for one organisation. Rights come from roles, never from flags."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=160)
    language = models.CharField(_("language"), max_length=8, default="en")
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    # What stood about them as a request of theirs began.
    now: Now | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects: ClassVar[PersonManager] = PersonManager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        if self.now is not None:
            return self.now.active
        newest = self.statuses.order_by("-at", "-id").first()
        return newest is None or newest.status == "active"

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class PersonStatus(models.Model):
    """Status active or deactivated, with author, time and reason. The newest row applies."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=12, choices=[("active", "active"), ("deactivated", "deactivated")])
    by = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.status


class RoleGrant(models.Model):
    """A role of a person, from a moment on, until it is ended."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=models.Q(ended_at=None), name="one_open_grant_of_a_role"
            )
        ]

    def __str__(self) -> str:
        return self.role


class Invitation(models.Model):
    """An invitation to join an organisation with some roles. Only the hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=160)
    roles = ArrayField(models.CharField(max_length=20))
    token_hash = models.CharField(max_length=64, unique=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email
