"""Files of ratings, films and people, read into tables: MovieLens in its three formats."""
