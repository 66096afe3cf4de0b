//! The address of a package → its files in a directory: which way it is fetched, and the parameters behind `?` that say how.
//!
//! Refuses to know modules and registries.

use super::archive::{self, Kind, Named};
use super::http::{self, Http, decoded};
use super::{Surroundings, git, netrc};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no package.
#[derive(Debug)]
pub enum Failure {
    /// It has no such directory.
    NoSubdir(String),
    /// This way of fetching is not there: what is asked, and what to do instead.
    Unsupported {
        /// A whole sentence.
        what: String,
        /// What to do.
        instead: String,
    },
    /// Anything else, in whole sentences.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoSubdir(sub) => write!(f, "It has no directory \"{sub}\"."),
            Failure::Unsupported { what, instead } => write!(f, "{what} {instead}"),
            Failure::Other(why) => f.write_str(why),
        }
    }
}

impl From<String> for Failure {
    fn from(why: String) -> Failure {
        Failure::Other(why)
    }
}

/// Addresses that lead to other addresses: more than this go in a circle.
const HOPS: usize = 5;

/// Fetches packages.
pub struct Fetcher {
    http: Http,
    env: BTreeMap<String, String>,
    /// What was fetched in this run already, and where it is: many modules come out of one repository.
    fetched: HashMap<String, PathBuf>,
}

impl Fetcher {
    /// A fetcher that has nothing yet.
    pub fn new(surroundings: &Surroundings) -> Fetcher {
        Fetcher { http: Http::default(), env: surroundings.env.clone(), fetched: HashMap::new() }
    }

    /// From now on this package can be copied from there.
    pub fn remember(&mut self, url: &str, place: &Path) {
        self.fetched.entry(url.to_string()).or_insert_with(|| place.to_path_buf());
    }

    /// Puts the package into `to`, which is not there yet. Gives the directory in it that the address turned out to mean; empty for
    /// all of it.
    pub async fn fetch(&self, url: &str, to: &Path) -> Result<String, Failure> {
        if let Some(place) = self.fetched.get(url) {
            let copied = match std::fs::read_link(place) {
                Ok(target) => link(&target, to),
                Err(_) => copy_dir(place, to, 0),
            };
            copied.map_err(|e| format!("{} cannot be copied: {e}.", place.display()))?;
            return Ok(String::new());
        }
        let mut url = url.to_string();
        let mut inside = String::new();
        for _ in 0..HOPS {
            let (way, plain, query) = take_apart(&url);
            let refuse = |what: &str, instead: &str| {
                let what = format!("Modules cannot be fetched {what}: {url}.");
                Err(Failure::Unsupported { what, instead: instead.into() })
            };
            let elsewhere = "Fetch it with a tool that can and name the directory, or run terraform get: what is installed is used.";
            match &*way {
                "git" | "ssh" => {
                    git::clone(&repository(&plain, &query)?, to)?;
                    return Ok(inside);
                }
                "file" => {
                    self.file(&plain, &query, to)?;
                    return Ok(inside);
                }
                "http" | "https" => match self.over_http(&plain, &query, to).await? {
                    None => return Ok(inside),
                    Some(next) => {
                        let (package, sub) = split_inside(&next);
                        if !sub.is_empty() {
                            inside = sub;
                        }
                        url = package;
                    }
                },
                "s3" => return refuse("from S3", elsewhere),
                "gcs" => return refuse("from Google Cloud Storage", elsewhere),
                "hg" => return refuse("with Mercurial", elsewhere),
                other => return refuse(&format!("by \"{other}\""), "Use git:: or https:// for example."),
            }
        }
        Err(Failure::Other(format!("The address leads to another one more than {HOPS} times.")))
    }

    /// A directory or an archive on this machine.
    fn file(&self, url: &str, query: &Query, to: &Path) -> Result<(), Failure> {
        let path = PathBuf::from(decoded(url.strip_prefix("file://").unwrap_or(url)));
        if path.is_dir() {
            return link(&path, to).map_err(|e| format!("{} cannot be linked: {e}.", path.display()).into());
        }
        let bytes = std::fs::read(&path).map_err(|e| format!("{} cannot be read: {e}.", path.display()))?;
        match kind(&path.to_string_lossy(), query)? {
            Some(kind) => check_then_unpack(&bytes, query, kind, to),
            None => Err(Failure::Other(format!("{} is neither a directory nor an archive.", path.display()))),
        }
    }

