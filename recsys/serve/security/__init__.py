"""What stands before the page, of which Gradio knows nothing: connections, bodies, turns and headers."""
