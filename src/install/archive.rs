//! Archives, unpacked: zip, tar and tar.gz. Nothing in one may land outside of the directory it is unpacked into.
//!
//! Refuses to know where archives come from.

use super::zip;
use std::fs;
use std::io::Read;
use std::path::{Component, Path};

/// So much may come out of one: a module is text, and more is a trap.
const LARGEST: u64 = 4 << 30;

/// What an archive is packed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `.zip`
    Zip,
    /// `.tar`
    Tar,
    /// `.tar.gz`, `.tgz`
    TarGz,
}

/// What a name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// An archive that can be unpacked.
    Archive(Kind),
    /// An archive that cannot: how it is packed.
    Foreign(&'static str),
    /// No archive.
    Other,
}

/// Reads `?archive=` or the end of a path.
pub fn named(name: &str) -> Named {
    const ENDS: &[(&str, Named)] = &[
        ("zip", Named::Archive(Kind::Zip)),
        ("tar.gz", Named::Archive(Kind::TarGz)),
        ("tgz", Named::Archive(Kind::TarGz)),
        ("tar", Named::Archive(Kind::Tar)),
        ("tar.bz2", Named::Foreign("bzip2")),
        ("tbz2", Named::Foreign("bzip2")),
        ("tar.xz", Named::Foreign("xz")),
        ("txz", Named::Foreign("xz")),
        ("tar.zst", Named::Foreign("zstd")),
        ("tzst", Named::Foreign("zstd")),
        ("gz", Named::Foreign("gzip, without tar")),
        ("bz2", Named::Foreign("bzip2, without tar")),
        ("xz", Named::Foreign("xz, without tar")),
        ("zst", Named::Foreign("zstd, without tar")),
    ];
    let fits = |end: &str| name == end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    ENDS.iter().find(|(end, _)| fits(end)).map_or(Named::Other, |(_, named)| named.clone())
}

/// Unpacks into a directory that is made for it. The error is a whole sentence.
pub fn unpack(kind: Kind, bytes: &[u8], to: &Path) -> Result<(), String> {
    let unpacked = fs::create_dir_all(to).map_err(|e| e.to_string()).and_then(|()| match kind {
        Kind::Zip => unzip(bytes, to),
        Kind::Tar => untar(bytes, to),
        Kind::TarGz => untar(flate2::read::MultiGzDecoder::new(bytes), to),
    });
    unpacked.map_err(|e| format!("The archive cannot be unpacked: {e}."))
}

fn untar(reader: impl Read, to: &Path) -> Result<(), String> {
    let mut archive = tar::Archive::new(reader.take(LARGEST));
    let mut any = false;
    for entry in archive.entries().map_err(|e| e.to_string())? {
        let mut entry = entry.map_err(|e| e.to_string())?;
        any = true;
        if matches!(entry.header().entry_type(), tar::EntryType::XGlobalHeader) {
            continue;
        }
        // False: it would have landed outside.
        if !entry.unpack_in(to).map_err(|e| e.to_string())? {
            return Err(format!("{:?} leads out of it", String::from_utf8_lossy(&entry.path_bytes())));
        }
    }
    if any { Ok(()) } else { Err("there is nothing in it".into()) }
}

fn unzip(bytes: &[u8], to: &Path) -> Result<(), String> {
    let mut left = LARGEST;
    for member in zip::members(bytes)? {
        let inside = Path::new(&member.name);
        let plain = inside.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !plain || member.is_link || member.name.contains('\\') {
            return Err(format!("{:?} leads out of it, or is a link", member.name));
        }
        let path = to.join(inside);
        if member.name.ends_with('/') {
            fs::create_dir_all(&path).map_err(|e| e.to_string())?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        }
        let mut out = fs::File::create(&path).map_err(|e| e.to_string())?;
        let mut content = member.content()?.take(left);
        let written = std::io::copy(&mut content, &mut out).map_err(|e| format!("{:?}: {e}", member.name))?;
        if written != member.size {
            return Err(format!("{:?} is {written} bytes long, and should be {}", member.name, member.size));
        }
        left = left.saturating_sub(written);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_how_it_is_packed() {
        for (name, expected) in [
            ("x.zip", Named::Archive(Kind::Zip)),
            ("a/b-1.0.tar.gz", Named::Archive(Kind::TarGz)),
            ("tgz", Named::Archive(Kind::TarGz)),
            ("x.tar", Named::Archive(Kind::Tar)),
            ("x.tar.xz", Named::Foreign("xz")),
            ("x.gz", Named::Foreign("gzip, without tar")),
            ("zipper", Named::Other),
            ("xzip", Named::Other),
            ("", Named::Other),
        ] {
            assert_eq!(named(name), expected, "{name}");
        }
    }

    fn tar(name: &str, link: Option<&str>) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        // Names that lead out cannot be set the usual way.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        header.set_size(if link.is_some() { 0 } else { 2 });
        if let Some(link) = link {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_link_name(link).unwrap();
        }
        header.set_cksum();
        let mut out = tar::Builder::new(Vec::new());
        out.append(&header, if link.is_some() { &b""[..] } else { b"hi" }).unwrap();
        out.into_inner().unwrap()
    }

    #[test]
    fn nothing_lands_outside() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("in");
        unpack(Kind::Tar, &tar("a/b.txt", None), &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/b.txt")).unwrap(), "hi");
        assert!(unpack(Kind::Tar, &tar("../out.txt", None), &to).is_err());
        unpack(Kind::Tar, &tar("link", Some("..")), &to).unwrap();
        assert!(unpack(Kind::Tar, &tar("link/out.txt", None), &to).is_err());
        assert!(!dir.path().join("out.txt").exists());
        for kind in [Kind::Zip, Kind::TarGz, Kind::Tar] {
            assert!(unpack(kind, b"this is no archive", &dir.path().join("no")).is_err(), "{kind:?}");
        }
    }
}