    /// An archive, or an address that says where it really is.
    async fn over_http(&self, url: &str, query: &Query, to: &Path) -> Result<Option<String>, Failure> {
        let path = url.split('?').next().unwrap_or(url);
        let kind = kind(path, query)?;
        let asked = match kind {
            Some(_) => url.to_string(),
            None => format!("{url}{}terraform-get=1", if url.contains('?') { '&' } else { '?' }),
        };
        let mut headers = Vec::new();
        if let Some((login, password)) = netrc::login(&self.env, http::host(url)) {
            use base64::Engine;
            let code = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"));
            headers.push(("authorization", format!("Basic {code}")));
        }
        let answer = self.http.get(&asked, &headers).await?;
        if !answer.is_success() {
            return Err(Failure::Other(format!("The server answered {}.", answer.status)));
        }
        if let Some(kind) = kind {
            check_then_unpack(&answer.body, query, kind, to)?;
            return Ok(None);
        }
        let named = answer.header("x-terraform-get").map(String::from).or_else(|| meta(&answer.body));
        match named {
            Some(next) => Ok(Some(http::resolve(&answer.url, next.trim()))),
            None => Err(Failure::Other(
                "The address ends like no archive, and what is there does not say where one is (X-Terraform-Get). If it is an \
                 archive, say how it is packed: with ?archive=zip or ?archive=tar.gz."
                    .into(),
            )),
        }
    }
}

/// The parameters that are ours; the others stay in the address.
#[derive(Debug, Default)]
struct Query(BTreeMap<String, String>);

impl Query {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }
}

/// The way of fetching, the address without it and without our parameters, and these.
fn take_apart(url: &str) -> (String, String, Query) {
    let (forced, rest) = match url.split_once("::") {
        Some((way, rest)) if way.chars().all(|c| c.is_ascii_alphanumeric()) => (Some(way), rest),
        _ => (None, url),
    };
    let way =
        forced.map_or_else(|| rest.split_once("://").map_or("file", |(scheme, _)| scheme).to_string(), String::from);
    let ours: &[&str] = match &*way {
        "git" | "ssh" => &["ref", "depth", "sshkey"],
        _ => &["archive", "checksum", "filename"],
    };
    let Some((plain, query)) = rest.split_once('?') else { return (way, rest.into(), Query::default()) };
    let mut found = Query::default();
    let mut others = Vec::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if ours.contains(&name) {
            found.0.insert(name.into(), decoded(value));
        } else {
            others.push(pair);
        }
    }
    let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    (way, format!("{plain}{query}"), found)
}

fn repository(url: &str, query: &Query) -> Result<git::Repository, Failure> {
    let depth = match query.get("depth") {
        None => None,
        Some(text) => match text.parse::<u32>() {
            Ok(0) => None,
            Ok(n) => Some(n),
            Err(_) => return Err(Failure::Other(format!("The depth \"{text}\" is no number of commits."))),
        },
    };
    let key = match query.get("sshkey") {
        None => None,
        Some(text) => {
            use base64::Engine;
            let key = base64::engine::general_purpose::STANDARD.decode(text);
            Some(key.map_err(|_| "The sshkey is not written in base64.".to_string())?)
        }
    };
    Ok(git::Repository { url: url.into(), reference: query.get("ref").map(String::from), depth, key })
}

/// How what is at this path is packed, by `?archive=` or by its name; `None` if it is no archive.
fn kind(path: &str, query: &Query) -> Result<Option<Kind>, Failure> {
    let name = match query.get("archive") {
        Some("false" | "0") => return Ok(None),
        Some(archive) => archive,
        None => path,
    };
    match archive::named(name) {
        Named::Archive(kind) => Ok(Some(kind)),
        Named::Foreign(how) => Err(Failure::Unsupported {
            what: format!("Modules cannot be unpacked from {how}: formwork unpacks zip, tar and tar.gz."),
            instead: "Pack it as one of these, or run terraform get: what is installed is used.".into(),
        }),
        Named::Other if query.get("archive").is_some() => {
            Err(Failure::Other(format!("\"{name}\" is no way to pack an archive. It can be zip, tar or tar.gz.")))
        }
        Named::Other => Ok(None),
    }
}

fn check_then_unpack(bytes: &[u8], query: &Query, kind: Kind, to: &Path) -> Result<(), Failure> {
    if let Some(checksum) = query.get("checksum") {
        check(bytes, checksum)?;
    }
    Ok(archive::unpack(kind, bytes, to)?)
}

