"""Fitted models: how they are made, and how they lie in a folder."""
