//! Wildcards in paths, as `fileset` has them: `*`, `?`, `[a-z]`, `[^a]`, `{a,b}` within one part of a path, and `**` as a whole
//! part for any number of directories.

use std::fs;
use std::path::{Path, PathBuf};

/// So many files and directories are looked at, and no more.
const MAX_LOOKS: usize = 1 << 20;
/// Directories are entered so deep.
const MAX_DEPTH: usize = 100;

/// One part of a pattern.
enum Part {
    /// `**`
    Any,
    /// Anything with wildcards: the alternatives that braces stand for.
    Wild(Vec<Vec<Token>>),
    /// A name.
    Name(String),
}

#[derive(Clone)]
enum Token {
    Char(char),
    One,
    Many,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// The regular files that a clean pattern matches, as clean paths that begin like it. The base directory is taken literally.
pub(super) fn files(base: &Path, pattern: &str) -> Result<Vec<String>, &'static str> {
    let mut parts = Vec::new();
    for part in pattern.split('/').filter(|p| !p.is_empty()) {
        parts.push(match part {
            "**" => Part::Any,
            _ => parse(part)?,
        });
    }
    let (start, path) = match pattern.starts_with('/') {
        true => (PathBuf::from("/"), "/".to_owned()),
        false => (base.to_owned(), String::new()),
    };
    let mut search = Search { found: Vec::new(), looks: 0 };
    search.walk(&start, &path, &parts, 0)?;
    search.found.sort();
    search.found.dedup();
    Ok(search.found)
}

struct Search {
    found: Vec<String>,
    looks: usize,
}

impl Search {
    fn walk(&mut self, dir: &Path, path: &str, parts: &[Part], depth: usize) -> Result<(), &'static str> {
        self.looks += 1;
        if self.looks > MAX_LOOKS {
            return Err("would look at too many files");
        }
        let joined = |name: &str| match path {
            "" | "/" => format!("{path}{name}"),
            path => format!("{path}/{name}"),
        };
        let Some((first, rest)) = parts.split_first() else {
            if fs::metadata(dir).is_ok_and(|m| m.is_file()) {
                self.found.push(path.to_owned());
            }
            return Ok(());
        };
        match first {
            Part::Name(name) => self.walk(&dir.join(name), &joined(name), rest, depth + 1),
            Part::Wild(alternatives) => {
                for name in names(dir) {
                    let letters: Vec<char> = name.chars().collect();
                    if alternatives.iter().any(|tokens| matches(tokens, &letters)) {
                        self.walk(&dir.join(&name), &joined(&name), rest, depth + 1)?;
                    }
                }
                Ok(())
            }
            Part::Any => {
                // No directory at all, and everything here when nothing follows.
                self.walk(dir, path, rest, depth)?;
                if depth >= MAX_DEPTH {
                    return Ok(());
                }
                for name in names(dir) {
                    let inner = dir.join(&name);
                    // Links are not followed, for they may lead back.
                    match fs::symlink_metadata(&inner) {
                        Ok(found) if found.is_dir() => self.walk(&inner, &joined(&name), parts, depth + 1)?,
                        Ok(_) if rest.is_empty() => self.walk(&inner, &joined(&name), rest, depth + 1)?,
                        _ => {}
                    }
                }
                Ok(())
            }
        }
    }
}

/// What is in a directory, as far as it has names that are text; nothing where it is none.
fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut names: Vec<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names
}

const WRONG: &str = "is no pattern of file names";

fn parse(part: &str) -> Result<Part, &'static str> {
    if !part.contains(['*', '?', '[', '{', '\\']) {
        return Ok(Part::Name(part.to_owned()));
    }
    let mut alternatives = vec![Vec::new()];
    let letters: Vec<char> = part.chars().collect();
    let end = tokens(&letters, 0, false, &mut alternatives)?;
    if end == letters.len() { Ok(Part::Wild(alternatives)) } else { Err(WRONG) }
}

/// Reads from `at` on, inside of braces up to their next comma or end, and puts what it reads behind every alternative.
fn tokens(letters: &[char], mut at: usize, braced: bool, out: &mut Vec<Vec<Token>>) -> Result<usize, &'static str> {
    while let Some(c) = letters.get(at) {
        at += 1;
        let token = match c {
            ',' | '}' if braced => return Ok(at - 1),
            '*' => Token::Many,
            '?' => Token::One,
            '\\' => {
                at += 1;
                Token::Char(*letters.get(at - 1).ok_or(WRONG)?)
            }
            '[' => {
                let (class, end) = class(letters, at)?;
                at = end;
                class
            }
            '{' => {
                let mut all = Vec::new();
                loop {
                    let mut one = out.clone();
                    at = tokens(letters, at, true, &mut one)?;
                    all.append(&mut one);
                    if all.len() > 1000 {
                        return Err("has too many alternatives");
                    }
                    at += 1;
                    match letters.get(at - 1) {
                        Some(',') => {}
                        Some(_) => break,
                        None => return Err(WRONG),
                    }
                }
                *out = all;
                continue;
            }
            c => Token::Char(*c),
        };
        out.iter_mut().for_each(|tokens| tokens.push(token.clone()));
    }
    if braced { Err(WRONG) } else { Ok(at) }
}

fn class(letters: &[char], mut at: usize) -> Result<(Token, usize), &'static str> {
    let negated = letters.get(at) == Some(&'^');
    at += usize::from(negated);
    let mut ranges = Vec::new();
    let letter = |at: &mut usize| -> Result<char, &'static str> {
        if letters.get(*at) == Some(&'\\') {
            *at += 1;
        }
        *at += 1;
        letters.get(*at - 1).copied().ok_or(WRONG)
    };
    loop {
        match letters.get(at) {
            Some(']') if !ranges.is_empty() => return Ok((Token::Class { negated, ranges }, at + 1)),
            Some(']' | '-') | None => return Err(WRONG),
            Some(_) => {}
        }
        let low = letter(&mut at)?;
        let mut high = low;
        if letters.get(at) == Some(&'-') {
            at += 1;
            if matches!(letters.get(at), Some(']')) {
                return Err(WRONG);
            }
            high = letter(&mut at)?;
        }
        ranges.push((low, high));
    }
}

/// Goes back to the last `*` and no further, so that long names stay cheap.
fn matches(tokens: &[Token], name: &[char]) -> bool {
    let (mut t, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        let fits = match tokens.get(t) {
            Some(Token::Many) => {
                retry = Some((t, n));
                t += 1;
                continue;
            }
            Some(Token::One) => true,
            Some(Token::Char(c)) => *c == name[n],
            Some(Token::Class { negated, ranges }) => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&name[n])) != *negated
            }
            None => false,
        };
        if fits {
            (t, n) = (t + 1, n + 1);
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            (t, n) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    tokens[t..].iter().all(|token| matches!(token, Token::Many))
}
