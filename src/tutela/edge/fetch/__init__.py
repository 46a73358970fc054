"""HTTP client that an Edge uses to fetch items."""
