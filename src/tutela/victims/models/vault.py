"""Identity vault: ciphertext that only browsers of its members can open, by their hardware keys.

Every text in base64 was made in a browser. The node has no key to any of it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.victims.models.support import SupportCase


class VaultKey(TenantModel):
    """One hardware key of one person: it opens that person's private half, which opens the vault's key."""

    person = models.CharField(max_length=80)
    person_name = models.CharField(max_length=200)
    # Name of the credential, and the input of its pseudorandom function (WebAuthn PRF), base64url.
    credential = models.CharField(max_length=1400)
    salt = models.CharField(max_length=64)
    # Public half (P-256, SPKI), and the private half encrypted by the hardware key's output.
    public_half = models.CharField(max_length=400)
    private_half = models.CharField(max_length=800)
    # First characters of the SHA-256 of the public half, which both people compare.
    fingerprint = models.CharField(max_length=40)
    # The vault's key for this public half, made by the browser of a member; empty until one has admitted it.
    vault_key = models.CharField(max_length=1200, blank=True)
    # Of the founder alone: what browsers check the vault's key against (HKDF, base64). Nobody who admits changes it.
    check_value = models.CharField(max_length=44, blank=True)
    admitted_at = models.DateTimeField(null=True)
    admitted_by = models.CharField(max_length=80, blank=True)
    admitted_by_name = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            # The founder alone has a key of the vault that nobody admitted.
            models.UniqueConstraint(
                fields=["organisation_id"],
                condition=models.Q(admitted_by="", ended_at=None) & ~models.Q(vault_key=""),
                name="one_founder_of_a_vault",
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint


class VaultIdentity(TenantModel):
    """Who the person of a case is, as ciphertext. A change keeps the earlier one (`EarlierIdentity`)."""

    case = models.OneToOneField(SupportCase, on_delete=models.PROTECT, related_name="identity")
    # JSON of the browser: version, nonce, wrapped data key, ciphertext; each base64.
    ciphertext = models.TextField(max_length=24_000)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.changed_at)


class EarlierIdentity(TenantModel):
    """A ciphertext that another one replaced: whoever stores something else destroys nothing."""

    identity = models.ForeignKey(VaultIdentity, on_delete=models.PROTECT, related_name="earlier")
    ciphertext = models.TextField(max_length=24_000)
    stored_at = models.DateTimeField()
    stored_by = models.CharField(max_length=80)
    stored_by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return str(self.stored_at)


class VaultPurpose(models.TextChoices):
    """For what an identity is opened."""

    CONTACT = "contact", _("contact the person, as they wished")
    APPOINTMENT = "appointment", _("arrange an appointment or an interpreter")
    HAND_OVER = "hand_over", _("tell an agency who the person is, on the ground of a hand-over")
    CLAIM = "claim", _("file a claim for compensation or legal aid")
    CORRECTION = "correction", _("correct what is stored")
    REQUEST = "request", _("answer a request of the person about their data")


class VaultOpening(TenantModel):
    """An opening of an identity. The person reads all of them. Stored before the ciphertext leaves the node."""

    identity = models.ForeignKey(VaultIdentity, on_delete=models.PROTECT, related_name="openings")
    purpose = models.CharField(max_length=11, choices=VaultPurpose.choices)
    # How the person was or will be told, where no conversation tells them. Sealed by the case's key.
    told = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.purpose
