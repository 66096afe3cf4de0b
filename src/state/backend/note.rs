//! `.terraform/terraform.tfstate`: no state, but Terraform's note about which backend `init` configured.
//!
//! Written and read in Terraform's own form (version 3), so that after either program's `init` the other one works.

use super::arguments::Arguments;
use crate::state::error::Error;
use crate::state::{TERRAFORM_VERSION, print_json};
use serde_json::{Value as Json, json};
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What `init` configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Of which kind; another than ours, perhaps.
    pub kind: String,
    /// The arguments, those of `-backend-config` included; `None` for a kind that we do not know.
    pub arguments: Option<Arguments>,
    /// The hash of the block that they belong to.
    pub hash: u64,
}

/// The file in a data directory.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("terraform.tfstate")
}

/// Reads it; `None`: no backend is configured.
///
/// # Errors
/// It is there and cannot be read, or is no such note.
pub fn read(data_dir: &Path) -> Result<Option<Note>, Error> {
    let path = path(data_dir);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", &path, e)),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let invalid = |what: String| Error::io("read", &path, io::Error::new(io::ErrorKind::InvalidData, what));
    let json: Json = serde_json::from_str(&text).map_err(|e| invalid(format!("it is no JSON ({e})")))?;
    let Some(backend) = json.get("backend").filter(|b| !b.is_null()) else { return Ok(None) };
    let Some(kind) = backend.get("type").and_then(Json::as_str).filter(|k| !k.is_empty()) else { return Ok(None) };
    let empty = serde_json::Map::new();
    let config = backend.get("config").and_then(Json::as_object).unwrap_or(&empty);
    Ok(Some(Note {
        kind: kind.to_string(),
        arguments: Arguments::from_json(kind, config),
        hash: backend.get("hash").and_then(Json::as_u64).unwrap_or(0),
    }))
}

/// Writes it: `arguments` as configured, for a block of this hash. It may hold keys, so only its owner may read it.
pub fn write(data_dir: &Path, arguments: &Arguments, hash: u32) -> Result<(), Error> {
    let note = json!({
        "version": 3,
        "terraform_version": TERRAFORM_VERSION,
        "backend": { "type": arguments.kind(), "config": arguments.to_json(), "hash": hash },
    });
    put(data_dir, &note)
}

/// Notes that no backend is configured. Where nothing was noted, nothing is done.
pub fn clear(data_dir: &Path) -> Result<(), Error> {
    if path(data_dir).exists() {
        put(data_dir, &json!({ "version": 3, "terraform_version": TERRAFORM_VERSION }))?;
    }
    Ok(())
}

fn put(data_dir: &Path, note: &Json) -> Result<(), Error> {
    let path = path(data_dir);
    let beside = data_dir.join(".terraform.tfstate.tmp");
    let written = || -> io::Result<()> {
        use io::Write;
        fs::create_dir_all(data_dir)?;
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(print_json(note).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    written().map_err(|e| {
        let _ = fs::remove_file(&beside);
        Error::io("write", &path, e)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;
    use std::sync::Arc;

    /// As terraform 1.11.4 wrote it.
    const LOCAL: &str = r#"{
  "version": 3,
  "terraform_version": "1.11.4",
  "backend": {
    "type": "local",
    "config": {
      "path": "x/y.tfstate",
      "workspace_dir": null
    },
    "hash": 1293398979
  }
}"#;

    #[test]
    fn the_note_is_terraforms() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join(".terraform");
        assert_eq!(read(&data).unwrap(), None);
        let given = [(Arc::from("path"), Value::string("x/y.tfstate"))].into();
        let arguments = Arguments::new("local", &given).unwrap();
        write(&data, &arguments, arguments.hash()).unwrap();
        assert_eq!(fs::read_to_string(path(&data)).unwrap().trim_end(), LOCAL);
        let note = read(&data).unwrap().unwrap();
        assert_eq!(note, Note { kind: "local".into(), arguments: Some(arguments), hash: 1_293_398_979 });
        clear(&data).unwrap();
        assert_eq!(read(&data).unwrap(), None);
        let cleared = fs::read_to_string(path(&data)).unwrap();
        assert_eq!(cleared.trim_end(), "{\n  \"version\": 3,\n  \"terraform_version\": \"1.11.4\"\n}");
    }

    #[test]
    fn others_notes_are_told() {
        let dir = tempfile::tempdir().unwrap();
        for (text, kind) in [
            (r#"{"version":3,"backend":{"type":"gcs","config":{"bucket":"b"},"hash":1}}"#, Some("gcs")),
            (r#"{"version":3,"backend":null}"#, None),
            ("{}", None),
            ("", None),
        ] {
            fs::write(path(dir.path()), text).unwrap();
            let note = read(dir.path()).unwrap();
            assert_eq!(note.as_ref().map(|n| &*n.kind), kind, "{text}");
            assert!(note.is_none_or(|n| n.arguments.is_none()));
        }
        fs::write(path(dir.path()), "{").unwrap();
        assert!(read(dir.path()).is_err());
    }
}
