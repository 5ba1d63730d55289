"""How the example dataset is made: products, their pictures, their captions, and what can be wrong with them."""
