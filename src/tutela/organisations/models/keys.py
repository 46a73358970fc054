"""Tables of keys: API keys, signing keys, sealing keys.

These tables are exempt from row-level security by name.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.tenant_model import TenantModel, unindexed
from tutela.organisations.models.people import Organisation


class ApiKey(models.Model):
    """A key for machines. The secret is shown once; its SHA-256 is kept (256 random bits need no slow hash)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    # To whom its holder speaks with it; nobody else accepts it. Empty: the holder's own desk, or the node's Centre.
    recipient = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
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
    """Credential of an organisation for another's API. The token is wrapped by the node's key-encryption key."""

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

    organisation_id = unindexed()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    wrapped = models.BinaryField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "subject_kind", "subject_id"], name="one_key_a_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"
