//! A directory of files → [`Config`]: which files count, override files, and the modules that are called, each in its directory.
//!
//! Refuses to know what stands in a block.

use super::files::{Files, Snapshot};
use super::manifest::Manifest;
use super::source::ModuleSource;
use super::wanted::{Install, Wanted};
use super::{Block, Body, Config, Module, ModuleCall, declare, overrides, syntax, validate};
use crate::diag::{Diagnostic, Diags, Source, Span};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How a configuration is loaded.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Where installed modules are: `.terraform`, or what `TF_DATA_DIR` says. Relative to the directory that is loaded.
    pub data_dir: PathBuf,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions { data_dir: ".terraform".into() }
    }
}

/// A module that is called and not (or no longer rightly) installed: what `formwork init` has to fetch.
#[derive(Clone, Debug)]
pub struct NotInstalled {
    /// The path of calls that leads to it: its key in the manifest.
    pub path: Vec<Arc<str>>,
    /// What was said about it.
    pub diagnostic: Diagnostic,
}

/// Calls below calls: more than this is a mistake.
const MAX_DEPTH: usize = 64;
/// Modules in one configuration: more than this is a mistake, too.
const MAX_MODULES: usize = 10_000;

/// Loads the configuration in `dir` and every module it calls. What is wrong is reported, all of it; the rest is loaded.
pub fn load(dir: &Path, options: &LoadOptions) -> (Config, Diags) {
    load_from(Files::disk(dir, &options.data_dir), dir, &options.data_dir, None)
}

/// Loads the configuration in `dir`, and has the modules brought that it calls.
pub fn load_installing(dir: &Path, options: &LoadOptions, installer: &mut dyn Install) -> (Config, Diags) {
    load_from(Files::disk(dir, &options.data_dir), dir, &options.data_dir, Some(installer))
}

/// Loads again what a plan file carries.
pub fn load_snapshot(snapshot: Snapshot) -> (Config, Diags) {
    let (root, data_dir) = (snapshot.root.clone(), snapshot.data_dir.clone());
    load_from(Files::replay(snapshot), &root, &data_dir, None)
}

fn load_from<'a>(
    mut files: Files,
    dir: &'a Path,
    data_dir: &Path,
    installer: Option<&'a mut dyn Install>,
) -> (Config, Diags) {
    let mut diags = Diags::new();
    let manifest = match installer {
        Some(_) => Manifest::default(),
        None => Manifest::read(&mut files, &dir.join(data_dir)).unwrap_or_else(|why| {
            diags.push(Diagnostic::error("Invalid list of installed modules", why));
            Manifest::default()
        }),
    };
    let mut loader = Loader {
        root: dir,
        files,
        manifest,
        installer,
        read: HashMap::new(),
        modules: 0,
        broken: BTreeSet::new(),
        not_installed: Vec::new(),
        diags,
    };
    let root = loader.module(clean(dir), Vec::new(), &mut Vec::new());
    let Loader { diags, mut files, broken, not_installed, .. } = loader;
    let locked_aws = super::aws_version::locked(&mut files, dir);
    let config = Config { root, snapshot: files.into_snapshot(), not_installed, locked_aws, whole: broken.is_empty() };
    let mut all = diags;
    // What a file declares behind an error of syntax is not known, so nobody is told that it is missing.
    if broken.is_empty() {
        validate::validate(&config, &mut all);
    }
    (config, sorted(all))
}

/// File by file and in each from top to bottom; files in the order in which they first come.
pub(super) fn sorted(diags: Diags) -> Diags {
    let mut all: Vec<Diagnostic> = diags.into_iter().collect();
    let mut names: Vec<String> = Vec::new();
    for name in all.iter().filter_map(|d| d.span.as_ref()).map(|s| &s.source.name) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let file = |s: &Span| names.iter().position(|n| *n == s.source.name);
    all.sort_by_key(|d| d.span.as_ref().map(|s| (file(s), s.start)));
    let mut sorted = Diags::new();
    sorted.extend(all);
    sorted
}

struct Loader<'a> {
    root: &'a Path,
    files: Files,
    manifest: Manifest,
    installer: Option<&'a mut dyn Install>,
    /// Directories read already: what they declare, without children.
    read: HashMap<PathBuf, Module>,
    modules: usize,
    /// Files with errors of syntax, by name.
    broken: BTreeSet<String>,
    not_installed: Vec<NotInstalled>,
    diags: Diags,
}

