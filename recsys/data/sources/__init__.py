"""Where data sets come from: published ones by name, downloaded once into a cache, or folders of one's own."""
