"""The generative recommender: which films a person chooses, and what stars they get, from one latent taste."""
