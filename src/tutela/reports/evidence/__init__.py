"""Sealed evidence at the Centre: storage, quota, delivery and resealing."""
