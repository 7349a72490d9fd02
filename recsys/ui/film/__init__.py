"""The panel of one film, which every title in a list opens."""
