"""What several tabs of the page share: films as cards, controls, and what a visitor does with a film."""
