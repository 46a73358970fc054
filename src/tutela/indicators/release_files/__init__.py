"""Release files: versions, removals, certified set and snapshots."""
