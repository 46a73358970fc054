"""Settings of an Edge, all from the environment and checked at start. Names begin with `TUTELA_EDGE_`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
)

from tutela.edge.errors import SettingsError
from tutela.edge.fetch.http_client import check_origin
from tutela.edge.spool.encryption import load_key
from tutela.exchange.errors import KeyMalformedError
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.register.release import ListId
from tutela.matching import THRESHOLDS, Thresholds
from tutela.media import Level, Limits, Sampling
from tutela.tlog.policy import Policy, PolicyError

PREFIX = "TUTELA_EDGE_"
# What those who ask an Edge set for themselves, perhaps in the same environment.
CALLERS = frozenset({"TUTELA_EDGE_URL", "TUTELA_EDGE_TOKEN"})

# Shorter tokens can be guessed over a network.
MIN_TOKEN = 24


type Origin = Annotated[str, AfterValidator(check_origin)]


def _listed(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _of_first_pass(level: Level) -> Level:
    if level is Level.SECOND:
        raise ValueError("must be off, usual or wide; the second pass is set by TUTELA_EDGE_SECOND_PASS")
    return level


# A bank's name as HMA allows it, and the list that is called so.
type BankName = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,199}=[a-z0-9][a-z0-9._-]{0,62}$")]
_KEPT_NAMES = frozenset({"CONFIRMED", "NEGATIVES"})


class Detection(StrEnum):
    """`shadow` counts and delivers as shadow, so that a list can be tried before anybody acts on it."""

    ON = "on"
    SHADOW = "shadow"


class FailurePolicy(StrEnum):
    """Treatment of an item while no list is available: hold it, pass it and scan it later, or pass it."""

    HOLD = "hold"
    PASS_AND_QUEUE = "pass_and_queue"  # noqa: S105 - no password
    PASS = "pass"  # noqa: S105 - no password


class UndecodedPolicy(StrEnum):
    """Treatment of a picture or video that no decoder could hash: hold it, pass and queue it, or pass it.

    A held item waits for a person, a queued one for a later scan and a person. A passed item is only counted.
    """

    HOLD = "hold"
    QUEUE = "queue"
    PASS = "pass"  # noqa: S105 - no password


class Sandbox(StrEnum):
    """Whether decoders may run where neither bubblewrap nor a call filter holds them, within limits alone."""

    REQUIRED = "required"
    LIMITS = "limits"


class HmaMode(StrEnum):
    """Whether the interface of HMA is served, and whether its callers show a token (HMA itself knows none)."""

    OFF = "off"
    TOKEN = "token"  # noqa: S105 - no password
    OPEN = "open"


class Settings(BaseModel):
    """Everything an operator can set. Lists are separated by commas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Path(".data/edge")
    listen: Annotated[str, Field(pattern=r"^[^:\s]+:[0-9]{1,5}$")] = "127.0.0.1:8620"
    centre_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    api_key: SecretStr | None = None
    release_keys: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    log_policy: Path | None = None
    policy_pin: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0
    list_ids: Annotated[tuple[ListId, ...], BeforeValidator(_listed)] = ()
    redistributed_lists: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    redistributed_keys: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    provider_lists: Annotated[tuple[Path, ...], BeforeValidator(_listed)] = ()
    other_lists: Annotated[tuple[Path, ...], BeforeValidator(_listed)] = ()
    allow_shrink: bool = False
    provider_list_days: Annotated[int, Field(ge=1, le=3650)] = 90
    tokens: Annotated[tuple[SecretStr, ...], BeforeValidator(_listed)] = ()
    max_body_bytes: Annotated[int, Field(gt=0, le=1 << 32)] = 64 << 20
    max_inflight_bytes: Annotated[int, Field(gt=0, le=1 << 40)] = 512 << 20
    max_waiting_scans: Annotated[int, Field(ge=1, le=100_000)] = 64
    client_items_per_second: Annotated[float, Field(ge=0, le=1e9)] = 0.0
    webhook_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    webhook_secret: SecretStr | None = None
    sink_file: Path | None = None
    detection: Detection = Detection.SHADOW
    service: Annotated[str, Field(max_length=300)] | None = None
    channel: Annotated[str, Field(max_length=300)] | None = None
    desk_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    desk_key: SecretStr | None = None
    hma: HmaMode = HmaMode.OFF
    hma_banks: Annotated[tuple[BankName, ...], BeforeValidator(_listed)] = ()
    failure_policy: FailurePolicy = FailurePolicy.HOLD
    undecoded_policy: UndecodedPolicy = UndecodedPolicy.QUEUE
    max_unscanned: Annotated[int, Field(ge=1)] = 1_000_000
    fetch_origins: Annotated[tuple[Origin, ...], BeforeValidator(_listed)] = ()
    fetch_networks: Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_listed)] = ()
    workers: Annotated[int, Field(ge=1, le=256)] = 2
    sandbox: Sandbox = Sandbox.REQUIRED
    windows: Annotated[Level, AfterValidator(_of_first_pass)] = Level.USUAL
    second_pass: bool = True
    sampling: Sampling = Sampling.RATE
    interval: Annotated[float, Field(ge=0, le=3600)] = 1.0
    video_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    video_percent: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)] = tuple(
        map(str, THRESHOLDS)
    )
    processes: Annotated[int, Field(ge=0, le=256)] = 0
    key_file: Path | None = None

    @field_validator("release_keys", "redistributed_keys")
    @classmethod
    def _keys_are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        try:
            trusted_keys(keys)
        except KeyMalformedError as error:
            raise ValueError(str(error)) from None
        return keys

    @field_validator("video_percent")
    @classmethod
    def _percentages_are_some(cls, pairs: tuple[str, ...]) -> tuple[str, ...]:
        for pair in pairs:
            Thresholds.parse(pair)
        return pairs

    @field_validator("hma_banks")
    @classmethod
    def _banks_are_apart(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        names = [one.partition("=")[0] for one in given]
        if len(set(names)) != len(names) or _KEPT_NAMES & set(names):
            raise ValueError("each bank needs its own name, neither CONFIRMED nor NEGATIVES")
        return given

    @field_validator("tokens")
    @classmethod
    def _tokens_are_long(cls, tokens: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(token.get_secret_value()) < MIN_TOKEN for token in tokens):
            raise ValueError(f"a token must have at least {MIN_TOKEN} characters")
        return tokens

    def log(self) -> Policy:
        """The pinned policy: the public log's key, its witnesses and their quorum. Raises SettingsError."""
        assert self.log_policy is not None
        try:
            policy = Policy.parse(self.log_policy.read_text())
        except (PolicyError, UnicodeDecodeError) as error:
            raise SettingsError(f"{PREFIX}LOG_POLICY: {self.log_policy}: {error}.") from None
        except OSError as error:
            raise SettingsError(f"{PREFIX}LOG_POLICY: {self.log_policy}: {error.strerror}.") from None
        if not policy.logs:
            raise SettingsError(f"{PREFIX}LOG_POLICY: {self.log_policy} names no log.")
        return policy

    def key(self) -> bytes:
        """The key of this Edge, made if there is none yet. Raises SettingsError."""
        return load_key(self.key_file or self.data_dir / "edge.key")

    def video_thresholds(self) -> tuple[Thresholds, ...]:
        """Thresholds for matching a video: pairs of percentages, any of which is enough."""
        return tuple(Thresholds.parse(pair) for pair in self.video_percent)

    def bank_names(self) -> dict[str, str]:
        """The names that lists have as banks, each with the id of its list."""
        return dict(one.split("=", 1) for one in self.hma_banks)

    def media_limits(self) -> Limits:
        """Limits of one upload here, and its sampling."""
        return Limits(
            windows=self.windows, sampling=self.sampling, interval=self.interval, video_seconds=self.video_seconds
        )

    def process_count(self) -> int:
        """The number of processes that answer: as configured, otherwise one per core."""
        return self.processes or len(os.sched_getaffinity(0))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment. Raises SettingsError, naming each variable that is wrong and never its value."""
        source = os.environ if environ is None else environ
        given = {
            name.removeprefix(PREFIX).lower(): text
            for name, text in source.items()
            if name.startswith(PREFIX) and name not in CALLERS
        }
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False, include_context=False)
            raise SettingsError("; ".join(f"{PREFIX}{str(e['loc'][0]).upper()}: {_reason(e)}" for e in wrong)) from None
        if settings.list_ids and not (settings.centre_url and settings.release_keys and settings.log_policy):
            needed = ", ".join(f"{PREFIX}{name}" for name in ("CENTRE_URL", "RELEASE_KEYS", "LOG_POLICY"))
            raise SettingsError(f"{PREFIX}LIST_IDS needs {needed}.")
        if settings.redistributed_lists and not (settings.centre_url and settings.redistributed_keys):
            raise SettingsError(f"{PREFIX}REDISTRIBUTED_LISTS needs {PREFIX}CENTRE_URL, {PREFIX}REDISTRIBUTED_KEYS.")
        return settings


def _reason(error: Any) -> str:
    """What is wrong with a variable, in words for whoever set it."""
    if error["type"] == "bool_parsing":
        return "must be 1 or 0"
    return str(error["msg"]).removeprefix("Value error, ")
