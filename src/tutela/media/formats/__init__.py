"""Picture formats: structure and fast decoders."""
