"""A few seconds of soak.py, the same each time; `make soak` is ten minutes of it
under the sanitizers."""
import pytest

from soak import soak


@pytest.mark.parametrize("seed", [1, 2])
def test_soak(seed):
    counts = soak(8, seed)
    print(counts)
    assert counts["keys"] > 0 and counts["views"] > 0
