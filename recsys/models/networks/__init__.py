"""What networks of taste need: what they are told, what they learn from, and weights that are read without Keras."""
