//! What `terraform init` (or `formwork init`) installed: `.terraform/modules/modules.json`.
//!
//! Refuses to know how it was installed.

use super::files::Files;
use super::version::{Constraint, Version};
use super::wanted::Wanted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The installed modules by the path of calls that leads to them, joined with dots.
#[derive(Clone, Debug, Default)]
pub struct Manifest(BTreeMap<String, Installed>);

/// One installed module.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Installed {
    key: String,
    /// The source in full, as it was when it was installed.
    #[serde(default)]
    pub source: String,
    /// The version, if it came from a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The directory, relative to the root module's.
    pub dir: PathBuf,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    modules: Vec<Installed>,
}

impl Installed {
    /// An entry of the list.
    pub fn new(key: &str, source: String, version: Option<String>, dir: PathBuf) -> Installed {
        Installed { key: key.into(), source, version, dir }
    }

    /// Whether it is what is wanted: from the same source, in a version that is allowed.
    pub fn serves(&self, wanted: &Wanted<'_>) -> bool {
        self.source == wanted.source.to_string() && self.version_serves(wanted)
    }

    /// Whether its version is allowed.
    pub fn version_serves(&self, wanted: &Wanted<'_>) -> bool {
        let (Some((constraint, _)), Some(version)) = (wanted.version, &self.version) else { return true };
        match (constraint.parse::<Constraint>(), version.parse::<Version>()) {
            (Ok(constraint), Ok(version)) => constraint.allows(&version) || constraint.is_exactly(&version),
            _ => true,
        }
    }
}

impl Manifest {
    /// Reads `modules/modules.json` below `data_dir`; empty where there is none. The error is a whole sentence.
    pub(super) fn read(files: &mut Files, data_dir: &Path) -> Result<Manifest, String> {
        let path = data_dir.join("modules").join("modules.json");
        let text = match files.read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Manifest::default());
            }
            Err(e) => return Err(format!("{} cannot be read: {e}.", path.display())),
        };
        files.remember(&path, &text);
        Manifest::parse(&text, &path)
    }

    /// Reads the list below `data_dir` from the disk.
    ///
    /// # Errors
    /// A whole sentence.
    pub fn on_disk(data_dir: &Path) -> Result<Manifest, String> {
        Manifest::read(&mut Files::disk(Path::new("."), Path::new(".")), data_dir)
    }

    fn parse(text: &str, path: &Path) -> Result<Manifest, String> {
        let file: File = serde_json::from_str(text)
            .map_err(|e| format!("{} is damaged ({e}). Delete it and install the modules again.", path.display()))?;
        Ok(Manifest(file.modules.into_iter().map(|m| (m.key.clone(), m)).collect()))
    }

    /// The list as Terraform writes it: the root module first.
    pub fn print(&self) -> String {
        let root = Installed::new("", String::new(), None, ".".into());
        let called = self.0.values().filter(|m| !m.key.is_empty()).cloned();
        let file = File { modules: std::iter::once(root).chain(called).collect() };
        let text = serde_json::to_string(&file).unwrap_or_default();
        // So that the same text comes out of both programs: Go escapes these.
        text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
    }

    /// Adds an entry, or puts it in the place of the one with its key.
    pub fn insert(&mut self, module: Installed) {
        self.0.insert(module.key.clone(), module);
    }

    /// Adds the entries of another list that are not in this one.
    pub fn add_missing(&mut self, other: &Manifest) {
        for (key, module) in &other.0 {
            self.0.entry(key.clone()).or_insert_with(|| module.clone());
        }
    }

    /// Whether nothing is installed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was installed for this path of calls.
    pub fn get(&self, path: &[Arc<str>]) -> Option<&Installed> {
        self.0.get(&path.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_written_as_terraform_writes_it() {
        // The file of Terraform 1.11.4.
        let text = concat!(
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},"#,
            r#"{"Key":"a","Source":"git::file:///r?ref=v1\u0026depth=1","Dir":".terraform/modules/a"},"#,
            r#"{"Key":"a.b","Source":"registry.terraform.io/n/m/aws//sub","Version":"1.10.1","Dir":".terraform/modules/a.b/sub"},"#,
            r#"{"Key":"l","Source":"./local","Dir":"local"}]}"#
        );
        let manifest = Manifest::parse(text, Path::new("modules.json")).unwrap();
        assert_eq!(manifest.print(), text);
        assert_eq!(manifest.get(&["a".into()]).unwrap().source, "git::file:///r?ref=v1&depth=1");
    }
}
