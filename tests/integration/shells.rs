//! What happens in the shells of users when Tab is pressed: each in a terminal, with its own script and with that of
//! stock kubectl.

use std::{
    env, fs,
    io::{self, Write as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sandbox::{Sandbox, World};
use serde_json::json;

use crate::{
    plugin::{PLUGIN, Plugin},
    screen::Screen,
    stock,
};

/// A pod that does not run. Its name is so long that no list has two columns.
const BROKEN: &str = "a-broken-pod-with-a-rather-long-name-for-a-pod";
const PROMPT: &str = "> ";
/// Takes away what was typed.
const CLEAR: &str = "\u{15}";

/// A shell, and where it looks for what it runs at its start.
struct Shell {
    program: &'static str,
    startup: &'static str,
    /// What makes a terminal of 80 columns easy to read.
    plain: &'static str,
    /// How kubectl's own script is loaded, if there is one.
    kubectl: Option<&'static str>,
    /// Where our script is put, and what that takes at the start; nowhere if it is loaded at the start.
    script: Option<&'static str>,
    loads: &'static str,
}

const BASH: Shell = Shell {
    program: "bash",
    startup: ".bashrc",
    plain: "PS1='> '; bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'\n",
    kubectl: Some(
        "source /usr/share/bash-completion/bash_completion; source <(kubectl completion bash)\n",
    ),
    script: None,
    loads: "source <(kubectl-ephemeral completion bash)\n",
};

const ZSH: Shell = Shell {
    program: "zsh",
    startup: ".zshrc",
    plain: "PS1='> '; unsetopt prompt_sp; fpath=(~/functions $fpath); autoload -Uz compinit; compinit -u\n",
    kubectl: Some("source <(kubectl completion zsh)\n"),
    script: Some("functions/_kubectl-ephemeral"),
    loads: "",
};

const FISH: Shell = Shell {
    program: "fish",
    startup: ".config/fish/config.fish",
    plain: "function fish_prompt; echo -n '> '; end; set -g fish_greeting; set -g fish_autosuggestion_enabled 0\n",
    kubectl: Some("kubectl completion fish | source\n"),
    script: Some(".config/fish/completions/kubectl-ephemeral.fish"),
    loads: "",
};

const ELVISH: Shell = Shell {
    program: "elvish",
    startup: ".config/elvish/rc.elv",
    plain: "set edit:prompt = { put '> ' }; set edit:rprompt = { }\n",
    kubectl: None,
    script: None,
    loads: "eval (kubectl-ephemeral completion elvish | slurp)\n",
};

impl Shell {
    /// Tells whether the shell can be tried here.
    fn is_there(&self) -> bool {
        // That of macOS is of 2007, and lacks what keeps a space away.
        let is_too_old = self.program == "bash" && cfg!(target_os = "macos");
        let path = env::var_os("PATH").unwrap_or_default();
        let is_found = env::split_paths(&path).any(|it| it.join(self.program).exists());
        can_try(self.program, is_found && !is_too_old)
    }
}

/// Says what cannot be tried; on a machine of CI all must be.
fn can_try(what: &str, is_there: bool) -> bool {
    if !is_there {
        let must = env::var_os("CI").is_some() && cfg!(target_os = "linux");
        assert!(!must, "no {what}, which `.ci/run` installs");
        // Not by `println`, which nobody sees of a test that passes.
        let said = format!("not tried: no {what}\n");
        io::stderr().write_all(said.as_bytes()).unwrap();
    }
    is_there
}

fn world() -> World {
    let broken = json!({
        "metadata": {"name": BROKEN},
        "spec": {"containers": [{"name": "main", "image": "not-there:1"}]},
    });
    let store = json!({
        "metadata": {"name": "store", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "api", "image": "distroless-app:1"}]}}},
    });
    World::plain()
        .namespace("shop", &[])
        .pod(broken)
        .deployment(store)
}

