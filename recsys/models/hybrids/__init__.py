"""Models made of other models; the flagship."""
