"""Fields of which a visitor chooses films."""