/// The home of somebody who has a shell, the plugin, and some files where they work.
struct Home {
    folder: tempfile::TempDir,
    path: String,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).unwrap();
        symlink(PLUGIN, programs.join("kubectl-ephemeral")).unwrap();
        for name in ["debugger.yaml", "debugger.txt", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let others = env::var("PATH").unwrap();
        let path = format!("{}:{others}", programs.display());
        Self { folder, path }
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Starts a shell as its user does.
    fn start(&self, shell: &Shell, loads: &str, sandbox: &Sandbox) -> Typing {
        self.write(shell.startup, &format!("{}{loads}", shell.plain));
        let mut screen = Screen::of(shell.program, &[] as &[&str], |command| {
            command
                .current_dir(self.folder.path())
                .env("HOME", self.folder.path())
                .env("PATH", &self.path)
                .env("LANG", "C.UTF-8")
                .env("KUBECONFIG", sandbox.kubeconfig())
                .env("KUBECTL_EPHEMERAL_IMAGE", "registry:5000/tools:2")
                // Much longer than a machine that has much to do needs.
                .env("KUBECTL_EPHEMERAL_COMPLETION_LIMIT", "20s")
        });
        screen.wait_for_prompt(PROMPT);
        Typing { screen }
    }
}

/// Who types in a shell.
struct Typing {
    screen: Screen,
}

impl Typing {
    /// Types, presses Tab, and waits for a line, after whose last letter or space the cursor must be.
    fn tab(&mut self, typed: &str, line: &str) {
        self.screen.type_keys(&format!("{typed}\t"));
        self.expect(line);
    }

    fn expect(&mut self, line: &str) {
        let line = format!("{PROMPT}{line}");
        self.screen.wait_until(&format!("`{line}`"), |screen| {
            let (row, column) = screen.cursor_position();
            let rows: Vec<_> = screen.rows(0, 80).collect();
            rows[usize::from(row)].trim_end() == line.trim_end()
                && usize::from(column) == line.len()
        });
    }

    /// Begins another line.
    fn clear(&mut self) {
        self.screen.type_keys(CLEAR);
        self.expect("");
    }
}

/// What must be seen in each shell, however it has come to complete the words after this command.
fn completes(typing: &mut Typing, command: &str) {
    // One word after the other: what comes to a whole word is followed by a space.
    typing.tab(&format!("{command} ap"), &format!("{command} app "));
    typing.tab("--prof", &format!("{command} app --profile "));
    typing.tab("net", &format!("{command} app --profile netadmin "));
    typing.clear();
    // What follows a `/` comes directly after it.
    typing.tab(&format!("{command} -n sh"), &format!("{command} -n shop "));
    typing.tab("deployme", &format!("{command} -n shop deployments/"));
    typing.tab("st", &format!("{command} -n shop deployments/store "));
    typing.tab(
        "--tar",
        &format!("{command} -n shop deployments/store --target "),
    );
    typing.tab(
        "",
        &format!("{command} -n shop deployments/store --target api "),
    );
    typing.clear();
    // A colon is part of a word.
    typing.tab(
        &format!("{command} two --image registry:50"),
        &format!("{command} two --image registry:5000/tools:2 "),
    );
    typing.clear();
    // What a command in the container gets may be a file here.
    typing.tab(
        &format!("{command} app -- no"),
        &format!("{command} app -- notes.txt "),
    );
    typing.clear();
    // Where nothing fits, nothing is said.
    typing.tab(
        &format!("{command} nothing-li"),
        &format!("{command} nothing-li"),
    );
    typing.screen.type_keys("x");
    typing.expect(&format!("{command} nothing-lix"));
    typing.clear();
}

/// The rest, where a shell leaves `=` as it is.
fn completes_behind_equal_signs(typing: &mut Typing, command: &str) {
    typing.tab(
        &format!("{command} app --profile=net"),
        &format!("{command} app --profile=netadmin "),
    );
    typing.clear();
    typing.tab(
        &format!("{command} two --image=registry:50"),
        &format!("{command} two --image=registry:5000/tools:2 "),
    );
    typing.clear();
    // Of several there is a list, with what they mean.
    typing
        .screen
        .type_keys(&format!("{command} app --profile \t"));
    typing.screen.wait_for("It may administer the network");
    typing.screen.type_keys(CLEAR);
}

