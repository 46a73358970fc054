"""Library of the support desk: protection practices and research on effects, graded by fixed rules."""
