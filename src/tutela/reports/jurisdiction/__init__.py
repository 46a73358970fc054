"""Jurisdiction: location evidence and the rule that chooses the Member State."""
