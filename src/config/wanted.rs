//! A called module on its way in: what is wanted, and who brings it.
//!
//! Refuses to know how a module is brought.

use super::source::ModuleSource;
use crate::diag::{Diagnostic, Span};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a `module` block asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The path of calls that leads to it.
    pub path: &'a [Arc<str>],
    /// Where it comes from.
    pub source: &'a ModuleSource,
    /// The place of the source.
    pub span: &'a Span,
    /// The version constraint, with its place.
    pub version: Option<(&'a str, Option<&'a Span>)>,
}

/// Who brings modules while a configuration is loaded.
pub trait Install {
    /// A module that is a directory: nothing is to be done, but it belongs in the list.
    fn local(&mut self, wanted: &Wanted<'_>, dir: &Path);

    /// A module that comes from elsewhere: it is there when this returns. Gives its directory, relative to the root module's.
    ///
    /// # Errors
    /// It could not be brought.
    fn fetched(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostic>;
}
