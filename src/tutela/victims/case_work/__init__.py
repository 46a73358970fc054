"""Work on a removal request: queue, detail, look-up, pause, withdrawal, progress for the person, closing letter."""
