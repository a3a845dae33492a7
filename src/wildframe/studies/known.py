"""The studies there are: a paper is a folder that declares itself, and an entry here."""

from collections.abc import Mapping

from wildframe.core.study import Study
from wildframe.studies.ego4d.settings import Ego4dStudy
from wildframe.studies.ego_exo.settings import EgoExoStudy
from wildframe.studies.imagenet_hard.settings import ImageNetHardStudy
from wildframe.studies.vid_robust.settings import VidRobustStudy

STUDIES: Mapping[str, type[Study]] = {
    "ego4d": Ego4dStudy,
    "vid_robust": VidRobustStudy,
    "imagenet_hard": ImageNetHardStudy,
    "ego_exo": EgoExoStudy,
}
"""Settings of each study, by its name in the config: that of its folder."""
