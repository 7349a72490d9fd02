"""The paper's variational autoencoder, as it is written."""
