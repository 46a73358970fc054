"""Jurisdiction: location evidence, geolocation and the rule that chooses the Member State."""
