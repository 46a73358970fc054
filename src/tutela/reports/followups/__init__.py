"""What follows a report: supplements, duplicates, expired questions and spot checks."""
