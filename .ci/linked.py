"""What the binary is made of: a bill of materials, and the notices that its licences ask for."""

import json
import re
import subprocess
import time
import uuid
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "kubectl-ephemeral"
# How files are named whose text has to go with a copy.
NOTICES = re.compile(r"(licen[cs]e|copying|notice|copyright|unlicense)", re.IGNORECASE)


def version():
    """Returns the version in Cargo.toml."""
    return next(it for it in packages().values() if it["name"] == NAME)["version"]


@cache
def packages():
    asked = ["cargo", "metadata", "--format-version", "1", "--locked"]
    said = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {(it["name"], it["version"]): it for it in json.loads(said)["packages"]}


@cache
def crates(targets):
    """Returns the packages whose code is in a binary for one of the targets, a tuple, without our own."""
    asked = ["cargo", "tree", "--locked", "--package", NAME, "--edges", "normal,no-proc-macro"]
    asked += ["--prefix", "none", "--format", "{p}"]
    for target in targets:
        asked += ["--target", target]
    said = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = {tuple(line.split()[:2]) for line in said.splitlines() if line}
    return [packages()[name, number.lstrip("v")] for name, number in sorted(found) if name != NAME]


def notices(targets):
    """Returns the licences of all crates, the same text once."""
    by_text = {}
    for crate in crates(targets):
        folder = Path(crate["manifest_path"]).parent
        title = f"{crate['name']} {crate['version']} ({crate['license']})"
        texts = [file.read_text(encoding="utf-8", errors="replace").strip() for file in notice_files(folder)]
        for text in texts or [f"Its package has no such file; see {crate['repository']}"]:
            by_text.setdefault(text, []).append(title)
    parts = [f"{chr(10).join(titles)}\n\n{text}\n" for text, titles in by_text.items()]
    head = (
        f"{NAME} contains these libraries, under these licences, the standard library of Rust\n"
        "(MIT OR Apache-2.0, https://github.com/rust-lang/rust) and, for Linux, musl (MIT, https://musl.libc.org).\n"
    )
    return f"\n{'-' * 78}\n\n".join([head, *parts])


def notice_files(folder):
    return sorted(it for it in folder.iterdir() if it.is_file() and NOTICES.match(it.name) and it.suffix != ".rs")


def sbom(targets, made_at):
    """Returns a CycloneDX document, the same for the same Cargo.lock."""
    lock = (ROOT / "Cargo.lock").read_text()
    entry = re.compile(r'name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"')
    hashes = {(name, number): digest for name, number, digest in entry.findall(lock)}
    components = [component(crate, hashes) for crate in crates(targets)]
    ours = component(next(it for it in packages().values() if it["name"] == NAME), hashes)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ours['purl'] + lock)}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(made_at)),
            "component": {**ours, "type": "application"},
        },
        "components": components,
    }
    return json.dumps(document, indent=1) + "\n"


def component(crate, hashes):
    name, number = crate["name"], crate["version"]
    purl = f"pkg:cargo/{name}@{number}"
    # SPDX has no slash; crates of old times have it for OR.
    licence = crate["license"].replace("/", " OR ")
    said = {"type": "library", "bom-ref": purl, "name": name, "version": number, "purl": purl}
    said["licenses"] = [{"expression": licence}]
    if (name, number) in hashes:
        said["hashes"] = [{"alg": "SHA-256", "content": hashes[name, number]}]
    return said
