//! What surrounds a run: where it is, its environment, its clock. Explicit, so that a test can hold the world still.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What surrounds a run.
#[derive(Clone, Debug)]
pub struct World {
    /// What the user calls us: `formwork`, or `terraform` where a link of that name points here.
    pub program: String,
    /// The directory that everything is relative to. `.` in a process of our own.
    pub cwd: PathBuf,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The clock, if it stands still.
    pub frozen: Option<Timestamp>,
    /// Whether AWS is the sandbox: `-sandbox` or `FORMWORK_SANDBOX=1`.
    pub in_sandbox: bool,
}

impl World {
    /// The process's own. `FORMWORK_NOW` (RFC 3339) holds the clock, for tests and reproducible output.
    pub fn of_process() -> World {
        let env: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        let program = std::env::args_os().next().unwrap_or_default();
        let program = Path::new(&program).file_stem().and_then(|s| s.to_str()).unwrap_or("formwork").to_string();
        let frozen = env.get("FORMWORK_NOW").and_then(|now| now.parse().ok());
        let in_sandbox = env.get("FORMWORK_SANDBOX").is_some_and(|v| !matches!(&**v, "" | "0" | "false"));
        World { program, cwd: ".".into(), env, frozen, in_sandbox }
    }

    /// A variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.frozen.unwrap_or_else(Timestamp::now)
    }

    /// A path that the user gave.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        if self.cwd == Path::new(".") { path.as_ref().to_path_buf() } else { self.cwd.join(path) }
    }

    /// `.terraform`, or what `TF_DATA_DIR` says.
    pub fn data_dir(&self) -> PathBuf {
        self.path(self.var("TF_DATA_DIR").unwrap_or(".terraform"))
    }

    /// The same as the loader of configurations wants it: relative to the directory that is loaded.
    pub fn data_dir_option(&self) -> PathBuf {
        self.var("TF_DATA_DIR").unwrap_or(".terraform").into()
    }

    /// Where everything of the sandbox lives, if this run is in it: `.formwork/sandbox`.
    pub fn sandbox(&self) -> Option<PathBuf> {
        self.in_sandbox.then(|| self.path(".formwork/sandbox"))
    }

    /// What the program calls itself in sentences: `formwork`, or `Terraform` where it stands in for it.
    pub fn product(&self) -> &'static str {
        if self.poses() { "Terraform" } else { "formwork" }
    }

    /// Whether we go by another tool's name and must look like it: also by those that wrappers give it (`terraform-bin` of setup-terraform,
    /// `terraform1.11.4` of Atlantis).
    pub fn poses(&self) -> bool {
        let rest = self.program.strip_prefix("terraform").or_else(|| self.program.strip_prefix("tofu"));
        rest.is_some_and(|rest| matches!(rest, "" | "-bin") || rest.starts_with(|c: char| c.is_ascii_digit()))
    }
}
