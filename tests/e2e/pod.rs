//! A pod to debug, made with stock kubectl and deleted again.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A running pod, for as long as the value lives.
pub(crate) struct Pod {
    name: String,
    kubeconfig: PathBuf,
}

impl Pod {
    /// Creates a pod and waits until it is ready.
    pub(crate) fn create(kubeconfig: &Path) -> Self {
        let name = format!("kubectl-ephemeral-e2e-{}", std::process::id());
        let pod = Self {
            name,
            kubeconfig: kubeconfig.to_owned(),
        };
        pod.kubectl(&[
            "run",
            &pod.name,
            "--image=busybox:1.37",
            "--restart=Never",
            "--",
            "sleep",
            "3600",
        ]);
        pod.kubectl(&[
            "wait",
            &format!("pod/{}", pod.name),
            "--for=condition=Ready",
            "--timeout=120s",
        ]);
        pod
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn kubectl(&self, args: &[&str]) {
        let status = Command::new("kubectl")
            .args(args)
            .env("KUBECONFIG", &self.kubeconfig)
            .status()
            .unwrap();
        assert!(status.success(), "kubectl {args:?}");
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        let delete = ["delete", "pod", &self.name, "--wait=false"];
        // The test has failed or passed by now; a pod that stays behind is seen in the output.
        Command::new("kubectl")
            .args(delete)
            .env("KUBECONFIG", &self.kubeconfig)
            .status()
            .ok();
    }
}
