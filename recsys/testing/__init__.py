"""Made-up data whose answers are known."""
