//! Modules that are called and not there: fetched from where their `source` says, into `.terraform/modules`, with the list that
//! Terraform keeps there, so that either program goes on where the other stopped.
//!
//! Refuses to know what stands in a module: `config` asks for each module that it comes to. It knows no AWS and no state.

mod archive;
pub mod cli_config;
mod git;
mod http;
mod netrc;
mod package;
mod registry;
mod zip;

#[cfg(test)]
mod tests;

use crate::config::manifest::{Installed, Manifest};
use crate::config::source::ModuleSource;
use crate::config::{Install, Wanted};
use crate::diag::Diagnostic;
use cli_config::CliConfig;
use package::{Failure, Fetcher};
use registry::Registry;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// What surrounds an installation.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The directory of the root module.
    pub root: PathBuf,
    /// `.terraform`, or what `TF_DATA_DIR` says: relative to the root module's directory.
    pub data_dir: PathBuf,
    /// The environment: tokens, `HOME`, where the settings of the command line are.
    pub env: BTreeMap<String, String>,
}

/// Brings modules while a configuration is loaded.
pub struct Installer<'a> {
    surroundings: Surroundings,
    runtime: tokio::runtime::Runtime,
    fetcher: Fetcher,
    registry: Registry,
    /// What was there before.
    before: Manifest,
    /// What there is now.
    now: Manifest,
    /// Whether everything is fetched again.
    upgrade: bool,
    tell: &'a mut dyn FnMut(&str),
}

impl<'a> Installer<'a> {
    /// An installer that tells each thing it does in a line.
    ///
    /// # Errors
    /// The settings of the command line, or the list of what is installed, cannot be read.
    pub fn new(
        surroundings: Surroundings,
        upgrade: bool,
        tell: &'a mut dyn FnMut(&str),
    ) -> Result<Installer<'a>, Diagnostic> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Diagnostic::error("Cannot start", format!("The system refused: {e}.")))?;
        let settings = CliConfig::load(&surroundings.env)?;
        let before = Manifest::on_disk(&surroundings.root.join(&surroundings.data_dir))
            .map_err(|why| Diagnostic::error("Invalid list of installed modules", why))?;
        let fetcher = Fetcher::new(&surroundings);
        let registry = Registry::new(settings);
        Ok(Installer { surroundings, runtime, fetcher, registry, before, now: Manifest::default(), upgrade, tell })
    }

    /// Writes the list of what is installed. What was there before and could not be replaced stays in it.
    ///
    /// # Errors
    /// The list cannot be written.
    pub fn finish(mut self, complete: bool) -> Result<(), Diagnostic> {
        if !complete {
            self.now.add_missing(&self.before);
        }
        let dir = self.modules_dir();
        let path = dir.join("modules.json");
        if self.now.is_empty() && !path.exists() {
            return Ok(());
        }
        let write = || {
            std::fs::create_dir_all(&dir)?;
            let new = dir.join(".modules.json.new");
            std::fs::write(&new, self.now.print())?;
            std::fs::rename(&new, &path)
        };
        write().map_err(|e| {
            Diagnostic::error("Cannot write the list of modules", format!("{} cannot be written: {e}.", path.display()))
        })
    }

    fn modules_dir(&self) -> PathBuf {
        self.surroundings.root.join(&self.surroundings.data_dir).join("modules")
    }

    /// Fetches the package of a module into the place of its key; gives the version, if it has one.
    fn fetch(&mut self, wanted: &Wanted<'_>, key: &str) -> Result<Installed, Diagnostic> {
        let (version, url, mut subdir) = match wanted.source {
            ModuleSource::Registry { host, name, subdir } => {
                let found = self.runtime.block_on(self.registry.select(host, name, wanted));
                let version = found?;
                (self.tell)(&format!("Downloading {host}/{name} {version} for {key}..."));
                let url = self.runtime.block_on(self.registry.location(host, name, &version, wanted))?;
                (Some(version), url, subdir.clone())
            }
            ModuleSource::Remote { url, subdir } => {
                (self.tell)(&format!("Downloading {url} for {key}..."));
                (None, url.clone(), subdir.clone())
            }
            ModuleSource::Local(_) => return Err(Diagnostic::error("Nothing to fetch", "A directory is there.")),
        };
        // The registry may say that what it has stands in a directory of the package.
        let url = match (wanted.source, ModuleSource::parse(&url)) {
            (ModuleSource::Registry { .. }, Ok(ModuleSource::Remote { url, subdir: inner })) => {
                subdir = [inner, subdir].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("/");
                url
            }
            _ => url,
        };
        let failed = |why: Failure| failure(wanted, key, &url, why);
        if Path::new(&subdir).components().any(|c| matches!(c, Component::ParentDir)) {
            let why = format!("The directory \"{subdir}\" behind // leads out of what is downloaded.");
            return Err(Diagnostic::error("Invalid module source address", why).at(wanted.span));
        }
        let modules = self.modules_dir();
        let place = modules.join(key);
        let fresh = modules.join(format!(".{key}.new"));
        let go = |e: std::io::Error| Failure::Other(format!("{} cannot be written: {e}.", modules.display()));
        std::fs::create_dir_all(&modules).map_err(|e| failed(go(e)))?;
        remove(&fresh).map_err(|e| failed(go(e)))?;
        let fetched = self.runtime.block_on(self.fetcher.fetch(&url, &fresh));
        let found = match fetched {
            Ok(inner) => {
                let subdir = [inner, subdir].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("/");
                find_subdir(&fresh, &subdir)
            }
            Err(why) => Err(why),
        };
        let moved = found.and_then(|subdir| {
            remove(&place).and_then(|()| std::fs::rename(&fresh, &place)).map_err(go)?;
            Ok(subdir)
        });
        match moved {
            Ok(subdir) => {
                self.fetcher.remember(&url, &place);
                let package = self.surroundings.data_dir.join("modules").join(key);
                let dir = if subdir.as_os_str().is_empty() { package } else { package.join(subdir) };
                Ok(Installed::new(key, wanted.source.to_string(), version, dir))
            }
            Err(why) => {
                // Nothing stays of what is not whole; what was there before does.
                let _ = remove(&fresh);
                Err(failed(why))
            }
        }
    }
}

