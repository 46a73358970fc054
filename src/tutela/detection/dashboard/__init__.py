"""What the start page shows a provider."""
