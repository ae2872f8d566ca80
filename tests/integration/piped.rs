//! What goes through a pipe, bit for bit, both ways.

use sandbox::{Request, Runtime, Sandbox, Server, World};

use crate::plugin::Plugin;

/// Bytes of all kinds, the same in each run.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut noise = Vec::with_capacity(length + 8);
    while noise.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend_from_slice(&state.to_le_bytes());
    }
    noise.truncate(length);
    noise
}

#[test]
fn noise_comes_back_as_it_went_in() {
    let input = noise(8 * 1024 * 1024);
    for world in [World::plain(), World::plain().runtime(Runtime::CriO)] {
        let sandbox = Sandbox::start(world).unwrap();
        let (code, stdout, stderr) = Plugin::on(&sandbox)
            .args(["app", "-q", "-i", "--", "sh", "-c", "cat; exit 5"])
            .input(input.clone())
            .run_raw();
        assert_eq!((code, String::from_utf8_lossy(&stderr).as_ref()), (5, ""));
        assert!(stdout == input, "{} bytes of {}", stdout.len(), input.len());
    }
}

#[test]
fn an_old_server_passes_on_all_but_the_end() {
    let input = noise(1024 * 1024);
    for server in [Server::V1_21, Server::V1_28, Server::V1_28Containerd2] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        let (code, stdout, stderr) = Plugin::on(&sandbox)
            .args(["app", "-i", "--", "head", "-c", "1048576"])
            .input(input.clone())
            .run_raw();
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout == input, "{} bytes of {}", stdout.len(), input.len());
        let warning = "warning: this server cannot pass on the end of input: a command that waits for it does not end\n";
        assert!(stderr.ends_with(warning), "{stderr}");
    }
}

#[test]
fn a_pipe_has_its_beginning_too() {
    // Without a gate, what is written before anybody is attached goes to nobody.
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args([
            "app",
            "-q",
            "-i",
            "--",
            "sh",
            "-c",
            "echo first; echo error >&2; cat",
        ])
        .input("second\n")
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (0, "first\nsecond\n", "error\n")
    );
}

#[test]
fn row_66_a_command_that_reads_no_more_ends_at_once() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let ended = Plugin::on(&sandbox)
        .args([
            "app",
            "-q",
            "-i",
            "--",
            "sh",
            "-c",
            "read -r line; echo \"$line\"; exit 6",
        ])
        .input("line\n".repeat(1024 * 1024))
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (6, "line\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn row_67_a_pipe_whose_connection_breaks_before_its_command_ran() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    sandbox.on(Request::attach()).reset();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-i", "--", "cat"])
        .input("in\n")
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (125, ""),
        "{}",
        ended.stderr
    );
}
