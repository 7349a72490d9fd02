"""Models that leave films with few ratings to what their genres say: a vocabulary of the others, around any model."""
