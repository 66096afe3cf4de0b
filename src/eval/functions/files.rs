//! Functions of paths and files, and templates. Relative paths start from the run's base directory.

use super::glob;
use super::{Args, FnError, hole};
use crate::value::{Fields, Marks, Type, Value, convert};
use base64::prelude::{BASE64_STANDARD, Engine};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A path made short by its text alone: no `.`, no `//`, and `..` only at the beginning.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// `~` at the beginning becomes the home directory.
fn expand(path: &str) -> Result<String, FnError> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(FnError::arg(0, "begins with the home directory of another user, which is not supported").got(path));
    }
    let home = std::env::var("HOME").ok().filter(|home| !home.is_empty());
    let home = home.ok_or_else(|| FnError::arg(0, "begins with ~, but HOME is not set").got(path))?;
    Ok(if rest.is_empty() { home } else { clean(&format!("{home}/{rest}")) })
}

/// Where the file of argument 0 is.
fn place(a: &Args<'_>) -> Result<PathBuf, FnError> {
    Ok(a.ctx.base_dir.join(clean(&expand(a.str(0))?)))
}

/// The file of argument 0.
pub(super) fn read(a: &Args<'_>) -> Result<Vec<u8>, FnError> {
    let path = place(a)?;
    let failed = |why: String| FnError::arg(0, why).got(a.str(0));
    if path.is_dir() {
        return Err(failed("names a directory, not a file".into()));
    }
    std::fs::read(&path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => failed(
            "names a file that does not exist. Functions read files before anything is planned, so a file that a resource \
             will create cannot be read"
                .into(),
        ),
        _ => failed(format!("names a file that cannot be read ({e})")),
    })
}

fn read_text(a: &Args<'_>) -> Result<String, FnError> {
    String::from_utf8(read(a)?).map_err(|_| {
        let message = "names a file that is not text in UTF-8. Take filebase64() where bytes are wanted";
        FnError::arg(0, message).got(a.str(0))
    })
}

pub(super) fn file(a: &Args<'_>) -> Result<Value, FnError> {
    read_text(a).map(Value::string)
}

pub(super) fn filebase64(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(BASE64_STANDARD.encode(read(a)?)))
}

/// Something else than a file at this place is a mistake.
pub(super) fn fileexists(a: &Args<'_>) -> Result<Value, FnError> {
    match std::fs::metadata(place(a)?) {
        Ok(found) if found.is_file() => Ok(true.into()),
        Ok(found) if found.is_dir() => Err(FnError::arg(0, "names a directory, not a file").got(a.str(0))),
        Ok(_) => Err(FnError::arg(0, "names something that is not a regular file").got(a.str(0))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false.into()),
        Err(e) => Err(FnError::arg(0, format!("cannot be looked for ({e})")).got(a.str(0))),
    }
}

/// Regular files below the path that match the pattern; the path may have wildcards itself.
pub(super) fn fileset(a: &Args<'_>) -> Result<Value, FnError> {
    let path = clean(&expand(a.str(0))?);
    let pattern = clean(&format!("{path}/{}", a.str(1)));
    // Where nothing can match, Terraform does not read the pattern.
    let below = pattern.starts_with(&format!("{path}/")) && !path.contains(['*', '?', '[', '{', '\\']);
    if below && !a.ctx.base_dir.join(&path).is_dir() {
        return Ok(Value::set(Type::String, Vec::new()));
    }
    let found = glob::files(a.ctx.base_dir, &pattern).map_err(|e| FnError::arg(1, e).got(a.str(1)))?;
    let files = found.iter().map(|file| Value::string(relative(&path, file))).collect();
    Ok(Value::set(Type::String, files))
}

/// The way from one clean path to another; both absolute or both not.
fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| path.split('/').filter(|p| !matches!(*p, "" | ".")).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - same);
    up.chain(to[same..].iter().map(|p| &**p)).collect::<Vec<_>>().join("/")
}

pub(super) fn abspath(a: &Args<'_>) -> Result<Value, FnError> {
    let path = Path::new(&a.ctx.facts.cwd).join(a.str(0));
    Ok(Value::string(clean(&path.to_string_lossy())))
}

pub(super) fn pathexpand(a: &Args<'_>) -> Result<Value, FnError> {
    expand(a.str(0)).map(Value::string)
}

pub(super) fn basename(a: &Args<'_>) -> Result<Value, FnError> {
    let path = a.str(0);
    let trimmed = path.trim_end_matches('/');
    Ok(Value::string(match (path, trimmed) {
        ("", _) => ".",
        (_, "") => "/",
        (_, trimmed) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }))
}

pub(super) fn dirname(a: &Args<'_>) -> Result<Value, FnError> {
    let end = a.str(0).rfind('/').map_or(0, |i| i + 1);
    Ok(Value::string(clean(&a.str(0)[..end])))
}

pub(super) fn templatefile(a: &Args<'_>) -> Result<Value, FnError> {
    refuse_nesting(a, "templatefile")?;
    let vars = variables(a)?;
    let text = read_text(a)?;
    (a.ctx.render)(&text, &clean(a.str(0)), vars)
}

/// The template must be a string already: numbers that became one are no templates.
pub(super) fn templatestring(a: &Args<'_>) -> Result<Value, FnError> {
    refuse_nesting(a, "templatestring")?;
    let Some(text) = a.values[0].as_str() else { return Err(FnError::arg(0, "must be a string")) };
    let vars = variables(a)?;
    let value = (a.ctx.render)(text, "<templatestring argument>", vars)?;
    if !value.is_known() && value.ty() == Type::Any {
        return Ok(hole(Type::String).mark(value.marks()));
    }
    match convert(&value, &Type::String) {
        Ok(value) if !value.is_null() => Ok(value),
        Ok(_) => Err(FnError::new("has null as its result")),
        Err(e) => Err(FnError::new(format!("needs a template whose result is a string: {e}"))),
    }
}

fn refuse_nesting(a: &Args<'_>, name: &str) -> Result<(), FnError> {
    match a.ctx.template_depth {
        0 => Ok(()),
        _ => Err(FnError::new(format!("cannot be called inside of a template that {name}() or its like renders"))),
    }
}

/// The variables of a template, by names that a template can write.
fn variables(a: &Args<'_>) -> Result<Fields, FnError> {
    let Some(fields) = a.values[1].as_fields() else { return Err(FnError::arg(1, "must be a map or an object")) };
    for name in fields.keys() {
        let mut letters = name.chars();
        let first = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if !first || !letters.all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            let message = "has a name that no template can write: it must begin with a letter and go on with letters, digits \
                           and underscores";
            return Err(FnError::arg(1, message).got(&**name));
        }
    }
    Ok(fields.iter().map(|(k, v)| (k.clone(), v.clone().mark(Marks::NONE))).collect())
}
