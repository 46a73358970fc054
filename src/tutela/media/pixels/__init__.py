"""From pixels to hash input: colour, colour profiles, borders, windows and thumbnails."""
