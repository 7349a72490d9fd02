"""What somebody does with films: sliders, stars and buttons, and how the server is told."""
