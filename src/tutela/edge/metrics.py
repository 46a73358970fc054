"""What an operator watches. No label carries a hash, an item or an account."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tutela import clock
from tutela.edge.live import LiveLists
from tutela.edge.outbox import Outbox


class Metrics:
    """One registry for one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        to = self.registry
        self.scans = Counter("tutela_edge_scans", "Pictures scanned, by outcome.", ["outcome"], registry=to)
        self.lookups = Counter("tutela_edge_lookups", "Items looked up by their hashes.", registry=to)
        self.matches = Counter(
            "tutela_edge_matches", "Matches, by list and rule.", ["list", "rule", "mode"], registry=to
        )
        self.candidates = Counter("tutela_edge_candidates", "Candidates accepted for delivery.", ["mode"], registry=to)
        self.refusals = Counter("tutela_edge_release_refusals", "Releases refused.", ["list", "reason"], registry=to)
        self.seconds = Histogram("tutela_edge_scan_seconds", "Time to hash and match one picture.", registry=to)
        self.waiting = Gauge("tutela_edge_outbox_waiting", "Candidates not yet at the desk.", registry=to)
        self.stuck = Gauge("tutela_edge_outbox_refused", "Candidates that the desk refused for good.", registry=to)
        self.age = Gauge("tutela_edge_list_age_seconds", "Time since a list was last confirmed.", ["list"], registry=to)
        self.version = Gauge("tutela_edge_list_version", "Version in use.", ["list"], registry=to)
        self.entries = Gauge("tutela_edge_list_entries", "Entries in use.", ["list"], registry=to)

    def page(self, lists: LiveLists, outbox: Outbox) -> bytes:
        """The page in the text format of Prometheus."""
        now = clock.now()
        for live in lists.all():
            self.age.labels(live.manifest.list_id).set((now - live.checked_at).total_seconds())
            self.version.labels(live.manifest.list_id).set(live.manifest.version)
            self.entries.labels(live.manifest.list_id).set(len(live.matches))
        waiting, refused = outbox.counts()
        self.waiting.set(waiting)
        self.stuck.set(refused)
        return generate_latest(self.registry)
