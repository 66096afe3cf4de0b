//! The name of one object, exactly as a user writes it: `module.x.aws_iam_role.y["k"]`. Parses and prints.
//!
//! Refuses to know what is behind a name.

use crate::value::quote;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What `count` (a number) or `for_each` (a string) tells instances apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// From `count`: `[0]`.
    Int(u64),
    /// From `for_each`: `["k"]`.
    Str(Arc<str>),
}

/// The way from the root module to one module instance; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModulePath(pub Vec<(Arc<str>, Option<Key>)>);

/// Managed (`resource`) or read only (`data`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// A `data` block.
    Data,
    /// A `resource` block.
    Managed,
}

/// A block in the configuration, whatever its number of instances: `module.x.aws_iam_role.y`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockAddress {
    /// Names of the module calls that lead to it, without keys.
    pub module: Vec<Arc<str>>,
    /// `resource` or `data`.
    pub mode: Mode,
    /// Such as `aws_iam_role`.
    pub ty: Arc<str>,
    /// The second label.
    pub name: Arc<str>,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The module instance it lives in.
    pub module: ModulePath,
    /// `resource` or `data`.
    pub mode: Mode,
    /// Such as `aws_iam_role`.
    pub ty: Arc<str>,
    /// The second label.
    pub name: Arc<str>,
    /// Which of several.
    pub key: Option<Key>,
}

impl ModulePath {
    /// The root module.
    pub fn root() -> ModulePath {
        ModulePath::default()
    }

    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The instance of the call `name` made from here.
    pub fn child(&self, name: &str, key: Option<Key>) -> ModulePath {
        let mut steps = self.0.clone();
        steps.push((name.into(), key));
        ModulePath(steps)
    }

    /// The module it was called from; `None` for the root.
    pub fn parent(&self) -> Option<ModulePath> {
        let (_, rest) = self.0.split_last()?;
        Some(ModulePath(rest.to_vec()))
    }

    /// The same without keys.
    pub fn config(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Address {
    /// The block this is an instance of.
    pub fn block(&self) -> BlockAddress {
        BlockAddress { module: self.module.config(), mode: self.mode, ty: self.ty.clone(), name: self.name.clone() }
    }

    /// The same block's instance with another key.
    pub fn with_key(&self, key: Option<Key>) -> Address {
        Address { key, ..self.clone() }
    }

    /// Without the module and without the key: `aws_iam_role.y`.
    pub fn local(&self) -> String {
        local(self.mode, &self.ty, &self.name)
    }
}

fn local(mode: Mode, ty: &str, name: &str) -> String {
    match mode {
        Mode::Managed => format!("{ty}.{name}"),
        Mode::Data => format!("data.{ty}.{name}"),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Int(i) => write!(f, "[{i}]"),
            Key::Str(s) => write!(f, "[{}]", quote::hcl(s)),
        }
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, key)) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}module.{name}")?;
            if let Some(key) = key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for BlockAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.module {
            write!(f, "module.{name}.")?;
        }
        f.write_str(&local(self.mode, &self.ty, &self.name))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        f.write_str(&self.local())?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}

/// Why a text is no address: a whole sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for ParseError {}

/// What `-target=` and `state rm` take: one instance, a whole resource, or a whole module instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `module.x` or `module.x["k"]`: all in it and below it. A step without a key stands for every key.
    Module(ModulePath),
    /// `aws_iam_role.y` (every key) or `aws_iam_role.y["k"]`.
    Resource(Address),
}

