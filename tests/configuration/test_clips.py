"""What the trainings of a run need of its datasets of clips."""

import pytest

from wildframe.configuration import Config
from wildframe.configuration.clips import clip_needs


@pytest.fixture
def needs_of(demo_config):
    def needs(dataset):
        return [*map(str, clip_needs(Config.model_validate(demo_config), dataset))]

    return needs


def test_each_part_is_needed_with_labels_of_what_is_learnt_of_it(needs_of):
    assert needs_of("demo-third") == ["train=action"]
    assert needs_of("demo-actions") == ["train=action", "test=action", "train"]
    assert needs_of("demo-verbs") == ["train=verb,noun", "test=verb,noun", "train"]
    # Labels of viewpoints to learn; of test clips, only clips.
    assert needs_of("demo-both") == ["train=viewpoint", "test", "train"]


def test_a_part_that_a_dataset_does_without_is_not_needed(demo_config, needs_of):
    demo_config["datasets"]["demo-both"]["test"] = None
    assert needs_of("demo-both") == ["train=viewpoint", "train"]
