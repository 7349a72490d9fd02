"""Settings of the paper's VAE: the paper's own."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from recsys.limits import Bounded
from recsys.settings import require


@dataclass(frozen=True, kw_only=True)
class VAEConfig(Bounded):
    """The paper's network (its Figure 5) and how it is trained."""

    most: ClassVar = {"hidden": 16_384, "n_draws": 100, "patience": 100_000}

    hidden: tuple[int, ...] = (1024, 512, 256)  # encoder, outermost first; the decoder mirrors it
    n_latent: int = 50
    loss: Literal["mse", "bce", "masked-mse"] = "mse"  # masked: over rated items only
    epochs: int = 10
    batch_size: int = 64  # users per step
    learning_rate: float = 1e-3  # Adam
    patience: int = 3  # epochs without a better val_loss before training stops
    n_draws: int = 8  # of z, averaged in a prediction; even, since they come in pairs +e, -e

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.loss in ("mse", "bce", "masked-mse"), self, "loss 'mse', 'bce' or 'masked-mse'")
        sizes = (*self.hidden, self.n_latent, self.epochs, self.batch_size, self.patience)
        require(bool(self.hidden) and min(sizes) >= 1, self, "sizes, epochs and patience >= 1")
        require(self.learning_rate > 0, self, "learning_rate > 0")
        require(self.n_draws >= 2 and self.n_draws % 2 == 0, self, "an even n_draws >= 2")
