"""What decides which films a list has, in which order and why, for whoever knows no Recommender."""
