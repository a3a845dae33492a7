"""What frames a video file has, and how they are displayed: of the sources and of the frames."""
