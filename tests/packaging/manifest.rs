//! A krew plugin manifest, and the rules for one: those of krew's code, of `validate-krew-manifest`, and of the
//! people who review its index.

use serde::Deserialize;

/// A manifest. krew passes over unknown fields, so that a misspelt one would go unnoticed; here none is allowed.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) metadata: Metadata,
    pub(crate) spec: Spec,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) name: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Spec {
    pub(crate) version: String,
    pub(crate) homepage: String,
    pub(crate) short_description: String,
    pub(crate) description: String,
    pub(crate) caveats: String,
    pub(crate) platforms: Vec<Platform>,
}

/// `files` is left out: all of an archive is installed.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Platform {
    pub(crate) selector: Selector,
    pub(crate) uri: String,
    pub(crate) sha256: String,
    pub(crate) bin: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Selector {
    pub(crate) match_labels: Labels,
}

/// krew knows no other keys.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Labels {
    pub(crate) os: String,
    pub(crate) arch: String,
}

/// What `validate-krew-manifest` takes for a platform.
const KNOWN: [(&str, &str); 11] = [
    ("windows", "386"),
    ("windows", "amd64"),
    ("windows", "arm64"),
    ("linux", "386"),
    ("linux", "amd64"),
    ("linux", "arm"),
    ("linux", "arm64"),
    ("linux", "ppc64le"),
    ("darwin", "386"),
    ("darwin", "amd64"),
    ("darwin", "arm64"),
];
/// Names of files that Windows keeps for itself.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com1", "lpt1"];

/// Reads a manifest and returns it, or the first rule that it breaks.
pub(crate) fn checked(text: &str) -> Result<Manifest, String> {
    // The release bot takes the file for a template.
    holds(!text.contains("{{"), "it has `{{`")?;
    let manifest: Manifest = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let Manifest { metadata, spec, .. } = &manifest;
    holds(
        manifest.api_version == "krew.googlecontainertools.github.com/v1alpha2",
        "apiVersion",
    )?;
    holds(manifest.kind == "Plugin", "kind")?;
    let name = &metadata.name;
    let is_kebab = |c: char| c.is_ascii_lowercase() || c == '-';
    holds(
        !name.is_empty() && name.chars().all(is_kebab) && !DEVICES.contains(&name.as_str()),
        "metadata.name",
    )?;
    texts(spec)?;
    holds(!spec.platforms.is_empty(), "spec.platforms")?;
    for platform in &spec.platforms {
        of_platform(spec, platform)?;
        let same = |other: &&Platform| other.selector == platform.selector;
        holds(
            spec.platforms.iter().filter(same).count() == 1,
            "two platforms for one",
        )?;
    }
    Ok(manifest)
}

fn texts(spec: &Spec) -> Result<(), String> {
    let numbers = spec.version.strip_prefix('v').unwrap_or("");
    let is_number = |part: &str| part.parse::<u32>().is_ok_and(|it| it.to_string() == part);
    holds(
        numbers.split('.').count() == 3 && numbers.split('.').all(is_number),
        "spec.version",
    )?;
    let short = &spec.short_description;
    holds(
        (1..=50).contains(&short.chars().count()) && !short.contains(['\n', '\r']),
        "spec.shortDescription",
    )?;
    let is_narrow = |text: &str| text.lines().all(|line| line.chars().count() <= 80);
    // Usage belongs to the help.
    holds(
        !spec.description.trim().is_empty()
            && is_narrow(&spec.description)
            && !spec.description.contains("kubectl ")
            && !spec.description.contains(" --"),
        "spec.description",
    )?;
    holds(is_narrow(&spec.caveats), "spec.caveats")?;
    holds(spec.homepage.starts_with("https://"), "spec.homepage")
}

fn of_platform(spec: &Spec, platform: &Platform) -> Result<(), String> {
    let Labels { os, arch } = &platform.selector.match_labels;
    holds(KNOWN.contains(&(os, arch)), "selector")?;
    let is_windows = os == "windows";
    // krew tells them apart by their content; people by their name.
    let extension = if is_windows { "zip" } else { "tar.gz" };
    let (home, version) = (&spec.homepage, &spec.version);
    let uri = format!(
        "{home}/releases/download/{version}/kubectl-ephemeral_{version}_{os}_{arch}.{extension}"
    );
    holds(platform.uri == uri, "uri")?;
    let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    holds(
        platform.sha256.len() == 64 && platform.sha256.chars().all(is_hex),
        "sha256",
    )?;
    let bin = if is_windows {
        "kubectl-ephemeral.exe"
    } else {
        "kubectl-ephemeral"
    };
    holds(platform.bin == bin, "bin")
}

fn holds(rule: bool, name: &str) -> Result<(), String> {
    if rule { Ok(()) } else { Err(name.to_owned()) }
}

#[test]
fn each_rule_is_seen_to_be_broken() {
    let good = std::fs::read_to_string("plugin.yaml").unwrap();
    checked(&good).unwrap();
    for (from, to, rule) in [
        ("v1alpha2", "v1", "apiVersion"),
        ("kind: Plugin", "kind: Pod", "kind"),
        ("name: ephemeral", "name: Ephemeral", "metadata.name"),
        ("name: ephemeral", "name: con", "metadata.name"),
        ("version: v", "version: ", "spec.version"),
        ("version: v0.1.0", "version: v0.01.0", "spec.version"),
        (
            "shortDescription: ",
            "shortDescription: A longer one than is good, and ",
            "spec.shortDescription",
        ),
        (
            "Puts an",
            "Run `kubectl ephemeral` to put an",
            "spec.description",
        ),
        (
            "Puts an ",
            "Puts, as anybody can see who looks, an ",
            "spec.description",
        ),
        ("Puts an", "Puts {{ an }}", "it has `{{`"),
        ("homepage: https", "homepage: http", "spec.homepage"),
        ("os: darwin", "os: macos", "selector"),
        ("arch: arm64", "arch: amd64", "two platforms for one"),
        ("amd64.zip", "amd64.tar.xz", "uri"),
        ("\"00000000", "\"0000000G", "sha256"),
        ("\"0", "\"", "sha256"),
        ("ephemeral.exe", "ephemeral", "bin"),
        (
            "    bin:",
            "    files: []\n    bin:",
            "unknown field `files`",
        ),
        ("caveats:", "caveat:", "unknown field `caveat`"),
        ("os: linux\n", "os: linux\n        libc: musl\n", "libc"),
    ] {
        // Where the archive is follows from these.
        let mut bad = good.replace(from, to);
        if from == "arch: arm64" {
            bad = bad.replace("_arm64", "_amd64");
        }
        assert_ne!(bad, good, "{from}");
        let told = checked(&bad).unwrap_err();
        assert!(told.contains(rule), "{from} → {to}: {told}");
    }
}
