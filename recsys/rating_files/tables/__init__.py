"""Tables of ratings: those that are known here, and those that somebody is asked about."""
