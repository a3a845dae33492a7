"""Zero-shot classifiers, with a stand-in for the optional package OpenCLIP."""

import sys
from types import ModuleType

import pytest
import torch

from wildframe.core.errors import UserError
from wildframe.models import references, zoo_entry
from wildframe.models.frameworks import FRAMEWORKS
from wildframe.models.settings import ModelSettings

NAME = "open_clip/Tiny/made_up"
SHOWN = {
    "resize_mode": "squash",
    "interpolation": "bilinear",
    "mean": (0.5, 0.5, 0.5),
    "std": (1, 1, 1),
    "quick_gelu": True,
}


class TinyClip(torch.nn.Module):
    """An image becomes its mean colour, a text the counts of three letters."""

    def __init__(self):
        super().__init__()
        self.visual = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
        self.visual.append(torch.nn.Linear(3, 3, bias=False))
        self.logit_scale = torch.nn.Parameter(torch.zeros(()))


class WithTokens(torch.nn.Module):
    """What encoders of CoCa return: features, and their tokens."""

    def forward(self, features):
        return features, features[:, None]


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Install the stand-in; return what its `create_model` was asked."""
    asked = []

    def create_model(architecture, pretrained, device, **options):
        asked.append((architecture, pretrained, options))
        if pretrained == "damaged":
            raise RuntimeError("Error(s) in loading state_dict")
        model = TinyClip().to(device)
        if architecture == "CoCa":
            model.visual.append(WithTokens())
        if pretrained:
            model.visual[2].weight.data = torch.eye(3)
            model.logit_scale.data = torch.tensor(10.0).log()
        return model

    def build_zero_shot_classifier(model, tokenizer, names, templates, device):
        texts = [[template(name) for template in templates] for name in names]
        counts = torch.tensor([[tokenizer("".join(own)).count(x) for x in "abc"] for own in texts])
        return torch.nn.functional.normalize(counts.float(), dim=1).T.to(device)

    def download_pretrained(shown):
        if shown["tag"] == "absent":
            raise FileNotFoundError("Failed to download file")

    fake = ModuleType("open_clip")
    fake.download_pretrained = download_pretrained
    fake.create_model = create_model
    fake.build_zero_shot_classifier = build_zero_shot_classifier
    fake.list_pretrained = lambda: [
        *(("Tiny", tag) for tag in ("made_up", "absent", "damaged")),
        *((model, "made_up") for model in ("Long", "CoCa", "Bert")),
    ]
    fake.get_pretrained_cfg = lambda model, tag: (
        SHOWN | {"resize_mode": "longest" if model == "Long" else "squash", "tag": tag}
    )
    fake.get_model_config = lambda model: {
        "embed_dim": 3,
        "vision_cfg": {"image_size": 64},
        "text_cfg": {"hf_model_name": "bert"} if model == "Bert" else {},
    }
    fake.get_tokenizer = lambda model: str.lower
    fake.OPENAI_IMAGENET_TEMPLATES = [lambda name: name]
    fake.IMAGENET_CLASSNAMES = ["a", *["b"] * 133, "crane bird", *["b"] * 865]
    monkeypatch.setitem(sys.modules, "open_clip", fake)
    monkeypatch.setattr(references.metadata, "version", lambda _: "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return asked


def test_facts_are_of_the_pretrained_model(calls):
    entry = zoo_entry(NAME)
    assert (entry.label_space, entry.input_size, entry.params) == ("in1k", 64, 9 + 3000)
    assert (entry.crop_mode, entry.interpolation, entry.mean) == ("squash", "bilinear", (0.5,) * 3)
    assert str(entry.preprocessing) == "resize64-crop64-bilinear-squash"
    (asked,) = calls
    assert asked == ("Tiny", None, {"pretrained_text": False, "force_quick_gelu": True})
    with pytest.raises(UserError, match="did you mean Tiny/made_up"):
        zoo_entry("open_clip/Tiny/made")
    with pytest.raises(UserError, match="of 64 px, resized by longest; choose a model of square"):
        zoo_entry("open_clip/Long/made_up")


@pytest.mark.parametrize("name", [NAME, "open_clip/CoCa/made_up"])
def test_the_head_is_made_of_names_and_kept_with_the_weights(calls, name):
    entry = zoo_entry(name)
    state = FRAMEWORKS["open_clip"].weights(entry)
    model = FRAMEWORKS["open_clip"].build(entry.architecture)
    model.load_state_dict(state)
    images = torch.stack([torch.full((64, 64), value) for value in (0.0, 2.0, 0.0)])[None]
    logits = model(images)
    assert logits.shape == (1, 1000)
    # Cosine similarities of b with a and b, times exp(logit_scale).
    assert logits[0, :2].tolist() == pytest.approx([0, 10])


def test_a_label_space_of_its_own_is_told_by_its_names(calls, tmp_path):
    # The dog is in no ImageNet-1K, the crane is its class 134.
    (tmp_path / "pets.csv").write_text("index,wnid\n0,n02084071\n1,n02012849\n")
    (tmp_path / "named.csv").write_text("name,wnids\ncab,n02084071\n")

    def entry_of(label_space):
        settings = ModelSettings(architecture=NAME, label_space=str(label_space))
        return zoo_entry("pets", {"pets": settings})

    entry = entry_of(tmp_path / "pets.csv")
    assert (entry.label_space, entry.outputs, entry.params) == ("pets", 2, 9 + 6)
    head = FRAMEWORKS["open_clip"].weights(entry)["head.weight"]
    # dog has none of the three letters; crane bird has one each.
    each = pytest.approx([10 / 3**0.5] * 3)
    assert head.tolist() == [[0, 0, 0], each]
    named = entry_of(tmp_path / "named.csv")
    assert FRAMEWORKS["open_clip"].weights(named)["head.weight"].tolist() == [each]
    # handbag and suitcase.
    coco = FRAMEWORKS["open_clip"].weights(entry_of("coco80"))["head.weight"]
    assert coco[26].tolist() == pytest.approx([10 * 2 / 5**0.5, 10 / 5**0.5, 0])
    assert coco[28].tolist() == pytest.approx([10 / 2**0.5, 0, 10 / 2**0.5])


def test_weights_that_cannot_be_fetched_are_said_so(calls):
    with pytest.raises(UserError, match="open_clip/Tiny/absent: its weights are on the model hub"):
        FRAMEWORKS["open_clip"].weights(zoo_entry("open_clip/Tiny/absent"))
    with pytest.raises(RuntimeError, match="in loading state_dict"):
        FRAMEWORKS["open_clip"].weights(zoo_entry("open_clip/Tiny/damaged"))


def test_a_package_that_reads_texts_is_named_where_it_is_missing(calls, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(
        UserError, match=r"^open_clip/Bert/made_up: its texts .*; `pip install transformers`$"
    ):
        zoo_entry("open_clip/Bert/made_up")
