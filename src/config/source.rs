//! Where a module's files come from: the `source` of a `module` block, told apart as Terraform does.
//!
//! Refuses to know how a remote module is fetched.

use std::fmt;

/// What a `source` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleSource {
    /// `./x` or `../x`: a directory, relative to the calling module's.
    Local(String),
    /// `namespace/name/provider`, from a registry.
    Registry {
        /// Such as `registry.terraform.io`.
        host: String,
        /// `namespace/name/provider`
        name: String,
        /// Behind `//`; empty for the module's own directory.
        subdir: String,
    },
    /// Anything that is downloaded: in full, as Terraform writes it into `modules.json`.
    Remote {
        /// Such as `git::https://example.com/x.git?ref=v1`.
        url: String,
        /// Behind `//`; empty for the whole.
        subdir: String,
    },
}

const DEFAULT_REGISTRY: &str = "registry.terraform.io";

impl ModuleSource {
    /// Reads a `source`. The error is a whole sentence.
    pub fn parse(text: &str) -> Result<ModuleSource, String> {
        if text.trim().is_empty() {
            return Err(
                "The source is empty. Name a directory, such as \"./modules/x\", or a module of a registry.".into()
            );
        }
        if text == "." || text == ".." || ["./", "../", ".\\", "..\\"].iter().any(|p| text.starts_with(p)) {
            return Ok(ModuleSource::Local(text.replace('\\', "/")));
        }
        let (package, subdir) = split_subdir(text);
        if let Some(registry) = registry(&package, &subdir) {
            return Ok(registry);
        }
        match remote(&package) {
            Some(url) => {
                // What stands behind the name of a repository is a directory in it.
                let (url, inner) = split_subdir(&url);
                let subdir = [inner, subdir].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("/");
                Ok(ModuleSource::Remote { url, subdir })
            }
            None => Err(format!(
                "\"{text}\" is neither a directory nor an address that modules are fetched from. For a directory relative to \
                 this module write \"./{text}\"."
            )),
        }
    }
}

/// As `modules.json` has it.
impl fmt::Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModuleSource::Local(path) => f.write_str(path),
            ModuleSource::Registry { host, name, subdir } if subdir.is_empty() => write!(f, "{host}/{name}"),
            ModuleSource::Registry { host, name, subdir } => write!(f, "{host}/{name}//{subdir}"),
            ModuleSource::Remote { url, subdir } if subdir.is_empty() => f.write_str(url),
            ModuleSource::Remote { url, subdir } => match url.split_once('?') {
                Some((url, query)) => write!(f, "{url}//{subdir}?{query}"),
                None => write!(f, "{url}//{subdir}"),
            },
        }
    }
}

/// Takes `//dir` out, leaving `scheme://` and a query alone.
fn split_subdir(text: &str) -> (String, String) {
    let from = text.find("://").map_or(0, |i| i + 3);
    let Some(at) = text.get(from..).and_then(|rest| rest.find("//")).map(|i| from + i) else {
        return (text.into(), String::new());
    };
    let (package, rest) = (&text[..at], &text[at + 2..]);
    match rest.split_once('?') {
        Some((subdir, query)) => (format!("{package}?{query}"), subdir.into()),
        None => (package.into(), rest.into()),
    }
}

