"""Pages of partner hotlines, their keys and their files."""
