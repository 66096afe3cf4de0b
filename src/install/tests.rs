//! Modules are installed from a registry that the test serves, from git repositories that it makes, and from archives.

use super::{Installer, Surroundings, find_subdir, matches_star};
use crate::config::{self, LoadOptions};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// A server on this machine: path → status, headers, body. It remembers what it was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

type Page = (u16, Vec<(&'static str, String)>, Vec<u8>);

impl Server {
    fn start(pages: impl Fn(&str, &str) -> Page + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, here) = (asked.clone(), address.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { break };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().unwrap().unwrap();
                let mut line = first.split(' ').nth(1).unwrap().to_string();
                let path = line.clone();
                for header in lines.map(Result::unwrap).take_while(|l| !l.is_empty()) {
                    if let Some(token) = header.to_lowercase().strip_prefix("authorization: ") {
                        line = format!("{line} ({token})");
                    }
                }
                log.lock().unwrap().push(line);
                let (status, headers, body) = pages(&path, &here);
                let mut head =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
                for (name, value) in headers {
                    head += &format!("{name}: {value}\r\n");
                }
                let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        Server { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// An archive with these files, deflated.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let mut same = Vec::new();
        // Version, flags, method, time and date.
        same.extend([20u16, 0, 8, 0, 0].iter().flat_map(|n| n.to_le_bytes()));
        same.extend([crc.sum(), packed.len() as u32, text.len() as u32].iter().flat_map(|n| n.to_le_bytes()));
        same.extend([name.len() as u16, 0].iter().flat_map(|n| n.to_le_bytes()));
        let at = out.len() as u32;
        out.extend(b"PK\x03\x04");
        out.extend(&same);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(same);
        directory.extend([0u16; 3].iter().flat_map(|n| n.to_le_bytes()));
        directory.extend([0o100_644u32 << 16, at].iter().flat_map(|n| n.to_le_bytes()));
        directory.extend(name.as_bytes());
    }
    let (at, count) = (out.len() as u32, files.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    out.extend([0, 0, count, count].iter().flat_map(|n: &u16| n.to_le_bytes()));
    out.extend([directory.len() as u32, at].iter().flat_map(|n| n.to_le_bytes()));
    out.extend([0, 0]);
    out
}

/// A registry with a module in several versions, each packed as a zip or in a directory of a tar.
fn registry() -> Server {
    Server::start(|path, here| {
        let json = |text: &str| (200, Vec::new(), text.as_bytes().to_vec());
        let get = |to: String| (204, vec![("X-Terraform-Get", to)], Vec::new());
        match path.split('?').next().unwrap() {
            "/v1/acme/m/aws/versions" => json(
                r#"{"modules":[{"versions":[{"version":"1.0.0"},{"version":"1.10.1"},{"version":"1.9.0"},{"version":"2.0.0-rc1"}]}]}"#,
            ),
            "/v1/acme/empty/aws/versions" => json(r#"{"modules":[{"versions":[]}]}"#),
            "/v1/acme/tar/aws/versions" => json(r#"{"modules":[{"versions":[{"version":"0.1.0"}]}]}"#),
            "/v1/acme/tar/aws/0.1.0/download" => get(format!("http://{here}/packed.tar.gz//*?archive=tar.gz")),
            p if p.starts_with("/v1/acme/m/aws/") && p.ends_with("/download") => get("./m.zip".into()),
            "/moved.zip" => (302, vec![("Location", "/x.zip".into())], Vec::new()),
            "/circle.zip" => (302, vec![("Location", "/circle.zip".into())], Vec::new()),
            "/notzip.zip" => json("hello"),
            "/gone.zip" => (404, Vec::new(), Vec::new()),
            p if p.ends_with(".zip") || p == "/noext" => {
                let files = [
                    ("main.tf", "output \"o\" {\n  value = 1\n}\n"),
                    ("sub/main.tf", "output \"s\" {\n  value = 2\n}\n"),
                ];
                (200, Vec::new(), zip(&files))
            }
            "/packed.tar.gz" => {
                let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
                let mut header = tar::Header::new_gnu();
                header.set_size(0);
                header.set_mode(0o644);
                header.set_cksum();
                tar.append_data(&mut header, "wrap-1.0/main.tf", &b""[..]).unwrap();
                (200, Vec::new(), tar.into_inner().unwrap().finish().unwrap())
            }
            "/vanity" => get(format!("http://{here}/x.zip//sub")),
            "/page" => json("<html></html>"),
            _ => (404, Vec::new(), Vec::new()),
        }
    })
}

struct Place {
    dir: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

impl Place {
    fn new(server: Option<&Server>) -> Place {
        let dir = tempfile::tempdir().unwrap();
        let settings = dir.path().join("settings.tfrc");
        let services = server.map_or(String::new(), |s| {
            ["registry.terraform.io", "other.example"]
                .map(|host| {
                    format!("host \"{host}\" {{\n  services = {{ \"modules.v1\" = \"http://{}/v1\" }}\n}}\n", s.address)
                })
                .concat()
        });
        fs::write(&settings, services + "credentials \"other.example\" {\n  token = \"hush\"\n}\n").unwrap();
        let env = BTreeMap::from([("TF_CLI_CONFIG_FILE".to_string(), settings.display().to_string())]);
        fs::create_dir(dir.path().join("root")).unwrap();
        Place { dir, env }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The lines told, and the errors as `line: summary`.
    fn install(&self, upgrade: bool) -> (Vec<String>, Vec<String>) {
        let mut told = Vec::new();
        let mut tell = |line: &str| told.push(line.to_string());
        let surroundings = Surroundings { root: self.root(), data_dir: ".terraform".into(), env: self.env.clone() };
        let mut installer = Installer::new(surroundings, upgrade, &mut tell).unwrap();
        let (_, diags) = config::load_installing(&self.root(), &LoadOptions::default(), &mut installer);
        installer.finish(!diags.has_errors()).unwrap();
        let line = |d: &crate::diag::Diagnostic| d.span.as_ref().map_or(0, |s| s.line_column().0);
        let errors = diags.iter().map(|d| format!("{}: {}: {}", line(d), d.summary, d.detail)).collect();
        (told, errors)
    }

    fn list(&self) -> String {
        fs::read_to_string(self.root().join(".terraform/modules/modules.json")).unwrap_or_default()
    }
}

#[test]
fn registries_give_the_newest_version_that_is_wanted() {
    let server = registry();
    for (block, expected) in [
        (
            "source = \"acme/m/aws\"",
            "Downloading registry.terraform.io/acme/m/aws 1.10.1 for a...\n- a in .terraform/modules/a",
        ),
        (
            "source = \"acme/m/aws//sub\"\n version = \"~> 1.0, < 1.10\"",
            "Downloading registry.terraform.io/acme/m/aws 1.9.0 for a...\n- a in .terraform/modules/a/sub",
        ),
        (
            "source = \"other.example/acme/m/aws\"\n version = \"2.0.0-rc1\"",
            "Downloading other.example/acme/m/aws 2.0.0-rc1 for a...\n- a in .terraform/modules/a",
        ),
        (
            "source = \"acme/m/aws\"\n version = \">= 2.0.0-rc1\"",
            "3: Unresolvable module version constraint: There is no version of the module registry.terraform.io/acme/m/aws that \
             meets \">= 2.0.0-rc1\". The newest one is 1.10.1.",
        ),
        (
            "source = \"acme/tar/aws\"",
            "Downloading registry.terraform.io/acme/tar/aws 0.1.0 for a...\n- a in .terraform/modules/a/wrap-1.0",
        ),
        ("source = \"acme/empty/aws\"", "2: Module has no versions"),
        (
            "source = \"acme/none/aws\"",
            "2: Module not found: The registry at registry.terraform.io has no module acme/none/aws.",
        ),
        ("source = \"acme/m/aws//none\"", "2: Unreadable module subdirectory"),
        ("source = \"acme/m/aws//../x\"", "2: Invalid module source address"),
    ] {
        let place = Place::new(Some(&server));
        place.write("root/main.tf", &format!("module \"a\" {{\n {block}\n}}\n"));
        let (told, errors) = place.install(false);
        let all = [told.clone(), errors.clone()].concat().join("\n");
        assert!(all.contains(expected), "{block}\n{all}");
        if errors.is_empty() {
            // It is there, is known to be there, and is not asked for again.
            server.asked();
            assert_eq!(place.install(false), (Vec::new(), Vec::new()), "{block}");
            assert_eq!(server.asked(), Vec::<String>::new(), "{block}");
            assert_eq!(place.install(true).0, told, "{block}");
            assert!(!config::load(&place.root(), &LoadOptions::default()).1.has_errors(), "{block}");
        } else {
            assert!(!place.root().join(".terraform/modules/a").exists(), "{block}");
            assert_eq!(place.list(), "", "{block}");
        }
    }
    let place = Place::new(Some(&server));
    place.write("root/main.tf", "module \"a\" {\n source = \"other.example/acme/m/aws\"\n}\n");
    server.asked();
    place.install(false);
    // The token goes to the registry alone.
    assert_eq!(
        server.asked(),
        [
            "/v1/acme/m/aws/versions (bearer hush)",
            "/v1/acme/m/aws/1.10.1/download (bearer hush)",
            "/v1/acme/m/aws/1.10.1/m.zip"
        ]
    );
}

#[test]
fn archives_come_over_http() {
    let server = registry();
    let here = &server.address;
    let sum = "0000000000000000000000000000000000000000000000000000000000000000";
    for (source, expected) in [
        (format!("http://{here}/x.zip"), "- a in .terraform/modules/a".to_string()),
        (format!("http://{here}/x.zip//sub"), "- a in .terraform/modules/a/sub".into()),
        (format!("http://{here}/moved.zip"), "- a in .terraform/modules/a".into()),
        (format!("http://{here}/noext?archive=zip"), "- a in .terraform/modules/a".into()),
        (format!("http://{here}/vanity"), "- a in .terraform/modules/a/sub".into()),
        (format!("http://{here}/packed.tar.gz//wrap-*"), "- a in .terraform/modules/a/wrap-1.0".into()),
        (format!("http://{here}/x.zip?checksum=sha256:{sum}"), "Expected: 0000".into()),
        (format!("http://{here}/circle.zip"), "more than 10 redirects".into()),
        (format!("http://{here}/notzip.zip"), "The archive cannot be unpacked".into()),
        (format!("http://{here}/gone.zip"), "The server answered 404.".into()),
        (format!("http://{here}/page"), "say how it is packed".into()),
        (format!("http://{here}/x.tar.xz"), "Modules cannot be unpacked from xz".into()),
        ("s3::https://s3.amazonaws.com/b/k.zip".into(), "Modules cannot be fetched from S3".into()),
        ("gcs::https://www.googleapis.com/storage/v1/b/k.zip".into(), "from Google Cloud Storage".into()),
        ("hg::https://example.com/x".into(), "with Mercurial".into()),
        ("http://127.0.0.1:1/x.zip".into(), "cannot be reached".into()),
    ] {
        let place = Place::new(None);
        place.write("root/main.tf", &format!("module \"a\" {{\n source = \"{source}\"\n}}\n"));
        let (told, errors) = place.install(false);
        let all = [told, errors.clone()].concat().join("\n");
        assert!(all.contains(&expected), "{source}\n{all}");
        let left: Vec<String> = fs::read_dir(place.root().join(".terraform/modules"))
            .into_iter()
            .flatten()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(left.is_empty(), !errors.is_empty(), "{source}: {left:?}");
    }
}

/// Runs git; false where there is none.
fn git(dir: &Path, arguments: &[&str]) -> bool {
    let who = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main"];
    match Command::new("git").arg("-C").arg(dir).args(who).args(arguments).output() {
        Ok(output) => {
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(_) => false,
    }
}

#[test]
fn git_repositories_are_cloned_and_modules_in_modules_follow() {
    let place = Place::new(None);
    place.write("repo/main.tf", "output \"v\" {\n value = 1\n}\n");
    place.write("repo/sub/main.tf", "module \"inner\" {\n source = \"./inner\"\n}\n");
    place.write("repo/sub/inner/main.tf", "");
    let repo = place.dir.path().join("repo");
    if !git(&repo, &["init", "-q"]) {
        println!("skipped: there is no git");
        return;
    }
    for arguments in [&["add", "-A"][..], &["commit", "-qm", "1"], &["tag", "v1"]] {
        git(&repo, arguments);
    }
    place.write("repo/main.tf", "output \"v\" {\n value = 2\n}\n");
    git(&repo, &["commit", "-qam", "2"]);
    let url = format!("git::file://{}", repo.display());
    place.write("root/local/main.tf", "");
    let config = |r: &str| {
        format!(
            "module \"g\" {{\n source = \"{url}?ref={r}\"\n}}\nmodule \"l\" {{\n source = \"./local\"\n}}\n\
             module \"s\" {{\n source = \"{url}//sub?depth=1\"\n}}\nmodule \"t\" {{\n source = \"{url}?ref={r}\"\n}}\n"
        )
    };
    place.write("root/main.tf", &config("v1"));
    let (told, errors) = place.install(false);
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(
        told,
        [
            &*format!("Downloading {url}?ref=v1 for g..."),
            "- g in .terraform/modules/g",
            "- l in local",
            &*format!("Downloading {url}?depth=1 for s..."),
            "- s in .terraform/modules/s/sub",
            "- s.inner in .terraform/modules/s/sub/inner",
            &*format!("Downloading {url}?ref=v1 for t..."),
            "- t in .terraform/modules/t",
        ]
    );
    let entries = [
        r#"{"Key":"","Source":"","Dir":"."}"#.to_string(),
        format!(r#"{{"Key":"g","Source":"{url}?ref=v1","Dir":".terraform/modules/g"}}"#),
        r#"{"Key":"l","Source":"./local","Dir":"local"}"#.into(),
        format!(r#"{{"Key":"s","Source":"{url}//sub?depth=1","Dir":".terraform/modules/s/sub"}}"#),
        r#"{"Key":"s.inner","Source":"./inner","Dir":".terraform/modules/s/sub/inner"}"#.into(),
        format!(r#"{{"Key":"t","Source":"{url}?ref=v1","Dir":".terraform/modules/t"}}"#),
    ];
    assert_eq!(place.list(), format!("{{\"Modules\":[{}]}}", entries.join(",")));
    let text = |key: &str| fs::read_to_string(place.root().join(format!(".terraform/modules/{key}/main.tf"))).unwrap();
    assert!(text("g").contains("value = 1") && text("t").contains("value = 1"));
    // Gone: fetched again. Changed: fetched again. Not to be had: what was there stays, and is still in the list.
    fs::remove_dir_all(place.root().join(".terraform/modules/g")).unwrap();
    assert_eq!(place.install(false).0.len(), 2);
    place.write("root/main.tf", &config("main"));
    assert_eq!(place.install(false).0.len(), 4);
    assert!(text("g").contains("value = 2") && text("t").contains("value = 2"));
    let before = place.list();
    place.write("root/main.tf", &config("nope"));
    let (_, errors) = place.install(false);
    assert!(errors[0].starts_with("2: Failed to download module: Could not download module \"g\""), "{errors:?}");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(place.list(), before);
    assert!(text("g").contains("value = 2"));
    place.write("root/main.tf", &format!("module \"g\" {{\n source = \"{url}?ref=--upload-pack=x\"\n}}\n"));
    assert!(place.install(false).1[0].contains("begins with a dash"));
}

#[test]
fn names_with_stars_stand_for_one_directory() {
    for (pattern, name, fits) in [
        ("*", "x", true),
        ("a*", "abc", true),
        ("a*", "ba", false),
        ("a*c", "abc", true),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "a-c", false),
        ("ab*b", "ab", false),
    ] {
        assert_eq!(matches_star(pattern, name), fits, "{pattern} {name}");
    }
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("one/in")).unwrap();
    assert_eq!(find_subdir(dir.path(), "*/in").unwrap(), Path::new("one/in"));
    fs::create_dir_all(dir.path().join("two/in")).unwrap();
    assert!(find_subdir(dir.path(), "*/in").unwrap_err().to_string().contains("one, two"));
    assert!(find_subdir(dir.path(), "no*").is_err());
    assert!(find_subdir(dir.path(), "one/..").is_err());
}

/// Who we are at a host stands in the file that `NETRC` names; other hosts learn nothing of it.
#[test]
fn archives_are_asked_for_under_the_name_in_netrc() {
    let server = registry();
    for (machine, expected) in [("127.0.0.1", "/x.zip (basic dtpw)"), ("elsewhere.example", "/x.zip")] {
        let mut place = Place::new(None);
        place.write("root/main.tf", &format!("module \"a\" {{\n source = \"http://{}/x.zip\"\n}}\n", server.address));
        place.write("netrc", &format!("machine {machine} login u password p\n"));
        let path = place.dir.path().join("netrc");
        place.env.insert("NETRC".into(), path.display().to_string());
        let (_, errors) = place.install(false);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(server.asked(), [expected]);
    }
}
