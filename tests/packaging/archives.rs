//! The archives of a release.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Packs a binary that is none, and returns the folder with the archives. Their time, and that of all that is packed,
/// is told by `SOURCE_DATE_EPOCH` alone.
pub(crate) fn packed(platforms: &[&str]) -> (tempfile::TempDir, PathBuf) {
    packed_with(b"a binary", platforms)
}

fn packed_with(program: &[u8], platforms: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let target = tempfile::tempdir().unwrap();
    let binary = target.path().join("any-name");
    fs::write(&binary, program).unwrap();
    let output = Command::new("python3")
        .args([".ci/dist.py", "--binary", binary.to_str().unwrap()])
        .args(platforms)
        .env("CARGO_TARGET_DIR", target.path())
        .env("SOURCE_DATE_EPOCH", "1000000000")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let dist = target.path().join("dist");
    (target, dist)
}

fn archive(platform: &str, extension: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("kubectl-ephemeral_v{version}_{platform}.{extension}")
}

pub(crate) fn is_without(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if found.is_err() {
        eprintln!("skipped: no {program}");
    }
    found.is_err()
}

#[test]
fn the_same_files_give_the_same_bytes() {
    if is_without("python3") {
        return;
    }
    let platforms = ["linux/arm64", "windows/amd64"];
    let (_one, first) = packed(&platforms);
    let (_other, second) = packed(&platforms);
    for name in [
        archive("linux_arm64", "tar.gz"),
        archive("windows_amd64", "zip"),
        "checksums.txt".to_owned(),
    ] {
        let bytes = |dist: &Path| fs::read(dist.join(&name)).unwrap();
        assert!(bytes(&first) == bytes(&second), "{name} differs");
    }
}

#[test]
fn the_time_at_which_a_program_of_windows_was_linked_is_not_in_it() {
    if is_without("python3") {
        return;
    }
    let linked_at = |time: u32| {
        let mut program = vec![0; 0x100];
        program[0x3c] = 0x80;
        program[0x80..0x84].copy_from_slice(b"PE\0\0");
        program[0x88..0x8c].copy_from_slice(&time.to_le_bytes());
        program
    };
    let zipped = |program: &[u8]| {
        let (_target, dist) = packed_with(program, &["windows/amd64"]);
        fs::read(dist.join(archive("windows_amd64", "zip"))).unwrap()
    };
    let expected = zipped(&linked_at(1_000_000_000));
    assert!(zipped(&linked_at(1_763_000_000)) == expected);
    let mut other = linked_at(1_000_000_000);
    other[0x8c] = 1;
    assert!(zipped(&other) != expected);
}

#[test]
fn an_archive_is_flat_and_holds_what_krew_takes() {
    if is_without("python3") || is_without("tar") {
        return;
    }
    let (_target, dist) = packed(&["linux/amd64"]);
    let listed = Command::new("tar")
        .arg("-tvzf")
        .arg(dist.join(archive("linux_amd64", "tar.gz")))
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let lines: Vec<_> = listed.lines().collect();
    for line in &lines {
        // No links, no folders, nobody's name, one time.
        assert!(line.starts_with("-rw"), "{line}");
        assert!(
            line.contains(" 0/0 ") && line.contains("2001-09-09"),
            "{line}"
        );
    }
    let names: Vec<_> = lines.iter().map(|line| last_word(line)).collect();
    for expected in [
        "LICENSE",
        "README.md",
        "THIRD-PARTY.txt",
        "completions/_kubectl-ephemeral",
        "completions/kubectl-ephemeral.bash",
        "completions/kubectl-ephemeral.fish",
        "kubectl-ephemeral",
        "man/kubectl-ephemeral.1",
    ] {
        assert!(names.contains(&expected), "{expected}: {names:?}");
    }
    for (line, name) in lines.iter().zip(&names) {
        let runs = line.starts_with("-rwxr-xr-x");
        assert_eq!(runs, *name == "kubectl-ephemeral", "{line}");
    }
    let pages = names.iter().filter(|name| name.starts_with("man/")).count();
    assert_eq!(
        pages,
        fs::read_dir("docs/man").unwrap().count(),
        "{names:?}"
    );
}

#[test]
fn checksums_and_the_bill_of_materials_are_of_what_is_there() {
    if is_without("python3") {
        return;
    }
    let (_target, dist) = packed(&["linux/amd64"]);
    let checksums = fs::read_to_string(dist.join("checksums.txt")).unwrap();
    let names: Vec<_> = checksums.lines().map(last_word).collect();
    let sbom = concat!(
        "kubectl-ephemeral_v",
        env!("CARGO_PKG_VERSION"),
        ".cdx.json"
    );
    assert_eq!(names, [sbom, &archive("linux_amd64", "tar.gz")]);
    let sbom: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dist.join(sbom)).unwrap()).unwrap();
    let has = |crate_name: &str| {
        let components = sbom["components"].as_array().unwrap();
        components.iter().any(|it| it["name"] == crate_name)
    };
    // What is linked, and not what only tests or builds need.
    assert!(has("rustls") && has("tokio-tungstenite"));
    assert!(!has("proptest") && !has("serde_derive"));
    assert_eq!(sbom["metadata"]["timestamp"], "2001-09-09T01:46:40Z");
}

fn last_word(line: &str) -> &str {
    line.rsplit(' ').next().unwrap()
}
