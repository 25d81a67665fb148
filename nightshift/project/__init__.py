"""What kind of project this is, and the files `init` writes for it."""

from nightshift.project.detect import detect
from nightshift.project.starter import Written, proves_little, starter_files, write_missing
from nightshift.project.values import Kind, Layout, Project, StarterFile, Step

__all__ = [
    "Kind",
    "Layout",
    "Project",
    "StarterFile",
    "Step",
    "Written",
    "detect",
    "proves_little",
    "starter_files",
    "write_missing",
]
