//! Several states of one configuration: which is the current one, and where each lives on this machine.

use super::local::Local;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The workspace that is always there.
pub const DEFAULT: &str = "default";

/// Where local states are, as the command line and a `backend "local"` block say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The directory that states are in, unless an option names the place: that of the configuration.
    pub dir: PathBuf,
    /// The backend's `path`: of the default workspace's state.
    pub path: Option<PathBuf>,
    /// The backend's `workspace_dir`.
    pub workspace_dir: Option<PathBuf>,
    /// `-state=`
    pub state: Option<PathBuf>,
    /// `-state-out=`
    pub state_out: Option<PathBuf>,
    /// `-backup=`; `-`: none.
    pub backup: Option<PathBuf>,
}

impl Places {
    /// The directory that holds the states of all workspaces but the default one.
    pub fn workspace_dir(&self) -> PathBuf {
        let dir = self.workspace_dir.clone().unwrap_or_else(|| "terraform.tfstate.d".into());
        if self.dir == Path::new(".") { dir } else { self.dir.join(dir) }
    }

    /// Where the state of `workspace` is.
    pub fn path_of(&self, workspace: &str) -> PathBuf {
        let path = match (&self.state, &self.path) {
            (Some(path), _) => return path.clone(),
            (None, Some(path)) if workspace == DEFAULT => path.clone(),
            (None, _) if workspace == DEFAULT => "terraform.tfstate".into(),
            (None, _) => return self.workspace_dir().join(workspace).join("terraform.tfstate"),
        };
        if self.dir == Path::new(".") { path } else { self.dir.join(path) }
    }

    /// The store of `workspace`.
    pub fn store(&self, workspace: &str) -> Local {
        let path = self.path_of(workspace);
        let out = self.state_out.clone().unwrap_or_else(|| path.clone());
        let local = match self.backup.as_deref() {
            None => Local::with_usual_backup(&out),
            Some(backup) if backup == Path::new("-") => Local::new(&out, None),
            Some(backup) => Local::new(&out, Some(backup.to_path_buf())),
        };
        if out == path { local } else { local.reading_from(path) }
    }

    /// The names of all workspaces, the default one first, then sorted.
    pub fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        match fs::read_dir(self.workspace_dir()) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry?;
                    if entry.file_type()?.is_dir() {
                        names.extend(entry.file_name().into_string());
                    }
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
        names.sort();
        names.insert(0, DEFAULT.into());
        Ok(names)
    }

    /// Makes a workspace, without a state yet.
    pub fn create(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.workspace_dir().join(name))
    }

    /// Removes a workspace and its state.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        fs::remove_dir_all(self.workspace_dir().join(name))
    }
}

/// Whether a workspace may be called so: as it is in a URL, without a path separator.
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~$&+,;=:@!*'()".contains(c))
}

/// The workspace that was selected in `data_dir` (`.terraform`).
pub fn selected(data_dir: &Path) -> io::Result<String> {
    match fs::read_to_string(data_dir.join("environment")) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_string()),
        Ok(_) => Ok(DEFAULT.into()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(DEFAULT.into()),
        Err(e) => Err(e),
    }
}

/// Selects a workspace for later runs.
pub fn select(data_dir: &Path, name: &str) -> io::Result<()> {
    fs::create_dir_all(data_dir)?;
    fs::write(data_dir.join("environment"), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Store;

    #[test]
    fn places_are_terraforms() {
        let p = |path: &str| Some(PathBuf::from(path));
        let plain = Places { dir: ".".into(), ..Places::default() };
        let cases = [
            (plain.clone(), DEFAULT, "terraform.tfstate"),
            (plain.clone(), "w", "terraform.tfstate.d/w/terraform.tfstate"),
            (Places { path: p("s/x.tfstate"), ..plain.clone() }, DEFAULT, "s/x.tfstate"),
            (Places { path: p("s/x.tfstate"), ..plain.clone() }, "w", "terraform.tfstate.d/w/terraform.tfstate"),
            (Places { workspace_dir: p("ws"), ..plain.clone() }, "w", "ws/w/terraform.tfstate"),
            (Places { state: p("y"), path: p("x"), ..plain.clone() }, "w", "y"),
            (Places { state: p("y"), state_out: p("z"), ..plain.clone() }, DEFAULT, "z"),
            (Places { dir: "/d".into(), ..plain.clone() }, "w", "/d/terraform.tfstate.d/w/terraform.tfstate"),
            (Places { dir: "/d".into(), path: p("/x"), ..plain }, DEFAULT, "/x"),
        ];
        for (places, workspace, expected) in cases {
            assert_eq!(places.store(workspace).place(), expected, "{places:?} {workspace}");
        }
    }

    #[test]
    fn names_fit_into_a_url() {
        for (name, valid) in [
            ("a-b_c.d~1", true),
            ("prod:eu", true),
            ("", false),
            ("a b", false),
            ("a/b", false),
            ("é", false),
            ("..", false),
        ] {
            assert_eq!(valid_name(name), valid, "{name}");
        }
    }

    #[test]
    fn workspaces_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let places = Places { dir: dir.path().into(), ..Places::default() };
        let data = dir.path().join(".terraform");
        assert_eq!(places.list().unwrap(), ["default"]);
        assert_eq!(selected(&data).unwrap(), "default");
        places.create("b").unwrap();
        places.create("a").unwrap();
        select(&data, "b").unwrap();
        assert_eq!(selected(&data).unwrap(), "b");
        assert_eq!(fs::read_to_string(data.join("environment")).unwrap(), "b");
        assert_eq!(places.list().unwrap(), ["default", "a", "b"]);
        places.delete("a").unwrap();
        assert_eq!(places.list().unwrap(), ["default", "b"]);
    }
}
