"""The blocks of a module's .tf files as JSON on standard output: {path: blocks}. Usage: read-hcl.py FOLDER."""

import json
import pathlib
import sys

import hcl2

folder = pathlib.Path(sys.argv[1])
json.dump({path.name: hcl2.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.tf"))}, sys.stdout)
