//! A pod on a real cluster, made with kubectl and deleted again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{CONTAINER, IMAGE};

/// A running pod, for as long as the value lives.
pub(crate) struct Pod {
    name: String,
    kubectl: PathBuf,
    kubeconfig: PathBuf,
    _folder: TempDir,
}

impl Pod {
    /// Creates it in the current namespace of `KUBECONFIG`, and waits until it is ready.
    pub(crate) fn create(kubectl: &Path) -> io::Result<Self> {
        let temporary = tempfile::tempdir()?;
        let folder = temporary.path().to_owned();
        let pod = Self {
            name: format!("kubectl-ephemeral-bench-{}", std::process::id()),
            kubectl: kubectl.to_owned(),
            kubeconfig: folder.join("kubeconfig"),
            _folder: temporary,
        };
        // One file, with all that others may be needed for.
        let view = ["config", "view", "--raw", "--minify", "--flatten"];
        let view = Command::new(kubectl).args(view).output()?;
        if !view.status.success() {
            return Err(io::Error::other("`kubectl config view` failed"));
        }
        fs::write(&pod.kubeconfig, view.stdout)?;
        let manifest = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": pod.name},
            "spec": {
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 1,
                "containers": [{"name": CONTAINER, "image": IMAGE, "command": ["sleep", "3600"]}],
            },
        });
        let file = folder.join("pod.json");
        fs::write(&file, manifest.to_string())?;
        pod.run(&["create", "-f", &file.to_string_lossy()])?;
        let name = format!("pod/{}", pod.name);
        pod.run(&["wait", &name, "--for=condition=Ready", "--timeout=120s"])?;
        Ok(pod)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    pub(crate) fn status(&self) -> io::Result<Value> {
        let said = self
            .kubectl(&["get", "pod", &self.name, "-o", "json"])
            .output()?;
        Ok(serde_json::from_slice(&said.stdout)?)
    }

    fn run(&self, words: &[&str]) -> io::Result<()> {
        let status = self.kubectl(words).stdout(Stdio::null()).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("`kubectl {}` failed", words[0])))
        }
    }

    fn kubectl(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.kubectl);
        command.args(words).env("KUBECONFIG", &self.kubeconfig);
        command
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        // What stays behind is told by kubectl.
        self.run(&["delete", "pod", &self.name, "--wait=false"])
            .ok();
    }
}
