"""What answers requests: the model that is served, the accounts, the guard, the REST API; no Gradio."""
