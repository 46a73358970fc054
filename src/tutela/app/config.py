"""Typed configuration: every `TUTELA_*` setting in one place.

`docs/settings.md` describes each setting; a test fails if a description is missing. An installation is configured by
environment variables alone, so that a container, a systemd unit and a shell agree.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from tutela.detection.notices import sentences
from tutela.investigations.inbox import retention_periods

Desk = Literal["provider", "centre", "hotline", "authority", "public"]
ALL_DESKS: tuple[Desk, ...] = ("provider", "centre", "hotline", "authority", "public")


class Config(BaseModel):
    """The settings of one node. Field `x` is read from `TUTELA_X`; `database_url` also from `DATABASE_URL`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(Path(".data"), description="Folder for keys, the embedded database and checkpoints. Mode 0700.")
    database_url: str = Field(
        "", repr=False, description="Database address of the runtime role. Empty: an embedded PostgreSQL is used."
    )
    owner_database_url: str = Field(
        "", repr=False, description="Database address of the owner role, only for migrations."
    )
    secret_key: str = Field(
        "",
        repr=False,
        description="Key that signs sessions and links. Empty: created once and kept in the data folder.",
    )
    key_encryption_key: str = Field(
        "", repr=False, description="Key that encrypts every stored key: 32 bytes in hex. Empty: kept in a file."
    )
    public_url: str = Field("http://127.0.0.1:8000", description="Public address of this node.")
    listen: str = Field("127.0.0.1:8000", description="Address and port of the web server.")
    allowed_hosts: str = Field("127.0.0.1,localhost,[::1]", description="Host names of this node, comma separated.")
    desks: str = Field(",".join(ALL_DESKS), description="Desks mounted on this node, comma separated.")
    exit_url: str = Field(
        "https://www.wikipedia.org/", description="Neutral page to which the exit button of public forms leads."
    )
    time_zone: str = Field("UTC", description="Time zone for people who chose none.")
    web_workers: int = Field(2, ge=1, le=64, description="Number of web server processes.")
    demo: bool = Field(False, description="Demonstration: shows logins and one-time codes. Never on a real node.")
    debug: bool = Field(False, description="Show tracebacks to visitors. Never on a real node.")
    behind_tls: bool = Field(False, description="The node uses HTTPS: secure cookies and HSTS.")
    oidc_issuer: str = Field("", description="OpenID Connect issuer for single sign-on. Empty: off.")
    oidc_client_id: str = Field("", description="Client ID at that issuer.")
    oidc_client_secret: str = Field("", repr=False, description="Client secret at that issuer.")
    log_origin: str = Field("", description="Name of the public log. Empty: the public address and /log.")
    log_policy: str = Field("", description="File with the log's witnesses and their quorum. Empty: no witnesses.")
    log_trial: bool = Field(
        False,
        description="Allow a log with fewer than two witnesses, for a trial. Never on a node that others rely on.",
    )
    email_url: str = Field("", repr=False, description="smtp://user:password@host:port. Empty: no mail is sent.")

    evidence: str = Field("", description="Folder for sealed evidence. Empty: `evidence` in the data folder.")
    evidence_max_bytes: int = Field(4 << 30, ge=0, description="Largest file that is kept sealed, in bytes.")
    evidence_provider_bytes: int = Field(100 << 30, ge=0, description="Maximum of sealed bytes per provider.")
    feed_networks: str = Field(
        "", description="Private networks in which partner lists may be read, comma separated. Empty: none."
    )
    peer_networks: str = Field(
        "", description="Private networks in which other nodes may be reached, comma separated. Empty: none."
    )
    trusted_proxies: str = Field(
        "", description="Networks of your own proxies whose X-Forwarded-For is trusted, comma separated. Empty: none."
    )
    geoip_file: str = Field(
        "", description="MaxMind DB file with the countries of addresses. Empty: the file on this machine, if any."
    )
    asn_file: str = Field("", description="MaxMind DB file with the network names of addresses. Empty: none.")

    @field_validator("geoip_file", "asn_file")
    @classmethod
    def _file(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError("must be the path of an existing file")
        return value

    user_texts: str = Field(
        "", description="Folder with your own texts for users, one file per language. Empty: Tutela's texts."
    )

    @field_validator("user_texts")
    @classmethod
    def _texts(cls, value: str) -> str:
        if value:
            sentences.own(Path(value))
        return value

    email_from: str = Field(
        "", description="Sender address of e-mails. Empty: tutela@ and the host of the public address."
    )
    backup_days: int = Field(
        7, ge=0, le=365, description="Days after which a missing backup is a finding and a warning. 0: never."
    )
    undo_seconds: int = Field(
        10,
        ge=0,
        le=30,
        description="Seconds for which a decision that sends something can be undone before it leaves. 0: none.",
    )
    alert_emails: str = Field(
        "", description="E-mail addresses of duty officers for urgent alerts, comma separated. Empty: none."
    )
    alert_webhook: str = Field(
        "", description="Address that receives alerts of urgent reports by HTTP POST. Empty: none."
    )

    @field_validator("alert_emails")
    @classmethod
    def _emails(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", one):
                raise ValueError("must be e-mail addresses, separated by commas")
        return value

    evidence_periods: str = Field(
        "", description="File with retention periods of evidence held by others, by country. Empty: Tutela's periods."
    )

    @field_validator("evidence_periods")
    @classmethod
    def _periods(cls, value: str) -> str:
        if value:
            retention_periods.read(Path(value))
        return value

    pkcs11_module: str = Field("", description="Library of a PKCS#11 token for signing keys. Empty: none.")
    pkcs11_token: str = Field("", description="Label of that token.")
    pkcs11_pin: str = Field("", repr=False, description="User PIN of that token.")

    @field_validator("feed_networks", "peer_networks", "trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for one in filter(None, map(str.strip, value.split(","))):
            ip_network(one)
        return value

    @field_validator("listen")
    @classmethod
    def _address_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError("must be an address and a port, such as 127.0.0.1:8000")
        return value

    @field_validator("public_url", "oidc_issuer", "alert_webhook", "exit_url")
    @classmethod
    def _web_address(cls, value: str, info: ValidationInfo) -> str:
        if (value or info.field_name in ("public_url", "exit_url")) and not re.fullmatch(
            r"https?://[^\s/]+(/\S*)?", value
        ):
            raise ValueError("must be an address that begins with https:// (or http://)")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a time zone of the IANA database, such as Europe/Berlin")
        return value

    @field_validator("desks")
    @classmethod
    def _known_desks(cls, value: str) -> str:
        unknown = {d.strip() for d in value.split(",") if d.strip()} - set(ALL_DESKS)
        if unknown:
            raise ValueError(f"unknown desk {sorted(unknown)[0]!r}; choose from {', '.join(ALL_DESKS)}")
        return value

    @field_validator("key_encryption_key")
    @classmethod
    def _thirty_two_bytes(cls, value: str) -> str:
        if value and len(bytes.fromhex(value)) != 32:
            raise ValueError("must be exactly 64 hexadecimal digits")
        return value

    @property
    def mounted(self) -> frozenset[str]:
        return frozenset(d.strip() for d in self.desks.split(",") if d.strip())


# Read by single commands, or between our own programs.
OTHER_VARIABLES = frozenset(
    {
        "TUTELA_BACKUP_PASSPHRASE",
        "TUTELA_CENTRE_TOKEN",
        "TUTELA_PEER_TOKEN",
        "TUTELA_EDGE_TOKEN",
        "TUTELA_EDGE_URL",
        "TUTELA_LIMIT_KEY",
        "TUTELA_ROLE",
        "TUTELA_RUNTIME_URL",
        "TUTELA_WITNESS_FOLDER",
    }
)


def unknown() -> list[str]:
    """Variables that look like settings and are none: most often a misspelt one."""
    known = OTHER_VARIABLES | {f"TUTELA_{name.upper()}" for name in Config.model_fields}
    return sorted(
        n for n in os.environ if n.startswith("TUTELA_") and not n.startswith("TUTELA_EDGE_") and n not in known
    )


class BadSetting(Exception):
    """A setting cannot be used."""


def load() -> Config:
    """Read the environment. Raises `BadSetting`, which names the variable and the reason."""
    values = {name: os.environ[key] for name in Config.model_fields if (key := f"TUTELA_{name.upper()}") in os.environ}
    if "database_url" not in values and os.environ.get("DATABASE_URL"):
        values["database_url"] = os.environ["DATABASE_URL"]
    if "public_url" not in values and (listen := values.get("listen", "")).rpartition(":")[2].isdecimal():
        host, _, port = listen.rpartition(":")
        values["public_url"] = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]', '') else host}:{port}"  # noqa: S104
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "?"
        raise BadSetting(f"TUTELA_{name}: {first['msg'].removeprefix('Value error, ')}") from None
