"""Page of one report."""
