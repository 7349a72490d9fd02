"""Simulated people at the real page, round after round, to see what the loop makes of what they rate."""
