"""`python -m belcanto.work_child PARENT NICENESS`: the process in which one piece of work of any kind is done, for the worker."""

from __future__ import annotations

import sys

from jobs.child import leave, main
from pipeline.work_kinds import KINDS

if __name__ == "__main__":
    leave(main(sys.argv[1:], KINDS))
