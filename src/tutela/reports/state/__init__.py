"""State of a report: status, progress, withdrawals, retractions and feedback to the provider."""
