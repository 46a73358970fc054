"""Public log of this node: entries, proofs, publication, witnesses, status and export."""
