"""What is measured of a model: metrics with one value per user, calibration, and how sure they are."""
