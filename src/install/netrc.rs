//! `~/.netrc`: who we are at which host, for archives over HTTP. (git reads it by itself.)
//!
//! Refuses to know what is got.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The login and password for a host, from the file that `NETRC` names, or from `~/.netrc`.
pub fn login(env: &BTreeMap<String, String>, host: &str) -> Option<(String, String)> {
    let path = match env.get("NETRC") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env.get("HOME")?).join(".netrc"),
    };
    find(&std::fs::read_to_string(path).ok()?, host)
}

fn find(text: &str, host: &str) -> Option<(String, String)> {
    let host = host.split(':').next().unwrap_or(host);
    let mut words = text.lines().filter(|l| !l.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    // Whether what is read counts, what counts for every host, and what was found.
    let (mut here, mut login, mut password) = (false, None, None);
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" => {
                if here && login.is_some() {
                    break;
                }
                here = word == "default" || words.next() == Some(host);
            }
            "login" | "password" | "account" => {
                let value = words.next()?.to_string();
                match word {
                    "login" if here => login = Some(value),
                    "password" if here => password = Some(value),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    Some((login?, password.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_fits_counts() {
        let text =
            "# mine\nmachine a.example login x password y\nmachine b.example\n  login u\n  password v\ndefault login d";
        for (host, expected) in [("a.example", ("x", "y")), ("b.example:8080", ("u", "v")), ("c.example", ("d", ""))] {
            assert_eq!(find(text, host), Some((expected.0.into(), expected.1.into())), "{host}");
        }
        assert_eq!(find("machine a login", "a"), None);
        assert_eq!(find("", "a"), None);
    }
}
