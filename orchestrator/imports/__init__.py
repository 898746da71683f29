"""Takes what was made by hand into a layer's state: what is wanted, what is there, and what may not be taken."""
