"""One film, for somebody who may have rated others."""
