"""One run over one dataset: measure as far as needed, judge once, replay what did not change."""
