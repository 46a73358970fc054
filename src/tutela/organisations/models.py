"""Organisations, people, keys, messages. Sign-in, session and key tables are exempt from row-level security by name."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.ids import uuid7
from tutela.events.tenancy import TenantModel
from tutela.organisations.kinds import Kind, Role


class Organisation(models.Model):
    """One participant. The directory is common to the node; it holds no personal data."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=160, unique=True)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, ISO 3166-1"))
    api_url = models.URLField(_("API address"), blank=True, help_text=_("Where messages to it are delivered"))
    media_origin = models.URLField(_("media origin"), blank=True, help_text=_("Where a provider's own pictures lie"))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name


class OrganisationStatus(models.Model):
    """Verified, suspended or unverified: who said so, when and why. The newest row counts."""

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
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
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

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects: ClassVar[PersonManager] = PersonManager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        newest = self.statuses.order_by("-at", "-id").first()
        return newest is None or newest.status == "active"

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class PersonStatus(models.Model):
    """Active or deactivated: who said so, when and why. The newest row counts."""

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


class ApiKey(models.Model):
    """A key for machines. The secret is shown once; its SHA-256 is kept (256 random bits need no slow hash)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name


class SigningKey(models.Model):
    """An Ed25519 key of an organisation. The private half is wrapped by the node's key-encryption key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="signing_keys")
    use = models.CharField(max_length=20)
    key_id = models.CharField(max_length=64, unique=True)
    public = models.BinaryField(max_length=32)
    wrapped_private = models.BinaryField(max_length=200)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_as = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "use"], condition=models.Q(ended_at=None), name="one_current_key_of_a_use"
            )
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.key_id[:12]}"


class RecipientKey(models.Model):
    """An age recipient (X25519) to which evidence for an organisation is sealed. Its identity never comes here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="recipient_keys")
    recipient = models.CharField(max_length=80, unique=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_as = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(ended_at=None), name="one_current_recipient"
            )
        ]

    def __str__(self) -> str:
        return self.recipient


class PeerCredential(TenantModel):
    """What an organisation presents to another's API. The token is wrapped by the node's key-encryption key."""

    peer = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    wrapped_token = models.BinaryField(max_length=400)
    # A client certificate with its key (PEM), where the peer asks for one; shown to that peer alone.
    wrapped_certificate = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "peer"], name="one_credential_a_peer")]

    def __str__(self) -> str:
        return str(self.peer_id)


class SubjectKey(TenantModel):
    """The data key of one subject, wrapped. Deleting the row erases everything that was sealed by it."""

    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    wrapped = models.BinaryField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "subject_kind", "subject_id"], name="one_key_a_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"


class OutboxMessage(TenantModel):
    """A message to another organisation, kept until it is answered."""

    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    # Sealed: a message may carry a whole report. Emptied once it has been answered.
    sealed_body = models.BinaryField()
    key = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=80)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    answer_status = models.IntegerField(null=True)
    answer = models.TextField(blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "recipient", "key"], name="one_message_a_key")
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(answered_at=None), name="outbox_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class ReceivedMessage(TenantModel):
    """An inbound message and its answer, by the sender's idempotency key: the same key is answered the same way."""

    sender_id = models.UUIDField()
    key = models.CharField(max_length=80)
    body_sha256 = models.CharField(max_length=64)
    answer_status = models.IntegerField(null=True)
    answer = models.TextField(blank=True)

    retention_days: ClassVar[int | None] = 400

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "sender_id", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return self.key
