"""A process that runs tests steps aside for those of another program.

Such a test mostly waits, and what it waits for has its moment: JACK drops what comes too late. A test that
computes takes all the time that it gets. So more tests than there are cores can run side by side.
"""

import os

LOWER_BY = 10  # of nineteen: a tenth of the weight


def step_aside() -> None:
    """Let others go first, from now until the process ends: a process can't take that back."""
    if hasattr(os, "nice") and (lower_by := LOWER_BY - os.nice(0)) > 0:
        os.nice(lower_by)
