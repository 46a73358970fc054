"""Chain over all events: the sequencer, the leaves, the verifier, and erasure of facts."""
