"""HTTP of prevention: public hub and curators' desk."""
