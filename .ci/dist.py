#!/usr/bin/env python3
"""Builds the archives of a release, with their checksums, in target/dist.

    .ci/dist.py                          all platforms that this machine can build; others are left out, and named
    .ci/dist.py linux/amd64 ...          these, and it is an error if one does not build
    .ci/dist.py --binary FILE OS/ARCH    packs this binary instead of building one
    .ci/dist.py --checksums              only checksums.txt, of what is there

The same commit gives the same bytes: names, order, owners and times in an archive are fixed (SOURCE_DATE_EPOCH, else
the time of the commit), and paths of this machine are kept out of the binary.
"""

import argparse
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
import linked

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
DIST = TARGET / "dist"
NAME = "kubectl-ephemeral"
# The contract for a binary, in bytes.
LARGEST = 8_000_000
# Those of plugin.yaml, in Go's words and in Rust's.
PLATFORMS = {
    "linux/amd64": "x86_64-unknown-linux-musl",
    "linux/arm64": "aarch64-unknown-linux-musl",
    "darwin/amd64": "x86_64-apple-darwin",
    "darwin/arm64": "aarch64-apple-darwin",
    "windows/amd64": "x86_64-pc-windows-gnu",
}


class CannotBuild(Exception):
    """Why a platform has no binary."""


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("platforms", nargs="*", metavar="OS/ARCH")
    words.add_argument("--binary", type=Path, metavar="FILE")
    words.add_argument("--checksums", action="store_true")
    asked = words.parse_args()
    unknown = set(asked.platforms) - PLATFORMS.keys()
    if unknown:
        words.error(f"no platform: {', '.join(sorted(unknown))}; there are {', '.join(PLATFORMS)}")
    if asked.binary and not asked.platforms:
        words.error("--binary does not say for which platform")
    version = linked.version()
    if not asked.checksums:
        pack_all(asked, version)
    write_checksums(version)


def pack_all(asked, version):
    if not asked.platforms:
        shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True, exist_ok=True)
    made_at = commit_time()
    notices = linked.notices(tuple(PLATFORMS.values()))
    for wanted in asked.platforms or PLATFORMS:
        try:
            binary = asked.binary or build(wanted)
        except CannotBuild as reason:
            if asked.platforms:
                sys.exit(f"error: {wanted}: {reason}")
            print(f"{wanted}: left out: {reason}")
            continue
        size = binary.stat().st_size
        if size > LARGEST:
            sys.exit(f"error: {wanted}: the binary has {size} bytes; {LARGEST} are allowed")
        program = binary.read_bytes()
        if wanted.startswith("windows/"):
            program = with_time(program, made_at)
        archive = pack(wanted, version, contents(wanted, program, notices), made_at)
        print(f"{wanted}: {archive.name}, a binary of {size / 1e6:.1f} MB in {archive.stat().st_size / 1e6:.1f} MB")
    sbom = DIST / f"{NAME}_v{version}.cdx.json"
    sbom.write_text(linked.sbom(tuple(PLATFORMS.values()), made_at))


