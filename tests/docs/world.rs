//! The cluster that the pages are about: that of `make demo`, and what is in its containers.

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use sandbox::{Image, Sandbox, World};
use serde_json::Value;

const PLUGIN: &str = env!("CARGO_BIN_EXE_kubectl-ephemeral");

/// Programs of containers whose real output is that of this machine; here it is that of a pod.
const PROGRAMS: [(&str, &str); 4] = [
    (
        "ps",
        "echo 'PID   USER     TIME  COMMAND'\n\
         echo '    1 root      0:00 /app'\n\
         echo '   14 root      0:00 sh'\n\
         echo '   21 root      0:00 ps'\n",
    ),
    (
        "wget",
        "case \"$*\" in *healthz*) echo ok ;; *) echo 'wget: server returned error: HTTP/1.1 503 Service Unavailable' >&2; exit 1 ;; esac\n",
    ),
    (
        "ls",
        "case \"$*\" in\n\
         */proc/1/root*) echo app; echo etc; echo proc ;;\n\
         *) exec /bin/ls \"$@\" ;;\n\
         esac\n",
    ),
    ("id", "echo 'uid=1000 gid=0(root) groups=0(root)'\n"),
];

/// Starts the cluster; its containers find the programs above first.
pub(crate) fn start(folder: &Path) -> Sandbox {
    let programs = folder.join("programs");
    fs::create_dir(&programs).unwrap();
    for (name, script) in PROGRAMS {
        write_script(&programs.join(name), script);
    }
    // As in the sandbox: a shell that draws its prompt again for a terminal of another size.
    let shell = find("busybox").or_else(|| find("bash")).unwrap();
    symlink(shell, programs.join("sh")).unwrap();
    let path = format!(
        "PATH={}:{}",
        programs.display(),
        env::var("PATH").unwrap_or_default()
    );
    let run = ["env", &path, "sh"].map(str::to_owned).to_vec();
    let image = || Image::shell().program("sh", run.clone());
    let world = World::demo()
        .image("busybox:1.37", image())
        .image("nicolaka/netshoot", image())
        .image("nicolaka/netshoot:v0.13", image())
        .image("registry.example.com/tools/busybox:1.37", image());
    Sandbox::start(world).unwrap()
}

/// Waits until the pod `web` tells the end of each command that has ended.
///
/// Whoever runs a command knows its end before the pod does. All containers without a terminal are such commands, and
/// their end is waited for by whoever typed them.
pub(crate) fn rest(sandbox: &Sandbox) {
    let is_at_rest = |pod: &Value| {
        let all = pod["spec"]["ephemeralContainers"].as_array();
        let commands = all.into_iter().flatten().filter(|it| it["tty"] != true);
        let states = pod["status"]["ephemeralContainerStatuses"].as_array();
        commands.into_iter().all(|command| {
            let mut states = states.into_iter().flatten();
            let state = states.find(|state| state["name"] == command["name"]);
            state.is_some_and(|state| state["state"]["running"].is_null())
        })
    };
    assert!(sandbox.wait_until("default", "web", is_at_rest));
}

/// A home as a reader has it: the plugin and kubectl on the `PATH`, the kubeconfig in its place.
pub(crate) struct Home {
    pub(crate) path: PathBuf,
}

impl Home {
    /// Where there is no kubectl, what stands in for it finds us, and can do nothing else.
    pub(crate) fn make(folder: &Path, sandbox: &Sandbox, kubectl: Option<&Path>) -> Self {
        let path = folder.join("home");
        let programs = path.join(".local/bin");
        fs::create_dir_all(&programs).unwrap();
        fs::create_dir_all(path.join(".kube")).unwrap();
        fs::create_dir_all(path.join("incident")).unwrap();
        fs::copy(sandbox.kubeconfig(), path.join(".kube/config")).unwrap();
        symlink(PLUGIN, programs.join("kubectl-ephemeral")).unwrap();
        match kubectl {
            Some(kubectl) => symlink(kubectl, programs.join("kubectl")).unwrap(),
            None => write_script(
                &programs.join("kubectl"),
                "shift\nexec kubectl-ephemeral \"$@\"\n",
            ),
        }
        fs::write(path.join(".inputrc"), "set enable-bracketed-paste off\n").unwrap();
        Self { path }
    }

    /// The folder that a reader works in.
    pub(crate) fn folder(&self) -> PathBuf {
        self.path.join("incident")
    }

    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let home = self.path.display();
        let others = env::var("PATH").unwrap_or_default();
        [
            ("HOME", home.to_string()),
            ("PATH", format!("{home}/.local/bin:{others}")),
            ("TERM", "xterm-256color".to_owned()),
            ("PS1", "$ ".to_owned()),
            ("PS2", "> ".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// Returns the stock kubectl, which `KUBECTL` may name, if there is one.
pub(crate) fn kubectl() -> Option<PathBuf> {
    find(&env::var("KUBECTL").unwrap_or_else(|_| "kubectl".to_owned()))
}

fn write_script(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
