import pytest
from pydantic import ValidationError

from wildframe.core.adaptation import Adaptation
from wildframe.core.errors import UserError
from wildframe.frames.views import parse_view


def test_a_name_stands_for_the_published_settings():
    view = parse_view('{"kind": "full", "adapt": "memo"}')
    assert view.adapt == Adaptation()
    published = Adaptation().model_dump()
    assert published == {
        "method": "memo",
        "augmentation": "rrc",
        "k": 16,
        "lr": 0.00025,
        "steps": 1,
        "prior_strength": 16,
        "seed": 0,
    }


def test_a_view_with_adaptation_streams_and_says_so_in_the_data_note():
    view = parse_view('{"kind": "box", "adapt": {"augmentation": "augmix", "k": 8}}')
    assert view.streams
    assert view.data_note == (
        "cropped to the object, margin 0.1, adapted to each image by MEMO on 8 copies (augmix)"
    )
    assert not parse_view('{"kind": "box"}').streams
    assert parse_view('{"kind": "full"}').data_note == ""


def test_what_a_view_says_of_its_adaptation_is_read_back():
    view = parse_view('{"kind": "full", "adapt": {"k": 4}}')
    assert parse_view(view.model_dump_json()) == view


def test_models_are_not_adapted_to_many_crops():
    with pytest.raises(UserError, match=r"adapt: .*augmentation: zoomgrid"):
        parse_view('{"kind": "zoom", "adapt": "memo"}')


@pytest.mark.parametrize(
    "wrong", [{"k": 1}, {"lr": 0}, {"steps": 0}, {"augmentation": "flip"}, {"method": "tent"}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        Adaptation.model_validate(wrong)


def test_how_predictions_on_crops_are_combined_is_said():
    assert "logits averaged" in parse_view('{"kind": "zoom", "aggregate": "mean_logit"}').note
