"""Evenings: people at their own screens who look for a film together, and find each other by a code."""
