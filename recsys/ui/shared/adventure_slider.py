"""The slider from familiar to adventurous."""

import gradio as gr

from recsys.errors import DataError

STEPS = 10


def adventure_slider(elem_id: str) -> gr.Slider:
    """From 0, familiar, to STEPS, adventurous."""
    return gr.Slider(
        0,
        STEPS,
        0,
        step=1,
        label="Familiar to adventurous",
        info=f"0: what fits best; {STEPS}: from further out, known to few.",
        buttons=[],
        min_width=220,
        elem_id=elem_id,
    )


def share_of(steps: object) -> float:
    """Where the slider stands, in [0, 1]; DataError for what it cannot say."""
    if isinstance(steps, bool) or not isinstance(steps, int | float) or not 0 <= steps <= STEPS:
        raise DataError(f"The slider goes from 0 (familiar) to {STEPS} (adventurous): move it there.")
    return steps / STEPS


def steps_of(share: float) -> int:
    """Where the slider stands for a share in [0, 1]."""
    return round(share * STEPS)
