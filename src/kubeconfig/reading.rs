//! What one kubeconfig file says, read as kubectl reads it.
//!
//! kube has the types and is stricter than kubectl: it refuses a context without a cluster, a key
//! that stands twice, a file of many thousand contexts, and takes an empty path for a folder.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use kube::config::{AuthInfo, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;

/// How many values and events a file may have: fifty times what the reader allows by itself.
/// Aliases, which can make much of little, stay within its own bounds.
const MOST_NODES: usize = 12_500_000;

/// The part of a file that says how to reach a cluster.
#[derive(Default, Deserialize)]
struct File {
    #[serde(rename = "apiVersion")]
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(rename = "current-context")]
    current_context: Option<String>,
    clusters: Option<Vec<NamedCluster>>,
    users: Option<Vec<NamedAuthInfo>>,
    contexts: Option<Vec<LooseContext>>,
}

#[derive(Deserialize)]
struct LooseContext {
    name: String,
    context: Option<LooseFields>,
}

#[derive(Deserialize)]
struct LooseFields {
    cluster: Option<String>,
    user: Option<String>,
    namespace: Option<String>,
}

/// Reads a file's bytes. Paths in it are relative to its folder.
///
/// The error is the reason, and quotes nothing of the file, which may hold tokens.
pub(super) fn kubeconfig(bytes: &[u8], folder: &Path) -> Result<Kubeconfig, String> {
    let file = file(&text(bytes)?)?;
    of_the_version_we_know(&file)?;
    let mut clusters = file.clusters.unwrap_or_default();
    let mut auth_infos = file.users.unwrap_or_default();
    let contexts = file.contexts.unwrap_or_default();
    named_once("cluster", clusters.iter().map(|named| &named.name))?;
    named_once("user", auth_infos.iter().map(|named| &named.name))?;
    named_once("context", contexts.iter().map(|named| &named.name))?;
    for cluster in clusters
        .iter_mut()
        .filter_map(|named| named.cluster.as_mut())
    {
        absolute(&mut cluster.certificate_authority, folder);
    }
    for user in auth_infos
        .iter_mut()
        .filter_map(|named| named.auth_info.as_mut())
    {
        user_paths(user, folder);
    }
    Ok(Kubeconfig {
        clusters,
        auth_infos,
        contexts: contexts.into_iter().map(LooseContext::known).collect(),
        // An empty entry sets nothing: a later file may.
        current_context: file.current_context.filter(|name| !name.is_empty()),
        ..Kubeconfig::default()
    })
}

/// Reads the first document of a YAML text. As in Go, the last of two keys that are the same counts.
///
/// For each type, the reader of YAML is in the program once more; so only what must be told with its
/// place is read into a type of its own.
pub(super) fn yaml(text: &str) -> Result<Value, String> {
    first(text)
}

fn file(text: &str) -> Result<File, String> {
    // By itself a type refuses a key that stands twice; a value takes the last. The first error is the
    // better one, because it says where.
    first(text).or_else(|reason| {
        let value = yaml(text).map_err(|_| reason.clone())?;
        File::deserialize(value).map_err(|_| reason)
    })
}

fn first<T: DeserializeOwned + Default>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_NODES,
            max_events: MOST_NODES,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    let documents = serde_saphyr::from_multiple_with_options::<Option<T>>(text, options);
    let documents = documents.map_err(|error| unquoted(&error.without_snippet().to_string()))?;
    Ok(documents.into_iter().next().flatten().unwrap_or_default())
}

/// Takes what stands in the file out of the reason why it is not what it should be.
fn unquoted(reason: &str) -> String {
    for what in ["invalid type: ", "invalid value: ", "unknown variant "] {
        if let Some((before, rest)) = reason.split_once(what)
            && let Some((found, expected)) = rest.rsplit_once(", expected ")
        {
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim();
            return format!("{before}{what}{kind}, expected {expected}").replace(" ,", ",");
        }
    }
    reason.to_owned()
}

fn text(bytes: &[u8]) -> Result<String, String> {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes[2..].as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|pair| unit(*pair)).collect();
        let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
        text.ok_or_else(|| "it is not UTF-16".to_owned())
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
            Ok(text.to_owned())
        }
    }
}

/// A file may leave out what it is, and may not be something else.
fn of_the_version_we_know(file: &File) -> Result<(), String> {
    let version = file.api_version.as_deref().unwrap_or("v1");
    let kind = file.kind.as_deref().unwrap_or("Config");
    if matches!((version, kind), ("v1" | "", "Config" | "")) {
        return Ok(());
    }
    Err(format!(
        "it is `{version}, Kind={kind}`, not `v1, Kind=Config`"
    ))
}

fn named_once<'a>(what: &str, mut names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(format!("two {what}s have the name \"{name}\"")),
        None => Ok(()),
    }
}

impl LooseContext {
    /// Returns it in kube's form, where a cluster that is not named is empty.
    fn known(self) -> NamedContext {
        NamedContext {
            name: self.name,
            context: self.context.map(|fields| Context {
                cluster: fields.cluster.unwrap_or_default(),
                user: fields.user,
                namespace: fields.namespace,
                ..Context::default()
            }),
            ..NamedContext::default()
        }
    }
}

fn user_paths(user: &mut AuthInfo, folder: &Path) {
    for path in [
        &mut user.client_certificate,
        &mut user.client_key,
        &mut user.token_file,
    ] {
        absolute(path, folder);
    }
    // Without a separator it is looked for on the PATH.
    if let Some(exec) = &mut user.exec
        && exec
            .command
            .as_ref()
            .is_some_and(|command| command.contains(std::path::MAIN_SEPARATOR))
    {
        absolute(&mut exec.command, folder);
    }
}

fn absolute(field: &mut Option<String>, folder: &Path) {
    if let Some(path) = field.as_ref().filter(|path| !path.is_empty()) {
        // Without the `.` of `./login`.
        let path: PathBuf = folder.join(path).components().collect();
        *field = Some(path.to_string_lossy().into_owned());
    }
}

#[cfg(test)]
mod tests;
