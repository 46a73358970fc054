"""Keys: envelope encryption, signing, PKCS#11, subject keys, revocation and certificates."""
