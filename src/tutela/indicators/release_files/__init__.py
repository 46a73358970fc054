"""Files of a release: versions, removals, certified set and snapshots."""
