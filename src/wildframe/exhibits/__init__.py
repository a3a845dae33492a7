"""Station 9: the papers' tables and figures, one function each; a folder a paper."""