/// Those that run stand before the others, whatever their names.
fn lists_what_runs_first(typing: &mut Typing, command: &str) {
    typing.screen.type_keys(&format!("{command} pod/\t"));
    for pod in [BROKEN, "pod/app", "pod/two"] {
        typing.screen.wait_for(pod);
    }
    let contents = typing.screen.contents();
    assert!(
        contents.find("pod/two") < contents.find(BROKEN),
        "{contents}"
    );
    typing.screen.type_keys(CLEAR);
}

/// Puts our script where it says that it belongs, and presses Tab.
fn with_its_own_script(shell: &Shell) -> Option<(Sandbox, Home, Typing)> {
    if !shell.is_there() {
        return None;
    }
    let sandbox = Sandbox::start(world()).unwrap();
    let home = Home::new();
    if let Some(file) = shell.script {
        let script = Plugin::nowhere()
            .args(["completion", shell.program])
            .run()
            .stdout;
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        assert!(script.contains(name), "{script}");
        home.write(file, &script);
    }
    let mut typing = home.start(shell, shell.loads, &sandbox);
    completes(&mut typing, "kubectl-ephemeral");
    // Only files that can be read as a manifest.
    typing.tab(
        "kubectl-ephemeral -f deb",
        "kubectl-ephemeral -f debugger.yaml ",
    );
    typing.clear();
    Some((sandbox, home, typing))
}

/// Installs the link, loads kubectl's own script, and presses Tab.
fn through_kubectl(shell: &Shell) {
    if !shell.is_there() || stock::kubectl().is_none() {
        return;
    }
    let Some(loads) = shell.kubectl else { return };
    let sandbox = Sandbox::start(world()).unwrap();
    let home = Home::new();
    let installed = Command::new("kubectl")
        .args(["ephemeral", "completion", "install"])
        .env_clear()
        .env("PATH", &home.path)
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let link = home.path().join("bin/kubectl_complete-ephemeral");
    assert_eq!(
        String::from_utf8_lossy(&installed.stderr),
        format!("linked {} to kubectl-ephemeral\n", link.display())
    );
    let mut typing = home.start(shell, loads, &sandbox);
    completes(&mut typing, "kubectl ephemeral");
    completes_behind_equal_signs(&mut typing, "kubectl ephemeral");
}

fn on_its_own(shell: &Shell) {
    if let Some((_sandbox, _home, mut typing)) = with_its_own_script(shell) {
        completes_behind_equal_signs(&mut typing, "kubectl-ephemeral");
        lists_what_runs_first(&mut typing, "kubectl-ephemeral");
    }
}

#[test]
fn tab_completes_in_bash() {
    on_its_own(&BASH);
}

#[test]
fn tab_completes_in_zsh() {
    on_its_own(&ZSH);
}

#[test]
fn tab_completes_in_fish() {
    on_its_own(&FISH);
}

#[test]
fn tab_completes_in_elvish() {
    let Some((_sandbox, _home, mut typing)) = with_its_own_script(&ELVISH) else {
        return;
    };
    // It quotes what has `=` in it, and shows what it is.
    typing
        .screen
        .type_keys("kubectl-ephemeral app --profile=net\t");
    typing
        .screen
        .wait_for("> kubectl-ephemeral app '--profile=netadmin'");
    typing
        .screen
        .wait_for("netadmin  It may administer the network");
}

#[test]
fn tab_completes_in_bash_through_kubectl() {
    // kubectl's script wants its functions.
    let file = Path::new("/usr/share/bash-completion/bash_completion");
    if can_try("bash-completion", file.exists()) {
        through_kubectl(&BASH);
    }
}

#[test]
fn tab_completes_in_zsh_through_kubectl() {
    through_kubectl(&ZSH);
}

#[test]
fn tab_completes_in_fish_through_kubectl() {
    through_kubectl(&FISH);
}
