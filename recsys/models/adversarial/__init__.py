"""Adversarial models: two players learn against each other, and one of them answers."""
