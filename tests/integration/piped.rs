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
fn an_old_server_is_told_the_end_within_the_input() {
    let input = noise(1024 * 1024);
    for server in [Server::V1_21, Server::V1_28, Server::V1_28Containerd2] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        for command in ["cat", "head -c 1048576"] {
            let (code, stdout, stderr) = Plugin::on(&sandbox)
                .args(["app", "-q", "-i", "--", "sh", "-c"])
                .args([format!("{command}; echo >&2; exit 5")])
                .input(input.clone())
                .run_raw();
            let stderr = String::from_utf8(stderr).unwrap();
            assert_eq!((code, stderr.as_str()), (5, "\n"), "{command}");
            assert!(stdout == input, "{} bytes of {}", stdout.len(), input.len());
        }
    }
}

#[test]
fn an_archive_is_unpacked_on_an_old_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large"), noise(300_000)).unwrap();
    std::fs::write(folder.path().join("small"), "here\n").unwrap();
    let archive = std::process::Command::new("tar")
        .args(["-c", "-C"])
        .arg(folder.path())
        .args(["large", "small"])
        .output()
        .unwrap();
    let sandbox = Sandbox::start(World::plain().server(Server::V1_28)).unwrap();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-i", "--", "sh", "-c"])
        .args(["tar x && cat small && wc -c < large"])
        .input(archive.stdout)
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (0, "here\n300000\n", "")
    );
}

/// The image's own command is not known, so nothing can be put before it.
#[test]
fn where_nothing_holds_a_command_an_old_server_is_told_the_end_by_closing_the_stream() {
    let lines = (0..50_000).map(|number: u32| number.to_string() + "\n");
    let lines: String = lines.collect();
    for server in [Server::V1_21, Server::V1_28] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        let ended = Plugin::on(&sandbox)
            .args(["app", "-i", "--arguments-only", "--"])
            .args(["sh", "-c", "cat; echo all >&2; exit 5"])
            .input(lines.clone())
            .run();
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        let (output, last) = ended.stdout.split_at(lines.len().min(ended.stdout.len()));
        assert!(output == lines, "{} of {}", output.len(), lines.len());
        assert_eq!(last, "all\n");
        assert!(
            ended.stderr.ends_with(
                "\nthis server is told the end of input by closing the stream; the rest of the output comes from the \
                 log, both streams in one\n"
            ),
            "{}",
            ended.stderr
        );
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
