//! What a file of `-f` says: which pod, and which containers to add to it.
//!
//! Three forms are understood: a Pod, as everywhere in kubectl; an ephemeral container alone; and the
//! list of `kind: EphemeralContainers` that the documentation of Kubernetes 1.16 to 1.21 shows.

mod fields;
pub(super) mod strict;
pub(super) mod text;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};
use serde_json::{Map, Value};

use super::{Batch, Who, parts, taken, validate};
use crate::{
    cli::DebugArgs,
    error::{Error, listed},
    nearest::nearest,
};

const FORMS: &str =
    "-f takes a Pod, an ephemeral container alone, or a list of `kind: EphemeralContainers`";

/// A file that names a pod, or containers to add, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// How the user calls the file.
    file: String,
    pod: Option<String>,
    namespace: Option<String>,
    form: Form,
    containers: Vec<EphemeralContainer>,
}

/// What the file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// A pod, of whose ephemeral containers some may be there already.
    Pod,
    /// The list of old, the same way.
    List,
    /// One container and nothing about pods.
    Alone,
}

impl Manifest {
    /// Reads a file; what is wrong with it is told at once, each fault by its path.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        let tree = text::parse(bytes)
            .map_err(|told| Error::usage(format!("{file} is no manifest: {told}")))?;
        let Value::Object(tree) = tree else {
            return Err(Error::usage(format!("{file} is no manifest")));
        };
        let form = form(&tree).map_err(|told| Error::Usage {
            message: format!("{file} {told}"),
            hint: Some(FORMS.to_owned()),
        })?;
        let mut faults = Vec::new();
        let (pod, namespace) = match form {
            Form::Pod | Form::List => metadata(&tree, &mut faults),
            Form::Alone => (None, None),
        };
        let containers = match form {
            Form::Pod => match tree.get("spec") {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::Object(spec)) => {
                    misspelt(spec, "spec.", &mut faults);
                    items(spec.get(LIST), "spec.", &mut faults)
                }
                Some(_) => {
                    faults.push("spec: must be an object".to_owned());
                    Vec::new()
                }
            },
            Form::List => {
                misspelt(&tree, "", &mut faults);
                items(tree.get(LIST), "", &mut faults)
            }
            Form::Alone => one(&Value::Object(tree), "", &mut faults)
                .into_iter()
                .collect(),
        };
        if !faults.is_empty() {
            return Err(Error::Invalid {
                what: format!("{file} is not valid"),
                faults,
            });
        }
        if form == Form::List && containers.is_empty() {
            return Err(Error::usage(format!("{file} lists no containers")));
        }
        Ok(Self {
            file: file.to_owned(),
            pod,
            namespace,
            form,
            containers,
        })
    }

    /// Returns the word for the pod and the namespace, of the command line and the file.
    pub fn place(
        &self,
        word: Option<&str>,
        namespace: Option<&str>,
    ) -> Result<(Option<String>, Option<String>), Error> {
        let word = match (word, &self.pod) {
            (word, None) => word.map(str::to_owned),
            (None, Some(pod)) => Some(format!("pod/{pod}")),
            (Some(word), Some(pod)) if is_pod(word, pod) => Some(word.to_owned()),
            (Some(word), Some(pod)) => {
                return Err(Error::usage(format!(
                    "{} is about pod `{pod}`, and the command line about `{word}`",
                    self.file
                )));
            }
        };
        let flag = namespace.filter(|name| !name.is_empty());
        match (flag, &self.namespace) {
            // kubectl's words.
            (Some(flag), Some(namespace)) if flag != namespace => Err(Error::usage(format!(
                "the namespace from the provided object \"{namespace}\" does not match the namespace \
                 \"{flag}\". You must pass '--namespace={namespace}' to perform this operation."
            ))),
            (flag, namespace) => Ok((word, namespace.clone().or(flag.map(str::to_owned)))),
        }
    }

    /// Refuses flags that shape a container which the file describes as a whole.
    ///
    /// A Pod is left alone: where the cluster's has all of its containers, it only names the pod.
    pub fn refuse_flags(&self, args: &DebugArgs) -> Result<(), Error> {
        if self.form == Form::Pod {
            Ok(())
        } else {
            self.refuse(&args.shaping())
        }
    }

    fn refuse(&self, flags: &[String]) -> Result<(), Error> {
        if flags.is_empty() {
            return Ok(());
        }
        Err(Error::Usage {
            message: format!(
                "{} says all of the container, so {} cannot be given with it",
                self.file,
                listed(flags)
            ),
            hint: Some("change the file, or leave it out".to_owned()),
        })
    }

    /// Returns what is added to a pod, or nothing where the file only names the pod and flags say
    /// what is added.
    ///
    /// Of those that are listed, the pod may have some. `wanted` names the one to attach to, or
    /// the one that has no name yet; `name` makes up a name.
    pub fn batch(
        &self,
        pod: &Pod,
        args: &DebugArgs,
        mut name: impl FnMut() -> String,
    ) -> Result<Option<Batch>, Error> {
        let mut containers = match self.form {
            Form::Alone => self.containers.clone(),
            Form::Pod | Form::List => self.lacking(pod)?,
        };
        let flags = args.shaping();
        if containers.is_empty() {
            let only_named =
                self.form == Form::Pod && (self.containers.is_empty() || !flags.is_empty());
            return if only_named {
                Ok(None)
            } else {
                Err(self.all_there(pod))
            };
        }
        self.refuse(&flags)?;
        let wanted = args.container.as_deref();
        if let ([only], Some(wanted)) = (&mut containers[..], wanted)
            && only.name.is_empty()
        {
            wanted.clone_into(&mut only.name);
        }
        for container in &mut containers {
            if container.name.is_empty() {
                container.name = name();
            }
            taken::unused_name(pod, &container.name)?;
        }
        let ours = match wanted {
            None => containers.len() - 1,
            Some(wanted) => containers
                .iter()
                .position(|container| container.name == wanted)
                .ok_or_else(|| self.not_among(wanted, &containers))?,
        };
        Ok(Batch::of(containers, ours))
    }

    /// Returns those that a pod does not have. One that it has cannot be changed.
    fn lacking(&self, pod: &Pod) -> Result<Vec<EphemeralContainer>, Error> {
        let mut lacking = Vec::new();
        for container in &self.containers {
            match parts::ephemeral_of_name(pod, &container.name) {
                None => lacking.push(container.clone()),
                Some(other) if is_within(container, other) => {}
                Some(_) => {
                    return Err(taken::name_taken(pod, &container.name));
                }
            }
        }
        Ok(lacking)
    }

    fn all_there(&self, pod: &Pod) -> Error {
        Error::AllThere {
            pod: parts::name(pod).to_owned(),
            file: self.file.clone(),
            containers: names(&self.containers),
            there: taken::namespace(pod),
        }
    }

    fn not_among(&self, wanted: &str, containers: &[EphemeralContainer]) -> Error {
        Error::usage(format!(
            "`{wanted}` is none of the containers that {} adds: {}",
            self.file,
            listed(&names(containers))
        ))
    }
}

