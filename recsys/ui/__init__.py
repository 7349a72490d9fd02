"""The web page; the only part of recsys that may import gradio."""