impl Install for Installer<'_> {
    fn local(&mut self, wanted: &Wanted<'_>, dir: &Path) {
        let key = wanted.path.join(".");
        let dir = dir.strip_prefix(&self.surroundings.root).unwrap_or(dir);
        let record = Installed::new(&key, wanted.source.to_string(), None, dir.to_path_buf());
        if self.upgrade || self.before.get(wanted.path).is_none_or(|old| *old != record) {
            (self.tell)(&format!("- {key} in {}", dir.display()));
        }
        self.now.insert(record);
    }

    fn fetched(&mut self, wanted: &Wanted<'_>) -> Result<PathBuf, Diagnostic> {
        if !self.upgrade
            && let Some(old) = self.before.get(wanted.path)
            && old.serves(wanted)
            && self.surroundings.root.join(&old.dir).is_dir()
        {
            let dir = old.dir.clone();
            self.now.insert(old.clone());
            return Ok(dir);
        }
        let key = wanted.path.join(".");
        let record = self.fetch(wanted, &key)?;
        (self.tell)(&format!("- {key} in {}", record.dir.display()));
        let dir = record.dir.clone();
        self.now.insert(record);
        Ok(dir)
    }
}

/// Copies a module into a directory that is still empty: `init -from-module=`.
///
/// # Errors
/// The source is none, or cannot be fetched.
pub fn copy_module(source: &str, to: &Path, surroundings: &Surroundings) -> Result<(), Diagnostic> {
    let invalid = |why: String| Diagnostic::error("Invalid module source address", why);
    let failed = |why: String| Diagnostic::error("Failed to download module", why);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Diagnostic::error("Cannot start", format!("The system refused: {e}.")))?;
    let source = ModuleSource::parse(source).map_err(invalid)?;
    let fresh = to.join(".formwork-from-module");
    let (dir, whole) = match &source {
        ModuleSource::Local(path) => (surroundings.root.join(path), None),
        ModuleSource::Registry { .. } => {
            return Err(invalid(
                "A module of a registry is copied by the address of its repository, with git:: before it.".into(),
            ));
        }
        ModuleSource::Remote { url, subdir } => {
            let fetched = runtime.block_on(Fetcher::new(surroundings).fetch(url, &fresh));
            let found = fetched.and_then(|inner| {
                let subdir = [inner, subdir.clone()].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>();
                find_subdir(&fresh, &subdir.join("/"))
            });
            match found {
                Ok(subdir) => (fresh.join(subdir), Some(&fresh)),
                Err(why) => {
                    let _ = remove(&fresh);
                    return Err(failed(why.to_string()));
                }
            }
        }
    };
    let copied = package::copy_dir(&dir, to, 0);
    if let Some(fresh) = whole {
        let _ = remove(fresh);
    }
    copied.map_err(|e| failed(format!("{} cannot be copied: {e}.", dir.display())))
}

fn failure(wanted: &Wanted<'_>, key: &str, url: &str, why: Failure) -> Diagnostic {
    match why {
        Failure::NoSubdir(sub) => Diagnostic::error(
            "Unreadable module subdirectory",
            format!("What was downloaded from {url} for module \"{key}\" has no directory \"{sub}\"."),
        )
        .at(wanted.span),
        Failure::Unsupported { what, instead } => {
            Diagnostic::error("Unsupported module source", what).at(wanted.span).help(instead)
        }
        Failure::Other(why) => Diagnostic::error(
            "Failed to download module",
            format!("Could not download module \"{key}\" from \"{url}\": {why}"),
        )
        .at(wanted.span),
    }
}

/// The directory behind `//` in a package, relative to it. `*` in a name stands for the one directory that fits.
fn find_subdir(package: &Path, subdir: &str) -> Result<PathBuf, Failure> {
    let mut found = PathBuf::new();
    for part in subdir.split('/').filter(|p| !p.is_empty() && *p != ".") {
        if part == ".." {
            return Err(Failure::NoSubdir(subdir.into()));
        }
        if part.contains('*') {
            let names = std::fs::read_dir(package.join(&found)).into_iter().flatten().flatten();
            let mut fits: Vec<String> = names
                .filter(|e| e.path().is_dir())
                .filter_map(|e| e.file_name().into_string().ok())
                .filter(|name| !name.starts_with('.') && matches_star(part, name))
                .collect();
            fits.sort();
            match fits.as_slice() {
                [one] => found.push(one),
                [] => return Err(Failure::NoSubdir(subdir.into())),
                _ => {
                    let why = format!("\"{part}\" fits several directories: {}. Name one.", fits.join(", "));
                    return Err(Failure::Other(why));
                }
            }
        } else {
            found.push(part);
        }
        if !package.join(&found).is_dir() {
            return Err(Failure::NoSubdir(subdir.into()));
        }
    }
    Ok(found)
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn matches_star(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part).and_then(|i| rest.get(i + part.len()..)) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Removes a directory, a file or a link; nothing there is fine.
fn remove(path: &Path) -> std::io::Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(e) => Err(e),
    };
    match removed {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
