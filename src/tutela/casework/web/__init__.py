"""Parts of pages about alerts for every desk: the bell, and the channels to people on call."""
