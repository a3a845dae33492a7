"""wildframe: natural test sets for image models, made from video and image collections."""

__version__ = "0.1.0"
