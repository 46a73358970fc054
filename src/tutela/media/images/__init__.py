"""From a picture file to the hashes of every picture in it."""
