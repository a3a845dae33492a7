"""``wildframe predictions``: pseudo-labels of clips, made here or elsewhere."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from wildframe.core.options import Device, KeptFrames, Manifest, Model, Table, Threads, Weights

app = typer.Typer()

Head = Annotated[
    Literal["viewpoint", "object"],
    typer.Option(help="What the scores are of: exo and ego, or 1,000 objects."),
]
MinScore = Annotated[
    float, typer.Option(help="Smallest confidence of boxes to keep.", min=0, max=1)
]
ShortSide = Annotated[
    int, typer.Option(help="Short side of the frames that released boxes are in pixels of.", min=1)
]


@app.command()
def clip_objects(
    model: Model,
    weights: Weights,
    clips: KeptFrames,
    output: Table,
    frames: Annotated[int, typer.Option(help="Frames of a clip, evenly spaced.", min=1)] = 64,
    device: Device = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Frames per forward pass.")] = 32,
    threads: Threads = 1,
) -> None:
    """Predict the objects in every clip with a model of images: mean logits over frames."""
    from wildframe.frames.kept import KeptClips
    from wildframe.models.weights import entry_of
    from wildframe.predictions.clip_objects import predict_objects, spaced_frames
    from wildframe.predictions.inference import Inference

    entry, kept = entry_of(model, weights), KeptClips(clips)
    inference = Inference.open(entry, weights, device, batch_size, threads)
    crops = spaced_frames(kept.values(), frames, entry.preprocessing)
    predict_objects(inference, crops, frames, output)


@app.command()
def interactions(
    boxes: Annotated[
        Path,
        typer.Option(
            help="CSV or Parquet of video_id, frame, kind (hand or object), x1, y1, x2, y2 (shares "
            "of the frame) and score; or a folder of released <video>.npy."
        ),
    ],
    manifest: Manifest,
    output: Table,
    min_score: MinScore = 0.5,
    clips: Annotated[
        list[Path] | None,
        typer.Option(help="Shards of the kept clips, which tell the shape of released frames."),
    ] = None,
    short_side: ShortSide = 256,
) -> None:
    """Import boxes of hands and of the objects in them."""
    from wildframe.core.errors import UserError
    from wildframe.predictions.interactions import import_boxes
    from wildframe.predictions.released_labels import import_interactions

    if not boxes.is_dir():
        import_boxes(boxes, manifest, min_score, output)
    elif clips:
        import_interactions(boxes, manifest, clips, short_side, min_score, output)
    else:
        raise UserError(f"{boxes}: released boxes are in pixels; name --clips, too")


@app.command()
def export_interactions(
    interactions: Annotated[Path, typer.Argument(help="Boxes of hands and objects.")],
    manifest: Manifest,
    clips: KeptFrames,
    output: Annotated[Path, typer.Option(help="Folder to write: <video>.npy.")],
    short_side: ShortSide = 256,
) -> None:
    """Export boxes in the layout that Ego-Exo released."""
    from wildframe.predictions.released_labels import export_interactions as export

    export(interactions, manifest, clips, short_side, output)


@app.command()
def import_clip_scores(
    scores: Annotated[Path, typer.Argument(help="Released pickle: of each path its logits.")],
    head: Head,
    manifest: Manifest,
    output: Table,
) -> None:
    """Import scores of clips in the layout that Ego-Exo released; nothing in the file is run."""
    from wildframe.predictions.released_labels import import_scores

    import_scores(scores, head, manifest, output)


@app.command()
def export_clip_scores(
    predictions: Annotated[Path, typer.Argument(help="Predictions of clips.")],
    head: Head,
    manifest: Manifest,
    output: Annotated[Path, typer.Option(help="Pickle to write.")],
) -> None:
    """Export scores of clips in the layout that Ego-Exo released."""
    from wildframe.predictions.released_labels import export_scores

    export_scores(predictions, head, manifest, output)


@app.command()
def hands(manifest: Manifest, clips: KeptFrames, output: Table, min_score: MinScore = 0.5) -> None:
    """Detect the hands in every kept frame with MediaPipe, which envs/hands.txt installs.

    The table is a file of boxes, to be imported as any other.
    """
    from wildframe.predictions.hands import detect_hands, open_mediapipe

    detect_hands(clips, manifest, output, *open_mediapipe(min_score))


@app.command()
def clip_gradcam(
    weights: Weights,
    clips: KeptFrames,
    manifest: Annotated[Path, typer.Option(help="Clips of the dataset.")],
    output: Annotated[Path, typer.Option(help="Table to write: one map per clip and head.")],
    split: Annotated[str, typer.Option(help="Split of the manifest.")] = "test",
    most: Annotated[int, typer.Option(min=1, help="Number of clips, spread over the split.")] = 8,
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Map the evidence in some clips for what a network of clips predicts."""
    from wildframe.predictions.clip_gradcam import explain_clips
    from wildframe.predictions.clips import clips_of_split

    explain_clips(
        weights,
        clips,
        output,
        wanted=clips_of_split(manifest, split),
        most=most,
        device_name=device,
        threads=threads,
    )
