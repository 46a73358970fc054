"""Parts of pages that every desk's alerts have: the bell, and the channels to who is on call."""