/// Holds what came against `sha256:...`, or against digits alone, whose number tells the algorithm.
fn check(bytes: &[u8], checksum: &str) -> Result<(), String> {
    use sha2::Digest;
    let hex = |digest: &[u8]| digest.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let (name, wanted) = match checksum.split_once(':') {
        Some((name, wanted)) => (name.to_string(), wanted),
        None => {
            let name = match checksum.len() {
                32 => "md5",
                40 => "sha1",
                64 => "sha256",
                128 => "sha512",
                _ => "",
            };
            (name.to_string(), checksum)
        }
    };
    let found = match &*name {
        "md5" => hex(&md5::Md5::digest(bytes)),
        "sha1" => hex(&sha1::Sha1::digest(bytes)),
        "sha256" => hex(&sha2::Sha256::digest(bytes)),
        "sha512" => hex(&sha2::Sha512::digest(bytes)),
        _ => {
            return Err(format!(
                "The checksum \"{checksum}\" cannot be checked. Write it as md5:, sha1:, sha256: or sha512: and the digits."
            ));
        }
    };
    if found == wanted.to_lowercase() {
        return Ok(());
    }
    Err(format!("The checksum of what came is another one.\n\nExpected: {wanted}\nGot:      {found}"))
}

/// `<meta name="terraform-get" content="...">` in a page.
fn meta(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let pattern = regex::Regex::new(r#"(?is)<meta\s+[^>]*name\s*=\s*["']terraform-get["'][^>]*>"#).ok()?;
    let content = regex::Regex::new(r#"(?is)content\s*=\s*["']([^"']*)["']"#).ok()?;
    let tag = pattern.find(&text)?;
    Some(content.captures(tag.as_str())?.get(1)?.as_str().replace("&amp;", "&"))
}

/// Takes `//dir` out of an address.
fn split_inside(url: &str) -> (String, String) {
    match crate::config::source::ModuleSource::parse(url) {
        Ok(crate::config::source::ModuleSource::Remote { url, subdir }) => (url, subdir),
        _ => (url.into(), String::new()),
    }
}

fn link(target: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, to)
}

/// Copies what is in a directory into another. Links stay links.
pub fn copy_dir(from: &Path, to: &Path, depth: usize) -> io::Result<()> {
    if depth > 100 {
        return Err(io::Error::other("the directories are nested too deeply"));
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            link(&std::fs::read_link(&path)?, &target)?;
        } else if kind.is_dir() {
            // The history of a repository is no part of a module.
            if entry.file_name() != ".git" {
                copy_dir(&path, &target, depth + 1)?;
            }
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_parameters_are_taken_out() {
        for (url, way, plain, ours) in [
            ("git::https://h/x.git?ref=v1&depth=1&a=b", "git", "https://h/x.git?a=b", "depth=1 ref=v1"),
            ("https://h/x?archive=zip&token=t", "https", "https://h/x?token=t", "archive=zip"),
            ("https://h/x.zip?ref=1", "https", "https://h/x.zip?ref=1", ""),
            ("file:///a/b", "file", "file:///a/b", ""),
            ("s3::https://h/b/k.zip", "s3", "https://h/b/k.zip", ""),
            ("git::ssh://git@h/x?ref=a%2Fb", "git", "ssh://git@h/x", "ref=a/b"),
            ("https://h/a::b", "https", "https://h/a::b", ""),
        ] {
            let (found, rest, query) = take_apart(url);
            let query: Vec<String> = query.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
            assert_eq!((&*found, &*rest, &*query.join(" ")), (way, plain, ours), "{url}");
        }
    }

    #[test]
    fn checksums_are_checked() {
        // printf hi | md5sum, and so on.
        for (checksum, ok) in [
            ("49f68a5c8493ec2c0bf489821c21fc3b", true),
            ("md5:49f68a5c8493ec2c0bf489821c21fc3b", true),
            ("MD5:49f68a5c8493ec2c0bf489821c21fc3b", false),
            ("c22b5f9178342609428d6f51b2c5af4c0bde6a42", true),
            ("sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4", true),
            ("sha256:8F434346648F6B96DF89DDA901C5176B10A6D83961DD3C1AC88B59B2DC327AA4", true),
            ("sha256:0000", false),
            ("file:sums.txt", false),
            ("", false),
        ] {
            assert_eq!(check(b"hi", checksum).is_ok(), ok, "{checksum}");
        }
    }

    #[test]
    fn a_page_can_say_where_the_package_is() {
        let page = b"<html><META content='https://h/x.zip?a=1&amp;b=2' name='terraform-get'></html>";
        assert_eq!(meta(page).as_deref(), Some("https://h/x.zip?a=1&b=2"));
        assert_eq!(meta(b"<meta name=\"x\" content=\"y\">"), None);
    }
}
