#!/usr/bin/env python3
"""Makes krew-manifest/ephemeral.yaml, which krew's index gets: plugin.yaml with the checksums of archives.

    krew-manifest/make.py                of the platforms that target/dist has archives for
    krew-manifest/make.py --complete     of all; it is an error if one is not there
    krew-manifest/make.py --output FILE  writes it elsewhere

GITHUB_REPOSITORY (OWNER/kubectl-ephemeral) says who publishes, where plugin.yaml has OWNER.
"""

import argparse
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "dist"
HEAD = "# Made by `make krew-manifest` from plugin.yaml; change that instead.\n"
PLATFORM = re.compile(r"^  - selector:\n(?:    .*\n)+", re.MULTILINE)
ARCHIVE = re.compile(r"^    uri: .*/(.+)$", re.MULTILINE)
DIGEST = re.compile(r"^    sha256: .*$", re.MULTILINE)


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--complete", action="store_true")
    words.add_argument("--output", type=Path, default=ROOT / "krew-manifest" / "ephemeral.yaml", metavar="FILE")
    asked = words.parse_args()
    checksums = DIST / "checksums.txt"
    if not checksums.exists():
        sys.exit("error: there are no archives; `make dist` makes them")
    digests = {name: digest for digest, name in (line.split() for line in checksums.read_text().splitlines())}
    # What stands above the first key is about plugin.yaml.
    text = re.sub(r"\A(#.*\n)+", "", (ROOT / "plugin.yaml").read_text())
    left_out = []

    def with_digest(platform):
        archive = ARCHIVE.search(platform[0])[1]
        if archive not in digests:
            left_out.append(archive)
            return ""
        return DIGEST.sub(f'    sha256: "{digests[archive]}"', platform[0])

    text = PLATFORM.sub(with_digest, text)
    if left_out and asked.complete:
        sys.exit(f"error: not there: {', '.join(left_out)}")
    for archive in left_out:
        print(f"left out: {archive} is not there")
    owner, _, _ = os.environ.get("GITHUB_REPOSITORY", "").partition("/")
    if owner:
        text = text.replace("/OWNER/", f"/{owner}/")
    asked.output.write_text(HEAD + text)


if __name__ == "__main__":
    main()
