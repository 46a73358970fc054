"""Errors of the Edge. The docstring is the message; `code` is the label in metrics and logs."""

from __future__ import annotations

from typing import ClassVar


class EdgeError(Exception):
    """The Edge cannot do this."""

    code: ClassVar[str] = "edge"

    def __init__(self, detail: str = "") -> None:
        message = type(self).__doc__ or ""
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class SettingsError(EdgeError):
    """The settings cannot be used."""

    code = "settings"


class NoTrustedListError(EdgeError):
    """No trusted list is available at present."""

    code = "no_trusted_list"
    # Callers of an Edge use this answer to distinguish a missing list from a busy Edge.
    title = "No trusted list."


class ReleaseError(EdgeError):
    """The release was refused; the last good list stays in use until it expires."""

    code = "release"

    def __init__(self, detail: str = "", evidence: tuple[str, ...] = ()) -> None:
        """`evidence` are signed notes that prove to others what happened."""
        super().__init__(detail)
        self.evidence = evidence


class UnreachableError(ReleaseError):
    """The Centre did not answer with a release."""

    code = "unreachable"


class NoGrantError(ReleaseError):
    """The grant for this list has ended."""

    code = "no_grant"


class UntrustedReleaseError(ReleaseError):
    """The release is not signed by a trusted key for this purpose."""

    code = "untrusted"


class MalformedReleaseError(ReleaseError):
    """The release does not fit its schema."""

    code = "malformed"


class WrongListError(ReleaseError):
    """The release belongs to another list."""

    code = "wrong_list"


class RolledBackError(ReleaseError):
    """The release is older than one that was seen before."""

    code = "rolled_back"


class EquivocationError(ReleaseError):
    """Two different releases claim the same number."""

    code = "equivocation"


class ExpiredReleaseError(ReleaseError):
    """The release has expired."""

    code = "expired"


class FutureReleaseError(ReleaseError):
    """The release is dated in the future; one of the two clocks is wrong."""

    code = "future"


class NotLoggedError(ReleaseError):
    """The release is not the one that the public log names: it was made only for this recipient, or too early."""

    code = "not_logged"


class ForkedLogError(ReleaseError):
    """The public log contradicts what this Edge verified before."""

    code = "forked_log"


class LogRolledBackError(ReleaseError):
    """The public log is shorter than it was."""

    code = "log_rolled_back"


class UntrustedLogError(ReleaseError):
    """The public log's checkpoint is not signed by the log's key."""

    code = "log_untrusted"


class NoQuorumError(ReleaseError):
    """The public log's checkpoint lacks the witnesses that the policy requires; nothing is added until they sign."""

    code = "no_quorum"


class PolicyRefusedError(ReleaseError):
    """The register's policy does not follow from the first one that was pinned, or seen first."""

    code = "policy_refused"


class LogDamagedError(ReleaseError):
    """The files of the public log do not match its checkpoint."""

    code = "log_damaged"


class StaleLogError(ReleaseError):
    """The public log has had no new witnessed checkpoint for too long."""

    code = "log_stale"


class WithheldError(ReleaseError):
    """The public log names a newer head than the one that was served: a removal may be withheld."""

    code = "withheld"


class UnloggedHeadError(ReleaseError):
    """The head in force is not in the public log, although its witnesses have signed since."""

    code = "unlogged_head"


class ManifestMismatchError(ReleaseError):
    """The manifest is not the one that the head names."""

    code = "manifest_mismatch"


class NotBoundError(ReleaseError):
    """The list contains entries that are not in the certified set of the public log."""

    code = "not_bound"


class LawfulListedError(ReleaseError):
    """The list has a hash of a lawful reference picture."""

    code = "lawful_listed"


class SnapshotMismatchError(ReleaseError):
    """The snapshot is not the one that the manifest names."""

    code = "snapshot_mismatch"


class SourceError(ReleaseError):
    """The provider's own list cannot be read."""

    code = "source"


class SourceUnreadableError(SourceError):
    """The provider's own list is temporarily unreadable; the list in use stays."""

    code = "source_unreadable"


class SourceCutOffError(SourceError):
    """The last line of the provider's own list has no line end, so the file may be cut off."""

    code = "source_cut_off"


class SourceShrankError(SourceError):
    """The provider's own list has lost more than a tenth of its entries; the list in use stays.

    Set TUTELA_EDGE_ALLOW_SHRINK=1 and start again to accept it.
    """

    code = "source_shrank"


class StateDamagedError(ReleaseError):
    """The state on disk cannot be read. The state is not replaced, because it prevents the use of an old release."""

    code = "state_damaged"


class SpoolDamagedError(EdgeError):
    """A sealed value cannot be decrypted: it was sealed with another key, or changed."""

    code = "spool_damaged"


class QueueFullError(EdgeError):
    """The queue of items for a later scan is full."""

    code = "queue_full"


class EdgeAwayError(EdgeError):
    """The Edge did not answer; by the policy the item must wait."""

    code = "edge_away"


class EdgeRefusedError(EdgeError):
    """The Edge refused the request."""

    code = "edge_refused"


class ItemRefusedError(EdgeRefusedError):
    """The Edge will never accept this item in its current form."""

    code = "item_refused"


class FetchRefusedError(EdgeError):
    """This address is not fetched."""

    code = "fetch_refused"


class FetchGoneError(FetchRefusedError):
    """The file at this address is gone, or can never be fetched."""

    code = "fetch_gone"


class FetchUnreadableError(FetchGoneError):
    """The file at this address can never be fetched: it is too large, or no client can name its key."""

    code = "fetch_unreadable"

    def __init__(self, reason: str) -> None:
        """`reason`: the code of what made it so, as `too_large`."""
        super().__init__(reason)
        self.reason = reason


class FetchFailedError(EdgeError):
    """The address did not answer. Try again later."""

    code = "fetch_failed"
