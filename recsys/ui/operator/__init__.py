"""The operator's page: what people did with what they were shown, outside of Gradio."""
