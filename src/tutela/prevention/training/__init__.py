"""Training register: returns of employers by profession and region, coverage, and what lapses."""
