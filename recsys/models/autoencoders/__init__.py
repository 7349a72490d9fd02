"""Autoencoders of ratings: networks that are told stars and say them again, with those that were not told."""
