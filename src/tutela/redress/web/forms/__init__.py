"""Forms of redress, one file a page."""
