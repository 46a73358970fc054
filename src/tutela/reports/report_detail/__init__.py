"""One report as its page shows it."""
