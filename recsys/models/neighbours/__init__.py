"""People who rate alike."""
