"""Least squares with clustered errors: by hand, and against statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from wildframe.core.regression import least_squares


def test_a_line_through_points_by_hand():
    x = np.array([0.0, 1.0, 2.0, 3.0])
    found = least_squares(np.stack([np.ones(4), x], axis=1), 1 + 2 * x, np.arange(4))
    assert found.value == pytest.approx([1, 2])
    # The fit is perfect: there is nothing to estimate an error from.
    assert np.isnan([found.low, found.high, found.p_value]).all()


@given(st.integers(0, 2**32 - 1), st.integers(4, 9))
def test_it_is_statsmodels(seed, clusters):
    rng = np.random.default_rng(seed)
    cluster = np.concatenate([np.arange(clusters), rng.integers(0, clusters, 40)])
    regressors = np.stack([np.ones(len(cluster)), *rng.normal(size=(2, len(cluster)))], axis=1)
    shared = rng.normal(size=clusters)[cluster]
    outcome = (regressors @ [0, 0.5, 0] + shared + rng.normal(size=len(cluster)) > 0).astype(float)
    found = least_squares(regressors, outcome, cluster)
    theirs = OLS(outcome, regressors).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True
    )
    assert found.value == pytest.approx(theirs.params)
    low, high = theirs.conf_int().T
    if np.isnan(found.low).any():  # the outcome is constant, so that the fit is perfect
        assert len(set(outcome)) == 1
        return
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.p_value == pytest.approx(theirs.pvalues)


def test_as_few_clusters_as_regressors_have_no_interval():
    regressors = np.stack([np.ones(4), np.arange(4.0)], axis=1)
    found = least_squares(regressors, np.array([0.0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    assert np.isnan([found.low, found.high, found.p_value]).all()
