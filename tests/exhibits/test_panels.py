"""Figures of strips of panels."""

import pytest

from wildframe.exhibits.panels import strip_figure


@pytest.mark.parametrize(("strips", "across", "axes"), [(3, 2, 10), (3, 1, 6), (0, 2, 0)])
def test_each_strip_has_its_axes_side_by_side(strips, across, axes):
    figure, found = strip_figure(strips, across, (2, 1), 1.5)
    assert len(found) == strips
    assert len(figure.axes) == axes
    for left, right in found:
        assert left.get_subplotspec().rowspan == right.get_subplotspec().rowspan
        assert left.get_subplotspec().colspan.stop == right.get_subplotspec().colspan.start
