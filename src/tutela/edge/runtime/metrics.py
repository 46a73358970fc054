"""Metrics for the operator. No label contains a hash, an item or an account.

All processes of an Edge share their counters. With `PROMETHEUS_MULTIPROC_DIR` set, as under `supervisor`, each process
keeps its own in that folder and any of them shows the sum.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue

# What becomes of a picture that waits for the second pass.
SECOND_OUTCOMES = ("matched", "nothing", "not_decoded", "failed", "no_room", "late", "left")


class Metrics:
    """One registry for one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        to = self.registry
        self.scans = Counter("tutela_edge_scans", "Pictures scanned, by outcome.", ["outcome"], registry=to)
        self.lookups = Counter("tutela_edge_lookups", "Items looked up by hash.", registry=to)
        self.matches = Counter(
            "tutela_edge_matches", "Matches, by list and rule.", ["list", "rule", "mode"], registry=to
        )
        self.candidates = Counter("tutela_edge_candidates", "Candidates accepted for delivery.", ["mode"], registry=to)
        self.passed = Counter("tutela_edge_passed_unscanned", "Items that passed unscanned.", ["policy"], registry=to)
        self.not_decoded = Counter(
            "tutela_edge_not_decoded", "Pictures and videos that could not be hashed.", ["code", "policy"], registry=to
        )
        self.not_compared = Counter(
            "tutela_edge_not_compared", "Pictures and videos too flat to be compared.", ["policy"], registry=to
        )
        self.rescans = Counter("tutela_edge_rescans", "Items scanned later, by outcome.", ["outcome"], registry=to)
        self.second_pass = Counter(
            "tutela_edge_second_pass", "Pictures of the second pass, by outcome.", ["outcome"], registry=to
        )
        for outcome in SECOND_OUTCOMES:
            self.second_pass.labels(outcome)
        self.limited = Counter("tutela_edge_limited", "Requests refused because of a limit.", ["limit"], registry=to)
        self.refusals = Counter("tutela_edge_release_refusals", "Releases refused.", ["list", "reason"], registry=to)
        self.seconds = Histogram("tutela_edge_scan_seconds", "Time to hash and match one picture.", registry=to)

    def page(self, lists: LiveLists, outbox: Outbox, unscanned: UnscannedQueue) -> bytes:
        """The page in the text format of Prometheus."""
        counted: CollectorRegistry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        present = CollectorRegistry()
        present.register(_Present(lists, outbox, unscanned))
        return generate_latest(counted) + generate_latest(present)


class _Present(Collector):
    """Metrics of the current state, read from the lists and the spool themselves."""

    def __init__(self, lists: LiveLists, outbox: Outbox, unscanned: UnscannedQueue) -> None:
        self._lists, self._outbox, self._unscanned = lists, outbox, unscanned

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now, labels = clock.now(), ["list"]
        age = GaugeMetricFamily("tutela_edge_list_age_seconds", "Time since a list was last confirmed.", labels=labels)
        version = GaugeMetricFamily("tutela_edge_list_version", "Version in use.", labels=labels)
        entries = GaugeMetricFamily("tutela_edge_list_entries", "Entries in use.", labels=labels)
        left = GaugeMetricFamily("tutela_edge_list_trusted_seconds", "Time until a list expires.", labels=labels)
        for live in self._lists.all():
            name = [live.manifest.list_id]
            age.add_metric(name, (now - live.checked_at).total_seconds())
            version.add_metric(name, live.manifest.version)
            entries.add_metric(name, len(live.matches))
            left.add_metric(name, (live.trusted_until - now).total_seconds())
        yield from (age, version, entries, left)
        waiting, refused = self._outbox.counts()
        yield GaugeMetricFamily(
            "tutela_edge_outbox_waiting", "Candidates not yet delivered to the desk.", value=waiting
        )
        yield GaugeMetricFamily(
            "tutela_edge_outbox_refused", "Candidates permanently refused by the desk.", value=refused
        )
        count, oldest = self._unscanned.waiting()
        yield GaugeMetricFamily("tutela_edge_unscanned_waiting", "Items queued for a later scan.", value=count)
        aside = self._unscanned.count_aside()
        yield GaugeMetricFamily("tutela_edge_undecoded_waiting", "Undecoded items pending for a person.", value=aside)
        behind = now.timestamp() - oldest if count else 0.0
        yield GaugeMetricFamily(
            "tutela_edge_unscanned_oldest_seconds", "Age of the oldest undecoded item.", value=behind
        )