impl Target {
    /// Whether `address` is meant.
    pub fn contains(&self, address: &Address) -> bool {
        fn under(want: &ModulePath, have: &ModulePath, exact: bool) -> bool {
            (if exact { want.0.len() == have.0.len() } else { want.0.len() <= have.0.len() })
                && want.0.iter().zip(&have.0).all(|(w, h)| w.0 == h.0 && (w.1.is_none() || w.1 == h.1))
        }
        match self {
            Target::Module(path) => under(path, &address.module, false),
            Target::Resource(want) => {
                under(&want.module, &address.module, true)
                    && want.mode == address.mode
                    && want.ty == address.ty
                    && want.name == address.name
                    && (want.key.is_none() || want.key == address.key)
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(path) => path.fmt(f),
            Target::Resource(address) => address.fmt(f),
        }
    }
}

impl FromStr for Address {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Address, ParseError> {
        match text.parse()? {
            Target::Resource(address) => Ok(address),
            Target::Module(_) => Err(ParseError(format!(
                "{text} names a module; a resource is needed, such as {text}.aws_iam_role.example."
            ))),
        }
    }
}

impl FromStr for Target {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Target, ParseError> {
        let mut p = Parser { text, at: 0 };
        let mut module = ModulePath::root();
        loop {
            let word = p.ident()?;
            if word == "module" {
                p.expect('.')?;
                let name = p.ident()?;
                let key = p.key()?;
                module.0.push((name.into(), key));
                if p.done() {
                    return Ok(Target::Module(module));
                }
                p.expect('.')?;
                continue;
            }
            let (mode, ty) = if word == "data" {
                p.expect('.')?;
                (Mode::Data, p.ident()?)
            } else {
                (Mode::Managed, word)
            };
            p.expect('.')?;
            let name = p.ident()?;
            let key = p.key()?;
            if !p.done() {
                return Err(p.error("the end"));
            }
            return Ok(Target::Resource(Address { module, mode, ty: ty.into(), name: name.into(), key }));
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn done(&self) -> bool {
        self.rest().is_empty()
    }

    fn error(&self, wanted: &str) -> ParseError {
        let found = match self.rest() {
            "" => "the end".to_string(),
            rest => format!("{rest:?}"),
        };
        ParseError(format!("{:?} is not an address: expected {wanted}, found {found}.", self.text))
    }

    fn expect(&mut self, c: char) -> Result<(), ParseError> {
        if !self.rest().starts_with(c) {
            return Err(self.error(&format!("{c:?}")));
        }
        self.at += c.len_utf8();
        Ok(())
    }

    fn ident(&mut self) -> Result<&'a str, ParseError> {
        let rest = self.rest();
        let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        if len == 0 || rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Err(self.error("a name"));
        }
        self.at += len;
        Ok(&rest[..len])
    }

    fn key(&mut self) -> Result<Option<Key>, ParseError> {
        if !self.rest().starts_with('[') {
            return Ok(None);
        }
        self.at += 1;
        let key = if self.rest().starts_with('"') {
            self.at += 1;
            let mut out = String::new();
            let mut chars = self.rest().char_indices().peekable();
            let end = loop {
                let Some((i, c)) = chars.next() else { return Err(self.error("a closing quote")) };
                match c {
                    '"' => break i + 1,
                    '\\' => match chars.next() {
                        Some((_, 'n')) => out.push('\n'),
                        Some((_, 'r')) => out.push('\r'),
                        Some((_, 't')) => out.push('\t'),
                        Some((_, c @ ('"' | '\\'))) => out.push(c),
                        Some((_, long @ ('u' | 'U'))) => {
                            let digits = if long == 'u' { 4 } else { 8 };
                            let text: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                            let number = u32::from_str_radix(&text, 16)
                                .ok()
                                .filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit()));
                            match number.and_then(char::from_u32) {
                                Some(c) => out.push(c),
                                None => return Err(self.error("a known escape")),
                            }
                        }
                        _ => return Err(self.error("a known escape")),
                    },
                    '$' | '%'
                        if chars.peek().is_some_and(|(_, n)| *n == c) && self.rest()[i + 2..].starts_with('{') =>
                    {
                        chars.next();
                        out.push(c);
                    }
                    c => out.push(c),
                }
            };
            self.at += end;
            Key::Str(out.into())
        } else {
            let rest = self.rest();
            let len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let n = rest[..len].parse().map_err(|_| self.error("a number or a quoted key"))?;
            self.at += len;
            Key::Int(n)
        };
        self.expect(']')?;
        Ok(Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_they_parse() {
        for text in [
            "aws_iam_role.y",
            "aws_iam_role.y[0]",
            r#"module.x.aws_iam_role.y["k"]"#,
            r#"module.x["a b"].module.z[3].data.aws_region.current"#,
            r#"aws_iam_role.y["quote\" and \\ and $${x} and $x"]"#,
            // What does not show, or turns the direction of a text, as Terraform writes it.
            r#"aws_iam_role.y["a\u202eb \u001b[31m \U000e0001 日本語"]"#,
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("module.x[1]".parse::<Target>().unwrap().to_string(), "module.x[1]");
    }

    #[test]
    fn what_is_no_address_says_so() {
        for text in [
            "",
            "x",
            "x.",
            "x.y.",
            "x.y[",
            "x.y[\"",
            "x.y[a]",
            "x.y[0]z",
            "module.x.",
            ".x",
            "1.2",
            "x.y[99999999999999999999]",
            r#"x.y["\u12"]"#,
            r#"x.y["\ud800"]"#,
            r#"x.y["\u+123"]"#,
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn targets_cover_keys_and_modules() {
        let a: Address = r#"module.m[0].aws_iam_role.y["k"]"#.parse().unwrap();
        for (text, covered) in [
            ("module.m", true),
            ("module.m[0]", true),
            ("module.m[1]", false),
            ("module.m.aws_iam_role.y", true),
            (r#"module.m[0].aws_iam_role.y["k"]"#, true),
            (r#"module.m[0].aws_iam_role.y["z"]"#, false),
            ("aws_iam_role.y", false),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().contains(&a), covered, "{text}");
        }
    }
}
