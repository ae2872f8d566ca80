//! Archives through a pipe, both ways, bit for bit: `-i -- tar x < FILE` and `-- tar c . > FILE`.

use std::{
    fs::{self, File},
    io::{Read, Seek},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use sandbox::{Runtime, Sandbox, World};

use crate::{
    flat_memory::most_resident,
    piped::noise,
    plugin::{Plugin, settled},
    seen,
};

const SIZE: usize = 50 * 1024 * 1024;
/// More than the program needs, in KiB, and less than what passes through it.
const MOST_MEMORY: u64 = 40 * 1024;

/// A folder of 50 MiB, with names and sizes of several kinds.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let noise = noise(SIZE);
    fs::create_dir(folder.path().join("deeper")).unwrap();
    for (name, content) in [
        ("large", &noise[..]),
        ("deeper/name with a space", &noise[..4097]),
        ("deeper/empty", b""),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The archive that `tar` makes of a folder here.
fn archive(folder: &Path) -> Vec<u8> {
    let output = Command::new("tar").arg("cC").arg(folder).arg(".").output();
    output.unwrap().stdout
}

fn assert_well(output: &Output) {
    seen::without_terminal(output);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), stderr.as_ref()), (Some(0), ""));
}

fn assert_same(got: &[u8], expected: &[u8]) {
    assert!(got == expected, "{} bytes of {}", got.len(), expected.len());
}

/// A plugin that runs `tar c` on a folder.
struct Packing {
    plugin: Plugin,
    _sandbox: Sandbox,
}

impl Packing {
    fn new(world: World, from: &Path) -> Self {
        let sandbox = Sandbox::start(world).unwrap();
        let command = ["app", "-q", "--", "tar", "cC", from.to_str().unwrap(), "."];
        Self {
            plugin: Plugin::on(&sandbox).args(command),
            _sandbox: sandbox,
        }
    }

    fn start(&self, stdout: Stdio) -> Child {
        self.plugin.start_into(Stdio::null(), stdout)
    }
}

#[test]
fn an_archive_goes_in_bit_for_bit() {
    let from = folder();
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &archive(from.path())).unwrap();
    for world in [World::plain(), World::plain().runtime(Runtime::CriO)] {
        let sandbox = Sandbox::start(world).unwrap();
        let to = tempfile::tempdir().unwrap();
        let path = to.path().to_str().unwrap();
        file.rewind().unwrap();
        let plugin = Plugin::on(&sandbox).args(["app", "-q", "-i", "--", "tar", "xC", path]);
        let child = plugin.start(file.try_clone().unwrap().into());
        let output = child.wait_with_output().unwrap();
        assert_well(&output);
        assert_same(&output.stdout, b"");
        assert_same(&archive(to.path()), &archive(from.path()));
    }
}

#[test]
fn an_archive_comes_out_bit_for_bit() {
    let from = folder();
    for world in [World::plain(), World::plain().runtime(Runtime::CriO)] {
        let packing = Packing::new(world, from.path());
        let file = tempfile::NamedTempFile::new().unwrap();
        let child = packing.start(File::create(file.path()).unwrap().into());
        assert_well(&child.wait_with_output().unwrap());
        assert_same(&fs::read(file.path()).unwrap(), &archive(from.path()));
    }
}

#[test]
fn row_60_a_slow_reader_gets_all_of_it_and_little_is_kept_for_it() {
    let from = folder();
    let packing = Packing::new(World::plain(), from.path());
    let mut child = packing.start(Stdio::piped());
    let mut stdout = child.stdout.take().unwrap();
    let (mut got, mut part) = (Vec::new(), vec![0; 256 * 1024]);
    let mut memory = 0;
    while let length @ 1.. = stdout.read(&mut part).unwrap() {
        got.extend_from_slice(&part[..length]);
        if got.len() < SIZE {
            memory = most_resident(child.id());
        }
        thread::sleep(Duration::from_millis(2));
    }
    assert_same(&got, &archive(from.path()));
    assert_well(&child.wait_with_output().unwrap());
    assert!(memory < MOST_MEMORY, "{memory} KiB");
}

#[test]
fn row_61_whoever_reads_the_head_of_an_archive_waits_for_no_more() {
    let from = folder();
    let packing = Packing::new(World::plain(), from.path());
    let mut child = packing.start(Stdio::piped());
    let mut head = [0; 1000];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut head).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    seen::without_terminal(&output);
    assert_same(&head, &archive(from.path())[..1000]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), settled(&stderr).as_str()),
        (Some(0), "")
    );
}
