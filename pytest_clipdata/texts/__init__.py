"""What is measured of a text: words, tokens, and what does not belong into it."""