impl Loader<'_> {
    /// Loads the module in `dir`; `above` are the directories of the modules that lead here.
    fn module(&mut self, dir: PathBuf, path: Vec<Arc<str>>, above: &mut Vec<PathBuf>) -> Module {
        self.modules += 1;
        let mut module = match self.read.get(&dir) {
            Some(module) => module.clone(),
            None => {
                let module = self.directory(&dir);
                self.read.insert(dir.clone(), module.clone());
                module
            }
        };
        above.push(self.files.real(&dir));
        for call in module.calls.values() {
            let mut path = path.clone();
            path.push(call.name.name.clone());
            let Some(child) = self.child_dir(&dir, &path, call) else { continue };
            if let Some(d) = self.too_much(call, &child, above) {
                self.diags.push(d);
                continue;
            }
            let child = self.module(child, path, above);
            module.children.insert(call.name.name.clone(), child);
        }
        above.pop();
        module.path = path;
        module
    }

    fn too_much(&self, call: &ModuleCall, child: &Path, above: &[PathBuf]) -> Option<Diagnostic> {
        let (summary, detail) = if above.contains(&self.files.real(child)) {
            (
                "Module cycle",
                format!(
                    "{} is the directory of a module that leads here, so it would call itself forever.",
                    child.display()
                ),
            )
        } else if above.len() >= MAX_DEPTH {
            ("Modules nested too deeply", format!("There are {MAX_DEPTH} calls above this one already."))
        } else if self.modules >= MAX_MODULES {
            ("Too many modules", format!("This configuration has {MAX_MODULES} modules already."))
        } else {
            return None;
        };
        Some(Diagnostic::error(summary, detail).at(&call.source_span))
    }

    /// Where the called module's files are; reports why nowhere.
    fn child_dir(&mut self, dir: &Path, path: &[Arc<str>], call: &ModuleCall) -> Option<PathBuf> {
        // What is no source is reported where the block is read.
        let source = ModuleSource::parse(&call.source).ok()?;
        if let (Some(_), ModuleSource::Local(_) | ModuleSource::Remote { .. }) = (&call.version, &source) {
            let detail = "A version can be asked for only of a module that comes from a registry; this one does not. Remove the \
                          argument \"version\".";
            let d = Diagnostic::error("Invalid registry module source address", detail);
            self.diags.push(d.at_opt(call.version_span.as_ref()).with_related(&call.source_span, "the source"));
            return None;
        }
        let version = call.version.as_deref().map(|v| (v, call.version_span.as_ref()));
        let wanted = Wanted { path, source: &source, span: &call.source_span, version };
        if let ModuleSource::Local(local) = &source {
            let child = clean(&dir.join(local));
            if !self.files.is_dir(&child) {
                let detail = format!("There is no directory {}, where this module is said to be.", child.display());
                self.diags.push(Diagnostic::error("Unreadable module directory", detail).at(&call.source_span));
                return None;
            }
            if let Some(installer) = &mut self.installer {
                installer.local(&wanted, &child);
            }
            return Some(child);
        }
        if let Some(installer) = &mut self.installer {
            return match installer.fetched(&wanted) {
                Ok(dir) => Some(clean(&self.root.join(dir))),
                Err(d) => {
                    self.diags.push(d);
                    None
                }
            };
        }
        match self.find_installed(&wanted, &call.name.name) {
            Ok(dir) => Some(dir),
            Err(d) => {
                let d = d.help("Install the modules of this configuration:\n\n    formwork init");
                self.diags.push(d.clone());
                self.not_installed.push(NotInstalled { path: path.to_vec(), diagnostic: d });
                None
            }
        }
    }

    /// Where a module that is not a local directory was installed, if it was, and rightly.
    fn find_installed(&self, wanted: &Wanted<'_>, name: &str) -> Result<PathBuf, Diagnostic> {
        let (source, at) = (wanted.source, wanted.span);
        let Some(found) = self.manifest.get(wanted.path) else {
            let why = format!("The module \"{name}\" comes from {source} and is not installed yet.");
            return Err(Diagnostic::error("Module not installed", why).at(at));
        };
        if found.source != source.to_string() {
            let why =
                format!("The module \"{name}\" now comes from {source}; what is installed came from {}.", found.source);
            return Err(Diagnostic::error("Module source has changed", why).at(at));
        }
        if !found.version_serves(wanted) {
            let (version, span) = wanted.version.unwrap_or_default();
            let installed = found.version.as_deref().unwrap_or_default();
            let why = format!("The module \"{name}\" is wanted in version {version}; installed is {installed}.");
            return Err(Diagnostic::error("Module version requirements have changed", why).at_opt(span));
        }
        let dir = clean(&self.root.join(&found.dir));
        if !self.files.is_dir(&dir) {
            let why =
                format!("The module \"{name}\" was installed into {}, and that directory is gone.", dir.display());
            return Err(Diagnostic::error("Module not installed", why).at(at));
        }
        Ok(dir)
    }

    /// Reads all files of one directory.
    fn directory(&mut self, dir: &Path) -> Module {
        let mut module = Module { dir: dir.to_path_buf(), ..Module::default() };
        let names = match file_names(&self.files, dir) {
            Ok(names) => names,
            Err(e) => {
                let detail = format!("The directory {} cannot be read: {e}.", dir.display());
                self.diags.push(Diagnostic::error("Unreadable module directory", detail));
                return module;
            }
        };
        let (mut base, mut over) = (Vec::new(), Vec::new());
        for name in names {
            let path = if dir == Path::new(".") { PathBuf::from(&name) } else { dir.join(&name) };
            let Some(blocks) = self.file(&path) else { continue };
            module.files.push(path.display().to_string());
            if is_override(&name) { over.push(blocks) } else { base.extend(blocks) }
        }
        let mut found = Diags::new();
        for blocks in over {
            overrides::apply(&mut base, blocks, &mut found);
        }
        declare::declare(base, &mut module, &mut found);
        self.report(found);
        module
    }

    /// Adds findings about what blocks mean. In a file that could not be read whole they may only follow from that.
    fn report(&mut self, found: Diags) {
        let follows = |d: &Diagnostic| d.span.as_ref().is_some_and(|s| self.broken.contains(&s.source.name));
        self.diags.extend(found.into_iter().filter(|d| !follows(d)));
    }

    fn file(&mut self, path: &Path) -> Option<Vec<Block>> {
        let source = match read_with(&self.files, path) {
            Ok(source) => source,
            Err(d) => {
                self.diags.push(*d);
                return None;
            }
        };
        self.files.remember(path, &source.text);
        let (body, found) = parse(&source);
        // An argument set twice is no reason to doubt the rest.
        if found.iter().any(|d| d.is_error() && d.summary != "Attribute redefined") {
            self.broken.insert(source.name.clone());
        }
        self.diags.extend(found);
        let mut found = Diags::new();
        let blocks = declare::top_blocks(body, &mut found);
        self.report(found);
        Some(blocks)
    }
}

