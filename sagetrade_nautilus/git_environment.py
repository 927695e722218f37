"""The environment in which we run git."""

import os
from typing import Final

ELSEWHERE: Final = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    }
)
"""What git tells its hooks and aliases of the repository that they run in: here it would name the wrong one."""


def git_environment() -> dict[str, str]:
    """Return our environment without what would make git work in another repository than the one that it is run in."""
    return {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
