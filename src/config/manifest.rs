//! What `terraform init` (or `formwork init`) installed: `.terraform/modules/modules.json`.
//!
//! Refuses to know how it was installed.

use super::files::Files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The installed modules by the path of calls that leads to them, joined with dots.
#[derive(Clone, Debug, Default)]
pub struct Manifest(BTreeMap<String, Installed>);

/// One installed module.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Installed {
    /// The source in full, as it was when it was installed.
    #[serde(default)]
    pub source: String,
    /// The version, if it came from a registry.
    #[serde(default)]
    pub version: Option<String>,
    /// The directory, relative to the root module's.
    pub dir: PathBuf,
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    modules: Vec<Installed>,
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
        let file: File = serde_json::from_str(&text)
            .map_err(|e| format!("{} is damaged ({e}). Delete it and install the modules again.", path.display()))?;
        Ok(Manifest(file.modules.into_iter().map(|m| (m.key.clone(), m)).collect()))
    }

    /// What was installed for this path of calls.
    pub fn get(&self, path: &[std::sync::Arc<str>]) -> Option<&Installed> {
        self.0.get(&path.join("."))
    }
}
