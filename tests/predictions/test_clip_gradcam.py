"""Grad-CAM over clips: where the evidence lies."""

import torch
from torch import nn

from wildframe.models.clips.learner import ClipModel
from wildframe.predictions.clip_gradcam import gradcam, spread


class Brightness(nn.Module):
    """A backbone of one channel: how bright the clip is at each place."""

    channels = (1,)

    def forward(self, clip):
        return (clip.mean(dim=1, keepdim=True),)


def bright_model(*weights):
    """Return a network whose classes weigh brightness so."""
    model = ClipModel("tiny", {"action": len(weights)})
    model.backbone = Brightness()
    model.heads = type(model.heads)((1,), {"action": len(weights)})
    with torch.no_grad():
        model.heads["action"].weight.copy_(torch.tensor(weights)[:, None])
    return model.eval()


def test_the_evidence_is_where_features_speak_for_the_predicted_class():
    clip = torch.zeros(1, 3, 2, 3, 3)
    clip[:, :, 1, 0, 2] = 9.0
    index, found = gradcam(bright_model(-1.0, 2.0), clip)["action"]
    assert index == 1
    assert found.shape == (2, 3, 3)
    assert (found > 0).nonzero().tolist() == [[1, 0, 2]]
    # Pooling shares the weight of 2 among the 18 places.
    assert torch.isclose(found.max(), torch.tensor(9 * 2 / 18))


def test_evidence_against_a_class_is_cut_to_zero():
    clip = torch.ones(1, 3, 1, 2, 2)
    index, found = gradcam(bright_model(-1.0, -2.0), clip)["action"]
    assert (index, found.sum()) == (0, 0)


def test_clips_are_spread_over_the_list():
    assert spread("abcdef", 3) == ["a", "c", "e"]
    assert spread("ab", 3) == ["a", "b"]
    assert spread("", 3) == []
