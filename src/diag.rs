//! What the user should read: a [`Diagnostic`], where it is, and the sources it points into.
//!
//! Refuses to know how anything is rendered: `show` turns these into text and JSON.

use std::fmt;
use std::sync::Arc;

/// One text that spans point into: a file, or something typed on the command line.
#[derive(Debug)]
pub struct Source {
    /// As the user would write it, relative to the working directory: `modules/a/main.tf`, or `<value for var.x>`.
    pub name: String,
    /// The whole text. Offsets in a [`Span`] are bytes into it.
    pub text: String,
}

impl Source {
    /// A source that spans can share.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), text: text.into() })
    }

    /// Line and column of a byte offset, both counted from 1; the column counts grapheme clusters, as Terraform's does.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        use unicode_segmentation::UnicodeSegmentation;
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        (line, before[start..].graphemes(true).count() + 1)
    }
}

/// A byte range that carries the text it belongs to.
#[derive(Clone)]
pub struct Span {
    /// The text.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `source`.
    pub fn new(source: &Arc<Source>, start: usize, end: usize) -> Span {
        Span { source: source.clone(), start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both; both must lie in the same source.
    pub fn to(&self, other: &Span) -> Span {
        Span { source: self.source.clone(), start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text inside.
    pub fn text(&self) -> &str {
        self.source.text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// Line and column of the first byte, counted from 1.
    pub fn line_column(&self) -> (usize, usize) {
        self.source.line_column(self.start as usize)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Span) -> bool {
        self.start == other.start
            && self.end == other.end
            && (Arc::ptr_eq(&self.source, &other.source) || self.source.name == other.source.name)
    }
}
impl Eq for Span {}

/// How bad it is. Errors make a command fail; warnings never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Stops the command.
    Error,
    /// Worth reading; stops nothing.
    Warning,
}

/// Something the user should read: what, why, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A fixed phrase without a full stop, such as `Unsupported argument`. User words stay out of it.
    pub summary: &'static str,
    /// Whole sentences: what is wrong, why, what to do.
    pub detail: String,
    /// The place.
    pub span: Option<Span>,
    /// Other places that explain this one, each with a label.
    pub related: Vec<(Span, String)>,
    /// What the names in the expression came to: `local.n`, `is 3`.
    pub values: Vec<(String, String)>,
    /// The object it is about, as a user writes it: `aws_iam_role.x["k"]`.
    pub address: Option<String>,
    /// A way on: an imperative sentence, or a command on a line of its own.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(summary: &'static str, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            summary,
            detail: detail.into(),
            span: None,
            related: Vec::new(),
            values: Vec::new(),
            address: None,
            help: None,
        }
    }

    /// A warning.
    pub fn warning(summary: &'static str, detail: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(summary, detail) }
    }

    /// At this place.
    pub fn at(mut self, span: &Span) -> Diagnostic {
        self.span = Some(span.clone());
        self
    }

    /// At this place, where one is known.
    pub fn at_opt(mut self, span: Option<&Span>) -> Diagnostic {
        self.span = span.cloned();
        self
    }

    /// With another place that explains this one.
    pub fn with_related(mut self, span: &Span, label: impl Into<String>) -> Diagnostic {
        self.related.push((span.clone(), label.into()));
        self
    }

    /// About this object.
    pub fn about(mut self, address: impl fmt::Display) -> Diagnostic {
        self.address = Some(address.to_string());
        self
    }

    /// With a way on.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops the command.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Diagnostics collected on the way, so that ten mistakes show in one run and one mistake shows once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diags(Vec<Diagnostic>);

impl Diags {
    /// None yet.
    pub fn new() -> Diags {
        Diags::default()
    }

    /// Adds one, unless the very same is there already.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        for d in other {
            self.push(d);
        }
    }

    /// Changes each of them, in the order of finding.
    pub fn each(&mut self, f: impl FnMut(&mut Diagnostic)) {
        self.0.iter_mut().for_each(f);
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of finding.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl IntoIterator for Diags {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Diagnostic> for Diags {
    fn from(d: Diagnostic) -> Diags {
        Diags(vec![d])
    }
}

/// The nearest of `candidates` to a misspelt `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    // A name of one letter is near to every other such name: that tells nothing.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&word.to_lowercase(), &c.to_lowercase()), c))
        .filter(|(d, c)| *d <= limit && *c != word)
        .min()
        .map(|(_, c)| c)
}
