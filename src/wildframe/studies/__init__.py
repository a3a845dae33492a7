"""A paper is a folder: its settings, the inputs of its exhibits, and a module for each of them."""