/// Reads a text file as a source named as the path is written.
pub(super) fn read_source(path: &Path) -> Result<Arc<Source>, Box<Diagnostic>> {
    read_with(&Files::disk(Path::new("."), Path::new(".")), path)
}

fn read_with(files: &Files, path: &Path) -> Result<Arc<Source>, Box<Diagnostic>> {
    let name = path.display().to_string();
    let fail = |summary, why: String| Err(Box::new(Diagnostic::error(summary, why)));
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(e) => return fail("Unreadable file", format!("{name} cannot be read: {e}.")),
    };
    if u32::try_from(bytes.len()).is_err() {
        return fail("Unreadable file", format!("{name} is larger than 4 GiB."));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(e) => {
            let good = e.utf8_error().valid_up_to();
            let line = e.as_bytes().iter().take(good).filter(|b| **b == b'\n').count() + 1;
            fail(
                "Invalid character encoding",
                format!("{name} is not UTF-8: line {line} holds bytes that are no text. Save it as UTF-8."),
            )
        }
    }
}

/// Reads a file in the syntax that its name says.
pub(super) fn parse(source: &Arc<Source>) -> (Body, Diags) {
    if source.name.ends_with(".json") {
        return syntax::parse_json(source);
    }
    syntax::parse(source)
}

/// The configuration files of a directory, sorted by name.
fn file_names(files: &Files, dir: &Path) -> io::Result<Vec<String>> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let mut names = files.list(dir)?;
    names.retain(|name| is_configuration(name));
    names.sort();
    Ok(names)
}

/// `*.tf` and `*.tf.json`, but no hidden files and no editors' copies.
fn is_configuration(name: &str) -> bool {
    let hidden = name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    !hidden && (name.ends_with(".tf") || name.ends_with(".tf.json"))
}

fn is_override(name: &str) -> bool {
    let stem = name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json")).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// Without `.` and with `..` resolved by name, as Terraform prints paths; `.` for nothing.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            part => out.push(part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}
