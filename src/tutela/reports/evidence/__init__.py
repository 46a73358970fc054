"""Sealed evidence at the Centre: storage, quota, handover and resealing."""