const LIST: &str = "ephemeralContainers";

fn names(containers: &[EphemeralContainer]) -> Vec<String> {
    let names = containers.iter().map(|container| container.name.clone());
    names.collect()
}

/// Decides what a tree is, or says what it is instead.
fn form(tree: &Map<String, Value>) -> Result<Form, String> {
    let text = |field: &str| tree.get(field).and_then(Value::as_str);
    match (text("apiVersion"), text("kind")) {
        (Some("v1"), Some("Pod")) => Ok(Form::Pod),
        (Some("v1"), Some("EphemeralContainers")) => Ok(Form::List),
        (Some(version), Some(kind)) => Err(format!("is of `{version}, Kind={kind}`")),
        (None, Some(_)) => Err("has no `apiVersion`".to_owned()),
        (_, None)
            if ["kind", "apiVersion", "metadata", "spec", LIST]
                .iter()
                .any(|field| tree.contains_key(*field)) =>
        {
            Err("has no `kind`".to_owned())
        }
        (_, None) => Ok(Form::Alone),
    }
}

/// Returns name and namespace.
fn metadata(
    tree: &Map<String, Value>,
    faults: &mut Vec<String>,
) -> (Option<String>, Option<String>) {
    let mut text = |field: &str| {
        let value = tree.get("metadata")?.get(field)?;
        if !value.is_string() && !value.is_null() {
            let found = text::kind(value);
            faults.push(format!("metadata.{field}: must be a string, not {found}"));
        }
        let text = value.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    (text("name"), text("namespace"))
}

/// A list under a name that nobody knows would be passed over, and the file would seem to name the
/// pod only.
fn misspelt(fields: &Map<String, Value>, path: &str, faults: &mut Vec<String>) {
    let known = [LIST.to_owned()];
    for field in fields.keys() {
        if field != LIST && nearest(field, &known).is_some() {
            faults.push(format!(
                "{path}{field}: unknown field; did you mean `{LIST}`?"
            ));
        }
    }
}

fn items(list: Option<&Value>, path: &str, faults: &mut Vec<String>) -> Vec<EphemeralContainer> {
    match list {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => {
            let read = items.iter().enumerate();
            let path = |index| format!("{path}{LIST}[{index}]");
            read.filter_map(|(index, item)| one(item, &path(index), faults))
                .collect()
        }
        Some(other) => {
            let found = text::kind(other);
            faults.push(format!("{path}{LIST}: must be a list, not {found}"));
            Vec::new()
        }
    }
}

fn one(tree: &Value, path: &str, faults: &mut Vec<String>) -> Option<EphemeralContainer> {
    match strict::container(tree, path) {
        Ok(container) => {
            faults.extend(validate::by_itself(&container, path));
            Some(container)
        }
        Err(more) => {
            faults.extend(more);
            None
        }
    }
}

/// Tells whether a word of the command line names a pod.
fn is_pod(word: &str, pod: &str) -> bool {
    matches!(Who::parse(word), Ok(Who::Pod(name)) if name.as_str() == pod)
}

/// Tells whether all that is said of one container holds of another, which a server has completed.
fn is_within(one: &EphemeralContainer, other: &EphemeralContainer) -> bool {
    fn within(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Object(one), Value::Object(other)) => one.iter().all(|(field, value)| {
                let other = other.get(field).unwrap_or(&Value::Null);
                within(value, other) || is_empty(value) && is_empty(other)
            }),
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| within(one, other))
            }
            _ => one == other,
        }
    }
    // What is left out and what is empty is the same to a server.
    fn is_empty(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Bool(true) | Value::Number(_) => false,
        }
    }
    match (serde_json::to_value(one), serde_json::to_value(other)) {
        (Ok(one), Ok(other)) => within(&one, &other),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
