"""Hand-overs between agencies: sent, acknowledged, accepted or refused, and followed until they are closed."""
