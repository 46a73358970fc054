"""Start page of a provider."""
