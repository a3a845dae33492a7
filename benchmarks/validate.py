"""One model on a folder of images in the plain way, as timm's validate.py does it.

Each image is decoded and transformed by workers, for this model alone. Writes the top-1 class of
each image. `models.py` runs it, with the allocator set as in wildframe.

    python benchmarks/validate.py '{"architecture": ...}' weights.safetensors images top1.json
"""

import json
import sys
from pathlib import Path

import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from timm.data import create_transform

BATCH, WORKERS = 32, 2


class Images(torch.utils.data.Dataset):
    """The images of a folder, transformed."""

    def __init__(self, files, transform):
        self.files, self.transform = files, transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, position):
        return self.transform(Image.open(self.files[position]).convert("RGB"))


def main() -> None:
    """Evaluate the model."""
    told, weights, folder, output = sys.argv[1:]
    entry = json.loads(told)
    torch.set_num_threads(1)
    if entry["framework"] == "torchvision":
        model = getattr(torchvision.models, entry["architecture"].rpartition("/")[2])()
    else:
        model = timm.create_model(entry["architecture"].rpartition("/")[2])
    model.load_state_dict(load_file(weights))
    model.eval()
    size, turn = entry["input_size"], -1 if entry["channels"] == "bgr" else 1
    transform = create_transform(
        (3, size, size),
        interpolation=entry["interpolation"],
        mean=entry["mean"][::turn],
        std=entry["std"][::turn],
        crop_pct=entry["crop_pct"],
    )
    files = sorted(Path(folder).rglob("*.jpg"))
    loader = torch.utils.data.DataLoader(Images(files, transform), BATCH, num_workers=WORKERS)
    top1: list[int] = []
    with torch.inference_mode():
        model(torch.randn(BATCH, 3, size, size))  # validate.py's warm-up
        for images in loader:
            shown = images.flip(1) if entry["channels"] == "bgr" else images
            top1 += model(shown).argmax(1).tolist()
    Path(output).write_text(json.dumps(dict(zip([f.stem for f in files], top1, strict=True))))


if __name__ == "__main__":
    main()
