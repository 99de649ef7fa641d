"""The files that are checked: what git knows or would take, without what it ignores."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CPP = (".cpp", ".hpp")


class Tree:
    """Paths relative to a root, with their text. Tests build their own from a dictionary."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def of(cls, root=ROOT):
        listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                                 check=True, capture_output=True).stdout.decode()
        names = sorted(set(filter(None, listing.split("\0"))))
        return cls({name: read(root / name) for name in names if (root / name).is_file()})

    def text(self, *suffixes):
        """(path, text) of the text files, with one of these endings if any are given."""
        for name, text in self.files.items():
            if text is not None and (not suffixes or name.endswith(suffixes)):
                yield name, text


def read(path):
    """The text of a file; None for a binary one."""
    data = path.read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
