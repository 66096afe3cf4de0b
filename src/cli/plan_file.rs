//! Plan files on their way in: what else a file may be.

use super::World;
use crate::diag::Diagnostic;
use std::path::Path;

/// What the user gave where a plan or state file is wanted, as text. `summary` is what a failure is called.
pub fn read(world: &World, path: &Path, summary: &'static str) -> Result<String, Diagnostic> {
    let name = path.display();
    let bytes = std::fs::read(world.path(path))
        .map_err(|e| Diagnostic::error(summary, format!("{name} cannot be read: {e}.")))?;
    if bytes.starts_with(b"PK\x03\x04") {
        let detail = format!(
            "{name} is a plan file of Terraform's own kind, which only the Terraform that wrote it can read and apply."
        );
        return Err(
            Diagnostic::error(summary, detail).help(format!("Plan here:\n\n  {} plan -out=FILE", world.program))
        );
    }
    String::from_utf8(bytes)
        .map_err(|_| Diagnostic::error(summary, format!("{name} is not text: it is neither a plan nor a state file.")))
}