fn registry(package: &str, subdir: &str) -> Option<ModuleSource> {
    let parts: Vec<&str> = package.split('/').collect();
    let (host, name) = match parts.as_slice() {
        [namespace, name, provider] => (DEFAULT_REGISTRY, [*namespace, name, provider]),
        [host, namespace, name, provider] if host.contains('.') && !host.contains("::") => {
            (*host, [*namespace, name, provider])
        }
        _ => return None,
    };
    // These are known as places of repositories, not as registries.
    if matches!(host, "github.com" | "bitbucket.org" | "gitlab.com")
        || matches!(parts[0], "github.com" | "bitbucket.org")
    {
        return None;
    }
    let word = |s: &str| {
        !s.is_empty()
            && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && s.starts_with(|c: char| c.is_ascii_alphanumeric())
            && s.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let provider = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let host_ok = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
    (host_ok && word(name[0]) && word(name[1]) && provider(name[2])).then(|| ModuleSource::Registry {
        host: host.to_lowercase(),
        name: name.join("/"),
        subdir: subdir.into(),
    })
}

/// The full form of a remote address; `None` for what nothing is known to fetch.
fn remote(package: &str) -> Option<String> {
    if let Some(repository) = package.strip_prefix("github.com/") {
        return git_https("github.com", repository, 2);
    }
    if package.starts_with("bitbucket.org/") {
        return Some(format!("git::https://{}", with_git(package)));
    }
    // git@host:path, the form of scp.
    if let Some((user, rest)) = package.split_once('@')
        && !package.contains("://")
        && !user.contains(['/', ':'])
    {
        let (host, path) = rest.split_once(':')?;
        return Some(format!("git::ssh://{user}@{host}/{}", path.trim_start_matches('/')));
    }
    if let Some((scheme, rest)) = package.split_once("::") {
        return match scheme {
            "git" if rest.contains('@') && !rest.contains("://") => remote(rest),
            "git" | "hg" | "s3" | "gcs" | "http" | "https" | "file" => Some(package.into()),
            _ => None,
        };
    }
    if let Some((scheme, _)) = package.split_once("://") {
        return ["http", "https", "ssh", "git", "file", "hg", "s3", "gcs"].contains(&scheme).then(|| package.into());
    }
    if package.contains(".amazonaws.com/") {
        return Some(format!("s3::https://{package}"));
    }
    if package.contains("googleapis.com/") {
        return Some(format!("gcs::https://{package}"));
    }
    package.starts_with('/').then(|| format!("file://{package}"))
}

fn git_https(host: &str, repository: &str, parts: usize) -> Option<String> {
    let (path, query) = match repository.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (repository, String::new()),
    };
    let words: Vec<&str> = path.split('/').collect();
    if words.len() < parts || words.iter().any(|w| w.is_empty()) {
        return None;
    }
    let (repo, rest) = words.split_at(parts);
    let repo = repo.join("/");
    let repo = repo.strip_suffix(".git").unwrap_or(&repo);
    let rest = if rest.is_empty() { String::new() } else { format!("//{}", rest.join("/")) };
    Some(format!("git::https://{host}/{repo}.git{rest}{query}"))
}

fn with_git(package: &str) -> String {
    match package.split_once('?') {
        Some((path, query)) => format!("{}.git?{query}", path.trim_end_matches(".git")),
        None => format!("{}.git", package.trim_end_matches(".git")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_and_written_in_full() {
        for (text, full) in [
            ("./m", "./m"),
            ("../m/x", "../m/x"),
            ("terraform-aws-modules/iam/aws", "registry.terraform.io/terraform-aws-modules/iam/aws"),
            (
                "terraform-aws-modules/iam/aws//modules/iam-role",
                "registry.terraform.io/terraform-aws-modules/iam/aws//modules/iam-role",
            ),
            ("app.terraform.io/acme/vpc/aws", "app.terraform.io/acme/vpc/aws"),
            ("github.com/acme/x", "git::https://github.com/acme/x.git"),
            ("github.com/acme/x/sub/dir?ref=v1", "git::https://github.com/acme/x.git//sub/dir?ref=v1"),
            ("github.com/acme/x//sub?ref=v1", "git::https://github.com/acme/x.git//sub?ref=v1"),
            ("git@github.com:acme/x.git", "git::ssh://git@github.com/acme/x.git"),
            ("git::https://example.com/x.git?ref=v1", "git::https://example.com/x.git?ref=v1"),
            ("git::https://example.com/x.git//a/b?ref=v1", "git::https://example.com/x.git//a/b?ref=v1"),
            ("https://example.com/x.zip", "https://example.com/x.zip"),
            ("/abs/path//sub", "file:///abs/path//sub"),
        ] {
            assert_eq!(ModuleSource::parse(text).map(|s| s.to_string()).as_deref(), Ok(full), "{text}");
        }
        for text in ["", " ", "m", "modules/x", "foo::bar"] {
            assert!(ModuleSource::parse(text).is_err(), "{text}");
        }
    }
}
