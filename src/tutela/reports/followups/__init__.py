"""Follow-ups to a report: supplements, duplicates, expired questions and spot checks."""
