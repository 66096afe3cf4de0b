//! Packages in git repositories, through the `git` command: it knows the user's keys, credentials and proxies.
//!
//! Refuses to know what a package is for.

use std::path::Path;
use std::process::{Command, Stdio};

/// What to get of a repository.
#[derive(Debug, Default)]
pub struct Repository {
    /// As `git clone` takes it.
    pub url: String,
    /// A branch, a tag or a commit.
    pub reference: Option<String>,
    /// So many commits only.
    pub depth: Option<u32>,
    /// A private key to log in with.
    pub key: Option<Vec<u8>>,
}

/// Clones into a directory that is not there yet. The error is a whole sentence, with what git said.
pub fn clone(repository: &Repository, to: &Path) -> Result<(), String> {
    let Repository { url, reference, depth, key } = repository;
    if url.starts_with('-') || reference.as_ref().is_some_and(|r| r.starts_with('-')) {
        return Err("A repository or reference that begins with a dash is none.".into());
    }
    let key = key.as_ref().map(|key| key_file(key, to)).transpose()?;
    let git = |arguments: &[&str], inside: bool| {
        let mut command = Command::new("git");
        if inside {
            command.arg("-C").arg(to);
        }
        command.args(arguments).stdin(Stdio::null());
        if let Some(key) = &key {
            command.env("GIT_SSH_COMMAND", format!("ssh -i '{}' -o IdentitiesOnly=yes", key.0.display()));
        }
        run(command)
    };
    let mut arguments = vec!["clone".to_string()];
    if let Some(depth) = depth {
        arguments.extend(["--depth".into(), depth.to_string()]);
        // A commit cannot be named here; git says so.
        arguments.extend(reference.iter().flat_map(|r| ["--branch".into(), r.clone()]));
    }
    arguments.extend(["--".into(), url.clone(), to.to_string_lossy().into_owned()]);
    git(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), false)?;
    if let (Some(reference), None) = (reference, depth) {
        git(&["checkout", "-q", reference, "--"], true)?;
    }
    if to.join(".gitmodules").exists() {
        let mut arguments = vec!["submodule", "update", "--init", "--recursive"];
        if depth.is_some() {
            arguments.extend(["--depth", "1"]);
        }
        git(&arguments, true)?;
    }
    Ok(())
}

fn run(mut command: Command) -> Result<(), String> {
    let output = match command.output() {
        Ok(output) => output,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err("git is not installed, or not in the PATH.".into());
        }
        Err(e) => return Err(format!("git cannot be started: {e}.")),
    };
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().map_or("by a signal".into(), |c| format!("with {c}"));
    Err(format!("git ended {code}:\n\n{}", said.trim()))
}

/// A file for ssh alone to read, gone with the value.
struct KeyFile(std::path::PathBuf);

impl Drop for KeyFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn key_file(key: &[u8], to: &Path) -> Result<KeyFile, String> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path =
        std::path::absolute(to.with_extension("key")).map_err(|e| format!("There is no place for the key: {e}."))?;
    let mut options = std::fs::OpenOptions::new();
    let written = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(key).and_then(|()| file.write_all(b"\n")));
    written.map_err(|e| format!("{} cannot be written: {e}.", path.display()))?;
    Ok(KeyFile(path))
}
