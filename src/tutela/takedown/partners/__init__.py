"""Exchange of cases with partner hotlines: sent, received, their receipts and statuses; as messages and as files."""
