"""Searching better settings: spaces, objectives, studies, and what a study found."""
