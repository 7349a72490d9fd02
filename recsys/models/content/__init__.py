"""What is known of films beside ratings, genres and periods: models that recommend by these."""
