"""Linear autoencoders: every film predicted from all others."""
