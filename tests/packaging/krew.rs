//! The manifests of this plugin.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::{
    archives::{is_without, packed},
    manifest::{Labels, Manifest, checked},
};

const PLUGIN: &str = env!("CARGO_BIN_EXE_kubectl-ephemeral");
const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

const PLATFORMS: [&str; 5] = [
    "linux/amd64",
    "linux/arm64",
    "darwin/amd64",
    "darwin/arm64",
    "windows/amd64",
];

fn source() -> Manifest {
    checked(&fs::read_to_string("plugin.yaml").unwrap()).unwrap()
}

#[test]
fn plugin_yaml_is_a_manifest_of_this_version_without_checksums() {
    let spec = source().spec;
    assert_eq!(spec.version, VERSION);
    let platforms = spec.platforms.iter().map(|it| {
        let Labels { os, arch } = &it.selector.match_labels;
        format!("{os}/{arch}")
    });
    assert_eq!(platforms.collect::<Vec<_>>(), PLATFORMS);
    for platform in spec.platforms {
        assert_eq!(platform.sha256, "0".repeat(64));
    }
}

#[test]
fn the_binary_is_the_one_that_the_manifest_names() {
    let manifest = source();
    let file = Path::new(PLUGIN).file_stem().unwrap();
    // kubectl looks for dashes as underscores.
    let name = manifest.metadata.name.replace('-', "_");
    assert_eq!(file.to_str().unwrap(), format!("kubectl-{name}"));
    let output = Command::new(PLUGIN).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let version = said.trim_end().rsplit(' ').next().unwrap();
    assert_eq!(format!("v{version}"), manifest.spec.version);
}

/// What a user is told to type after the installation is there.
#[test]
fn the_caveats_name_what_there_is() {
    let caveats = source().spec.caveats;
    let lines: Vec<_> = caveats
        .lines()
        .filter_map(|line| line.trim().strip_prefix("kubectl ephemeral "))
        .collect();
    assert_eq!(lines, ["check", "completion install"]);
    for line in lines {
        let words = line.split(' ').chain(["--help"]);
        let output = Command::new(PLUGIN).args(words).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
}

/// It is made at a release, so that it may be of an older version; of this one it says the same as its source.
#[test]
fn the_manifest_for_the_index_is_that_of_plugin_yaml_with_checksums() {
    let made = fs::read_to_string("krew-manifest/ephemeral.yaml").unwrap();
    assert!(made.starts_with("# Made by `make krew-manifest` from plugin.yaml;"));
    let made = checked(&made).unwrap();
    let mut source = source();
    // The file is named after the plugin.
    assert_eq!(made.metadata.name, "ephemeral");
    for platform in &made.spec.platforms {
        assert_ne!(platform.sha256, "0".repeat(64), "{}", platform.uri);
    }
    if made.spec.version != source.spec.version {
        return;
    }
    // A machine that is no Mac has no archives for one; a release has all.
    let has = |selector| {
        made.spec
            .platforms
            .iter()
            .find(|it| it.selector == selector)
    };
    source.spec.platforms.retain_mut(|platform| {
        let Some(made) = has(platform.selector.clone()) else {
            return false;
        };
        platform.sha256.clone_from(&made.sha256);
        true
    });
    let published = |text: &str| text.replacen("/OWNER/", &owner_in(&made), 1);
    source.spec.homepage = published(&source.spec.homepage);
    for platform in &mut source.spec.platforms {
        platform.uri = published(&platform.uri);
    }
    assert_eq!(made, source);
}

/// Makes the manifest of the archives in a folder.
fn make(target: &Path, output: &Path, words: &[&str]) -> Output {
    Command::new("krew-manifest/make.py")
        .arg("--output")
        .arg(output)
        .args(words)
        .env("CARGO_TARGET_DIR", target)
        .env("GITHUB_REPOSITORY", "somebody/kubectl-ephemeral")
        .output()
        .unwrap()
}

#[test]
fn a_release_has_the_checksum_of_each_archive() {
    if is_without("python3") {
        return;
    }
    let (target, dist) = packed(&PLATFORMS);
    let output = target.path().join("ephemeral.yaml");
    let made = make(target.path(), &output, &["--complete"]);
    assert!(made.status.success(), "{made:?}");
    let manifest = checked(&fs::read_to_string(output).unwrap()).unwrap();
    assert_eq!(owner_in(&manifest), "/somebody/");
    assert_eq!(manifest.spec.platforms.len(), PLATFORMS.len());
    let checksums = fs::read_to_string(dist.join("checksums.txt")).unwrap();
    for platform in manifest.spec.platforms {
        let archive = platform.uri.rsplit('/').next().unwrap();
        let line = format!("{}  {archive}\n", platform.sha256);
        assert!(checksums.contains(&line), "{line}{checksums}");
    }
}

#[test]
fn an_archive_that_is_not_there_is_left_out_but_not_of_a_release() {
    if is_without("python3") {
        return;
    }
    let (target, _) = packed(&PLATFORMS[..4]);
    let output = target.path().join("ephemeral.yaml");
    let archive = format!("kubectl-ephemeral_{VERSION}_windows_amd64.zip");
    let made = make(target.path(), &output, &["--complete"]);
    let told = String::from_utf8(made.stderr).unwrap();
    assert_eq!(told, format!("error: not there: {archive}\n"));
    assert!(!made.status.success() && !output.exists());
    let made = make(target.path(), &output, &[]);
    let told = String::from_utf8(made.stdout).unwrap();
    assert_eq!(told, format!("left out: {archive} is not there\n"));
    let manifest = checked(&fs::read_to_string(output).unwrap()).unwrap();
    assert_eq!(manifest.spec.platforms.len(), 4);
}

/// Returns who publishes, between slashes.
fn owner_in(made: &Manifest) -> String {
    let owner = made.spec.homepage.split('/').nth(3).unwrap();
    format!("/{owner}/")
}
