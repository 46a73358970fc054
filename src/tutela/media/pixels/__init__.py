"""From pixels to what is hashed: colour, colour profiles, borders, windows and thumbnails."""