def build(wanted):
    """Returns the path of a release binary for a platform."""
    target = PLATFORMS[wanted]
    environment = build_environment()
    if not wanted.startswith("darwin/"):
        with_zig(environment)
        command = "zigbuild"
    elif sys.platform == "darwin":
        command = "build"
    else:
        raise CannotBuild("what it is linked with is only on a Mac")
    # Where there is no rustup, the toolchain may have the target all the same.
    if shutil.which("rustup"):
        subprocess.run(["rustup", "--quiet", "target", "add", target], check=False)
    built = subprocess.run(
        ["cargo", command, "--release", "--locked", "--package", NAME, "--bin", NAME, "--target", target],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if built.returncode != 0:
        raise CannotBuild("it does not build")
    return TARGET / target / "release" / file_name(wanted)


def build_environment():
    cargo_home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    kept_out = {TARGET: "/build/target", ROOT: "/build", cargo_home: "/cargo"}
    return {
        # What a person sets for quicker builds makes other bytes.
        **{name: value for name, value in os.environ.items() if not name.startswith("CARGO_PROFILE_")},
        "CARGO_INCREMENTAL": "0",
        "CARGO_TARGET_DIR": str(TARGET),
        "RUSTFLAGS": " ".join(f"--remap-path-prefix={path}={name}" for path, name in kept_out.items()),
        "KUBECTL_EPHEMERAL_COMMIT": commit(),
    }


def with_zig(environment):
    """Makes cargo find zig, which is a linker and a C compiler for every platform; installs it where there is none."""
    if shutil.which("cargo-zigbuild"):
        return
    tools = TARGET / "dist-tools"
    if not (tools / "bin" / "cargo-zigbuild").exists():
        print("installing cargo-zigbuild and zig in", tools)
        asked = ["--quiet", "--require-hashes", "--requirement", str(ROOT / ".ci" / "build-tools.txt")]
        made = subprocess.run([sys.executable, "-m", "venv", str(tools)], check=False).returncode == 0
        if not made or subprocess.run([tools / "bin" / "pip", "install", *asked], check=False).returncode != 0:
            shutil.rmtree(tools, ignore_errors=True)
            raise CannotBuild("cargo-zigbuild is not there and cannot be installed")
    environment["PATH"] = f"{tools / 'bin'}{os.pathsep}{environment['PATH']}"


def with_time(program, made_at):
    """Returns a program of Windows with that time in its header (TimeDateStamp), where its linker has put its own."""
    header = int.from_bytes(program[0x3C:0x40], "little")
    if program[header : header + 4] != b"PE\0\0":
        return program
    stamp = header + 8
    return program[:stamp] + (made_at & 0xFFFFFFFF).to_bytes(4, "little") + program[stamp + 4 :]


def contents(wanted, program, notices):
    """Returns what an archive holds: name, bytes and mode, by name."""
    files = {
        file_name(wanted): (program, 0o755),
        "LICENSE": ((ROOT / "LICENSE").read_bytes(), 0o644),
        "README.md": ((ROOT / "README.md").read_bytes(), 0o644),
        "THIRD-PARTY.txt": (notices.encode(), 0o644),
    }
    # zsh wants this name of a file in its fpath.
    zsh = {f"{NAME}.zsh": f"_{NAME}"}
    for script in (ROOT / "src/command/completion/scripts").iterdir():
        files[f"completions/{zsh.get(script.name, script.name)}"] = (script.read_bytes(), 0o644)
    for page in (ROOT / "docs/man").glob("*.1"):
        files[f"man/{page.name}"] = (page.read_bytes(), 0o644)
    return sorted(files.items())


def pack(wanted, version, files, made_at):
    stem = DIST / f"{NAME}_v{version}_{wanted.replace('/', '_')}"
    if wanted.startswith("windows/"):
        return zipped(stem, files, made_at)
    return tarred(stem, files, made_at)


def tarred(stem, files, made_at):
    """Regular files only, for krew takes no others."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (data, mode) in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), mode, made_at
            archive.addfile(entry, io.BytesIO(data))
    path = stem.with_name(f"{stem.name}.tar.gz")
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    return path


def zipped(stem, files, made_at):
    path = stem.with_name(f"{stem.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, mode) in files:
            entry = zipfile.ZipInfo(name, time.gmtime(made_at)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Unix, and a regular file of this mode.
            entry.create_system, entry.external_attr = 3, (0o100000 | mode) << 16
            archive.writestr(entry, data)
    return path


def write_checksums(version):
    """In the form of `sha256sum`, which `sha256sum --check` reads."""
    files = sorted(DIST.glob(f"{NAME}_v{version}*"))
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (DIST / "checksums.txt").write_text("".join(lines))


def file_name(wanted):
    return f"{NAME}.exe" if wanted.startswith("windows/") else NAME


def commit():
    return git("describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*")


def commit_time():
    """Returns the time that everything in an archive has, in seconds since 1970."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))


def git(*words):
    asked = subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    if asked.returncode != 0:
        sys.exit(f"error: archives are made in a clone of the repository; git {words[0]} says: {asked.stderr.strip()}")
    return asked.stdout.strip()


if __name__ == "__main__":
    main()
