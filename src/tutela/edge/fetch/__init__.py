"""HTTP client that an Edge fetches with."""
