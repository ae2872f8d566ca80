//! Makes of a container's spec what is started on this machine.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::process::Program;
use super::reference;
use crate::image::Image;
use crate::store::Store;

/// The program of a container with its environment; the error is runc's.
pub(super) fn of(
    store: &Store,
    spec: &Value,
    pod: &Value,
    image: &Image,
    root: PathBuf,
) -> Result<Program, String> {
    let command = if image.is_echo() {
        Vec::new()
    } else {
        image.run(&image.command_of(spec))?
    };
    let tty = spec["tty"] == true;
    Ok(Program {
        command,
        working_dir: working_dir(spec, &root),
        env: environment(store, spec, pod, &root, tty),
        root,
        tty,
        stdin: spec["stdin"] == true,
    })
}

/// Makes the folder that stands for the container's file system.
pub(super) fn prepare(program: &Program) -> io::Result<()> {
    std::fs::create_dir_all(&program.root)?;
    // A shell that is not busybox would mark what is pasted; a container's shell does not.
    let inputrc = program.root.join(".inputrc");
    std::fs::write(inputrc, "set enable-bracketed-paste off\n")
}

fn working_dir(spec: &Value, root: &Path) -> PathBuf {
    let asked = spec["workingDir"].as_str().unwrap_or_default();
    let inside = asked.trim_start_matches('/');
    if inside.is_empty() || inside.split('/').any(|part| part == "..") {
        root.to_owned()
    } else {
        root.join(inside)
    }
}

fn environment(
    store: &Store,
    spec: &Value,
    pod: &Value,
    root: &Path,
    tty: bool,
) -> Vec<(String, String)> {
    let pod_name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut env = vec![
        ("PATH".to_owned(), path),
        ("HOME".to_owned(), root.display().to_string()),
        ("HOSTNAME".to_owned(), pod_name.to_owned()),
        ("PS1".to_owned(), "/ # ".to_owned()),
    ];
    if tty {
        env.push(("TERM".to_owned(), "xterm".to_owned()));
    }
    env.extend(reference::all(store, pod, spec));
    for variable in spec["env"].as_array().into_iter().flatten() {
        if let Some(name) = variable["name"].as_str() {
            let value = match variable["value"].as_str() {
                Some(value) => Some(value.to_owned()),
                None if variable["valueFrom"].is_null() => Some(String::new()),
                None => reference::value(store, pod, spec, &variable["valueFrom"]),
            };
            env.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    env
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_sees_its_own_environment_only() {
        let spec = json!({"command": ["sh"], "tty": true, "workingDir": "/data",
            "env": [{"name": "FOO", "value": "bar"},
                {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]});
        let pod = json!({"metadata": {"name": "app"}});
        let root = PathBuf::from("/root-of-it");
        let program = of(&Store::new(), &spec, &pod, &Image::shell(), root);
        let program = program.expect("has a shell");
        let names: Vec<&str> = program.env.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["PATH", "HOME", "HOSTNAME", "PS1", "TERM", "FOO", "POD"]
        );
        assert_eq!(
            program.env.last().map(|(_, value)| value.as_str()),
            Some("app")
        );
        assert_eq!(program.working_dir, Path::new("/root-of-it/data"));
    }

    #[test]
    fn no_working_directory_is_outside_of_the_container() {
        let spec = json!({"workingDir": "/../../etc"});
        let root = Path::new("/root-of-it");
        assert_eq!(working_dir(&spec, root), root);
    }
}
