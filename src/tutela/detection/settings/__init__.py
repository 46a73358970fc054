"""Settings of a provider: services, authorities, identity, media links and lists."""
