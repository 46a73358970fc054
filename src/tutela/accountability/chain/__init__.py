"""Event chain: sequencer, leaves, verifier and erasure of facts."""
