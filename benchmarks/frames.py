"""CPU time of three exact frames of an 8 s clip, against decoding the clip whole.

The clip is noise that moves, 1920 x 1080, H.264 with B-frames and a key frame every 60 frames, as
phones and action cameras write it.
"""

import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from wildframe.frames.decode import read_frames

WANTED = [37, 118, 205]
FRAMES, WIDTH, HEIGHT = 240, 1920, 1080


def write_clip(path: Path) -> None:
    """Write the clip."""
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    scene = scene.repeat(8, axis=0).repeat(8, axis=1)
    options = {"preset": "veryfast", "g": "60", "bf": "3", "crf": "23"}
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            image = np.roll(scene, 3 * number, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def decode_whole(path: Path) -> None:
    """Decode every frame, convert the wanted ones."""
    with av.open(path) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in WANTED:
                frame.to_ndarray(format="rgb24")


def cpu_seconds(run: Callable[[], object], repeats: int = 5) -> float:
    """Return the median CPU time of a call in seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return float(np.median(times))


def main() -> None:
    """Print both times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_clip(path)
        ways = {
            "by order": lambda: read_frames(path, WANTED),
            "on the grid": lambda: read_frames(path, WANTED, rate=Fraction(30)),
            "whole decode": lambda: decode_whole(path),
        }
        seconds = {way: cpu_seconds(run) for way, run in ways.items()}
    for way, value in seconds.items():
        ratio = seconds["whole decode"] / value
        print(f"{way:13} {1000 * value:7.0f} CPU ms for {len(WANTED)} frames  {ratio:4.1f} x")


if __name__ == "__main__":
    main()
