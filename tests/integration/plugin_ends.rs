//! How credential plug-ins end: with what they started, and without what they left behind.

use std::fs;

use crate::{
    access::{TOKEN, add, assert_added, kubeconfig, with_token},
    access_credentials::Script,
    plugin::wait_while,
};

#[test]
fn ctrl_c_ends_a_plugin_that_hangs() {
    let sandbox = with_token();
    let script = Script::new("echo $$ >&2\nexec sleep 1000");
    let folder = kubeconfig(&sandbox, "", &script.user(""));
    let (ended, first_line) = add(&folder).interrupted_after_a_line();
    assert_eq!(ended, 130);
    wait_until_gone(&first_line);
}

/// Waits until the process with this number is gone.
fn wait_until_gone(number: &str) {
    let plugin = number.trim().parse().unwrap();
    let plugin = rustix::process::Pid::from_raw(plugin).unwrap();
    // It is killed before we end; whoever inherits it may take a moment to bury it.
    let is_gone = || match fs::read_to_string(format!("/proc/{}/stat", plugin.as_raw_nonzero())) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    };
    wait_while(|| !is_gone());
}

#[test]
fn what_a_plugin_started_ends_with_it() {
    if fs::File::open("/dev/tty").is_ok() {
        eprintln!("skipped: with a terminal, Ctrl-C is what reaches all of them");
        return;
    }
    let sandbox = with_token();
    let script = Script::new("sleep 1000 &\necho $! >&2\nwait");
    let folder = kubeconfig(&sandbox, "", &script.user(""));
    let (ended, first_line) = add(&folder).interrupted_after_a_line();
    assert_eq!(ended, 130);
    wait_until_gone(&first_line);
}

#[test]
fn what_a_plugin_leaves_behind_on_purpose_stays() {
    let sandbox = with_token();
    let script = Script::new(&format!(
        "sleep 1000 > /dev/null 2>&1 &\necho $! > \"${{0%/*}}/left\"\ncat <<'END'\n{{\"apiVersion\": \
         \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {{\"token\": \
         \"{TOKEN}\"}}}}\nEND"
    ));
    assert_added(
        &sandbox,
        &add(&kubeconfig(&sandbox, "", &script.user(""))).run(),
        "robot",
    );
    let left = fs::read_to_string(script.path().with_file_name("left")).unwrap();
    let left = rustix::process::Pid::from_raw(left.trim().parse().unwrap()).unwrap();
    // It is there to be ended.
    rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
}
