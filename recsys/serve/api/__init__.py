"""The REST API: what Gradio's endpoints answer, by plain requests, with an OpenAPI document and a page of it."""
