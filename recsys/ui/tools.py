"""The named endpoints by which Gradio offers to programs, and to language models as tools, what the API answers."""

import gradio as gr

from recsys.serve.endpoints import Endpoints
from recsys.serve.engine import Engine
from recsys.ui.gradio_helpers import in_one_sentence


def add_endpoints(engine: Engine) -> None:
    """/recommend, /genres, /group, /similar and /predict."""
    endpoints = Endpoints(engine)
    for function in (endpoints.recommend, endpoints.genres, endpoints.group, endpoints.similar, endpoints.predict):
        gr.api(in_one_sentence()(function), api_name=function.__name__)
