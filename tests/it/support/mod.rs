//! A world for a test: a directory of its own, a clock that stands still, the sandbox as AWS, and the real program.

pub mod inside;
pub mod place;
pub mod rig;

use std::path::{Path, PathBuf};
use std::process::{Command, Output as Raw, Stdio};

/// When everything happens.
pub const NOW: &str = "2026-01-02T03:04:05Z";

/// A directory with the program in it.
pub struct World {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// What a run gave.
pub struct Output {
    /// What it printed.
    pub out: String,
    /// What it told the user beside.
    pub err: String,
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
}

impl World {
    /// An empty directory, in the sandbox.
    pub fn new() -> World {
        World { dir: tempfile::tempdir().unwrap(), env: vec![("FORMWORK_SANDBOX".into(), "1".into())] }
    }

    /// With a `main.tf`.
    pub fn with(main: &str) -> World {
        let world = World::new();
        world.write("main.tf", main);
        world
    }

    /// With an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> World {
        self.env.retain(|(n, _)| n != name);
        self.env.push((name.into(), value.into()));
        self
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of the files at the top, hidden ones too, sorted.
    pub fn files(&self) -> Vec<String> {
        names(self.dir.path())
    }

    /// The command, ready to start; words are split at spaces, and quoted ones held together.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_formwork"));
        command.args(words(args)).current_dir(self.dir.path()).env_clear();
        command.env("HOME", self.dir.path()).env("FORMWORK_NOW", NOW).env("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs it with nothing to read.
    pub fn run(&self, args: &str) -> Output {
        Output::of(self.command(args).output().unwrap())
    }

    /// Runs it with `input` typed.
    pub fn run_with(&self, args: &str, input: &str) -> Output {
        use std::io::Write;
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Output::of(child.wait_with_output().unwrap())
    }

    /// Runs it; it must end well.
    pub fn ok(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.code, 0, "{args}\n{}\n{}", output.out, output.err);
        output.out
    }

    /// Runs it; it must fail.
    pub fn fails(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!(output.code, 1, "{args}\n{}\n{}", output.out, output.err);
        output.err
    }
}

impl Output {
    fn of(raw: Raw) -> Output {
        Output {
            out: String::from_utf8(raw.stdout).unwrap(),
            err: String::from_utf8(raw.stderr).unwrap(),
            code: raw.status.code().unwrap_or(-1),
        }
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '\'' => (quoted, any) = (!quoted, true),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}
