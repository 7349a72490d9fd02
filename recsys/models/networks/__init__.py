"""What every network of Keras needs: settings that are ours alone, and weights read without Keras."""
