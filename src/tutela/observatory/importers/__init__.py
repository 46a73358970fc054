"""Importers of what others publish. Blank, zero and an absent row stay three values; unknown codes stay as they are."""
