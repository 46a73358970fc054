"""Recognition of known items by their hashes: exact, explained, and never more than a candidate.

Words
-----
entry      one item of a list, known by its id and its hashes alone.
family     a kind of hash: MD5, SHA-1 and SHA-256 are digests of the bytes, PDQ describes what a picture looks like,
           structure where it becomes brighter or darker.
snapshot   one list in one file that verifies itself.
changes    a small snapshot of what a list gained and lost since its own was made.
index      the perceptual hashes of a list, made ready for search; in memory, or in a file of its own, sealed.
footage    of a video, what agrees with an entry: how many of its frames, and which seconds on end.
match      an entry that a rule found, with everything a reviewer needs to understand why.

Guarantees
--------
- Search by distance is exact: no neighbour within the radius is missed, on any machine, at any size from zero up.
- A bad record never stops a build; it is quarantined and reported.
- A removed entry stops matching at once, before any rebuild.
- A match of one hash family alone is only a candidate, and so is a match of a part alone (`rules`).
"""

from tutela.matching.errors import (
    IndexFileDamagedError,
    IndexFileError,
    IndexFileForeignError,
    IndexFileKeyError,
    IndexFileTruncatedError,
    MatchingError,
    SnapshotDamagedError,
    SnapshotError,
    SnapshotForeignError,
    SnapshotTruncatedError,
)
from tutela.matching.files.index_file import SharedIndex, map_index, write_index
from tutela.matching.files.records import MAX_DISTANCE, MIN_QUALITY, REMOVED, VIDEO, Quarantined, Record
from tutela.matching.files.snapshot import Snapshot
from tutela.matching.files.snapshot_writer import BuildReport, build_snapshot, snapshot_bytes
from tutela.matching.index.arrays import Neighbours
from tutela.matching.index.async_search import Asker
from tutela.matching.index.hamming_index import HammingIndex, View, simd_level
from tutela.matching.lists.delta import Later, folded
from tutela.matching.lists.match_list import Match, MatchList
from tutela.matching.lists.rules import CORROBORATING_DISTANCE, RULES, Family, MatchEvidence, Rule, Verdict, judge
from tutela.matching.video.similarity import THRESHOLDS, Footage, Segment, Thresholds
from tutela.matching.video.vpdq_match import percentages

__all__ = [
    "CORROBORATING_DISTANCE",
    "MAX_DISTANCE",
    "MIN_QUALITY",
    "REMOVED",
    "RULES",
    "THRESHOLDS",
    "VIDEO",
    "Asker",
    "BuildReport",
    "Family",
    "Footage",
    "HammingIndex",
    "IndexFileDamagedError",
    "IndexFileError",
    "IndexFileForeignError",
    "IndexFileKeyError",
    "IndexFileTruncatedError",
    "Later",
    "Match",
    "MatchEvidence",
    "MatchList",
    "MatchingError",
    "Neighbours",
    "Quarantined",
    "Record",
    "Rule",
    "Segment",
    "SharedIndex",
    "Snapshot",
    "SnapshotDamagedError",
    "SnapshotError",
    "SnapshotForeignError",
    "SnapshotTruncatedError",
    "Thresholds",
    "Verdict",
    "View",
    "build_snapshot",
    "folded",
    "judge",
    "map_index",
    "percentages",
    "simd_level",
    "snapshot_bytes",
    "write_index",
]
