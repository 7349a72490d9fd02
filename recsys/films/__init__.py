"""Films as people know them: a catalogue, titles, genres, and what a film is called elsewhere."""
