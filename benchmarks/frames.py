"""CPU time of three exact frames of an 8 s clip, against the floor and a decode of the whole clip.

The clip is noise that moves, 1920 x 1080 at 30 frames a second with a key frame every 60 frames: in
H.264 with B-frames, as phones and action cameras write it, and in VP9, as Ego4D's clips are. The
floor is what no reader that decodes all packets can be below: one seek to the key frame of each
wanted frame, whose time is known, and every packet up to it. H.264 can be read below it, since no
frame refers to some of the others.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from wildframe.frames.decode import read_frames

WANTED = [37, 118, 205]
FRAMES, WIDTH, HEIGHT, GOP = 240, 1920, 1080, 60
CODECS = {
    "libx264": {"preset": "veryfast", "bf": "3", "crf": "23"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0"},
}


def write_clip(path: Path, codec: str) -> None:
    """Write the clip."""
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    scene = scene.repeat(8, axis=0).repeat(8, axis=1)
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=30, options={"g": str(GOP), **CODECS[codec]})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            image = np.roll(scene, 3 * number, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def decode_from_key_frames(path: Path, times: Sequence[int]) -> None:
    """Decode every packet from the key frame of each time to it, convert what is shown then."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for pts in times:
            container.seek(pts, stream=stream, backward=True)
            for packet in container.demux(stream):
                frames = stream.codec_context.decode(packet)
                if packet.pts == pts:
                    frames += stream.codec_context.decode(None)
                for frame in frames:
                    if frame.pts == pts:
                        frame.to_ndarray(format="rgb24", threads=1)
                if packet.pts == pts:
                    break


def decode_whole(path: Path) -> None:
    """Decode every frame, convert the wanted ones."""
    with av.open(path) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for number, frame in enumerate(container.decode(video=0)):
            if number in WANTED:
                frame.to_ndarray(format="rgb24", threads=1)


def cpu_seconds(ways: dict[str, Callable[[], object]], repeats: int = 7) -> dict[str, float]:
    """Return the median CPU time of each call in seconds; the calls take turns."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, run in ways.items():
            start = time.process_time()
            run()
            times[way].append(time.process_time() - start)
    return {way: float(np.median(values)) for way, values in times.items()}


def main() -> None:
    """Print the times and their ratios to the floor."""
    for codec in CODECS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            write_clip(path, codec)
            times = [frame.pts or 0 for frame in read_frames(path, WANTED)]
            seconds = cpu_seconds(
                {
                    "floor": lambda: decode_from_key_frames(path, times),  # noqa: B023
                    "by order": lambda: read_frames(path, WANTED),  # noqa: B023
                    "on the grid": lambda: read_frames(path, WANTED, rate=Fraction(30)),  # noqa: B023
                    "whole decode": lambda: decode_whole(path),  # noqa: B023
                }
            )
        for way, value in seconds.items():
            ratio = value / seconds["floor"]
            print(f"{codec:10} {way:12} {1000 * value:6.0f} CPU ms  {ratio:5.2f} of the floor")


if __name__ == "__main__":
    main()
