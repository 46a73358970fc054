"""Messages of hand-overs between agencies: what is needed by when, and each step that the addressee takes."""
