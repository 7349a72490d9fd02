"""Keras's own settings, as the networks here were made for, whatever ~/.keras/keras.json or a program says."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

STANDARD = {
    "floatx": "float32",
    "dtype_policy": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "max_epochs": None,  # a limit that would cut every training short
    "max_steps_per_epoch": None,
}


@contextmanager
def standard_keras() -> Iterator[None]:
    """Let networks be made, trained and asked under STANDARD; afterwards the settings are what they were.

    They hold for the whole process, so it is for networks of our own alone.
    """
    before = {name: getattr(keras.config, name)() for name in STANDARD}
    apply(STANDARD)
    try:
        yield
    finally:
        apply(before)


def apply(settings: dict[str, object]) -> None:
    """Set what differs; the policy comes after floatx, which sets it too."""
    for name, value in settings.items():
        getattr(keras.config, f"set_{name}")(value)
