"""From a video to the hashes of its frames."""
