//! Lines of a difference: an indent, a symbol, a text. Colour is put on at the very end, so meaning never lies in colour alone.

use super::Style;
use crate::value::quote;

/// What a line's symbol says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Unchanged, shown for orientation.
    Same,
    /// `+`
    Added,
    /// `-`
    Removed,
    /// `~`
    Changed,
    /// `-/+`
    Replaced,
    /// `+/-`
    ReplacedCreateFirst,
    /// `<=`
    Read,
    /// `.`
    Forgotten,
}

impl Mark {
    /// As it stands in front of a line, three columns wide.
    pub fn symbol(self) -> &'static str {
        match self {
            Mark::Same => "   ",
            Mark::Added => "  +",
            Mark::Removed => "  -",
            Mark::Changed => "  ~",
            Mark::Replaced => "-/+",
            Mark::ReplacedCreateFirst => "+/-",
            Mark::Read => " <=",
            Mark::Forgotten => "  .",
        }
    }

    /// The symbol in its colour.
    pub fn painted(self, style: Style) -> String {
        let symbol = self.symbol();
        match self {
            Mark::Same => symbol.to_string(),
            Mark::Added => style.green(symbol),
            Mark::Removed | Mark::Forgotten => style.red(symbol),
            Mark::Changed => style.yellow(symbol),
            Mark::Read => style.cyan(symbol),
            Mark::Replaced if style.color => format!("{}/{}", style.red("-"), style.green("+")),
            Mark::ReplacedCreateFirst if style.color => format!("{}/{}", style.green("+"), style.red("-")),
            Mark::Replaced | Mark::ReplacedCreateFirst => symbol.to_string(),
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Nesting: each level is four columns.
    pub level: usize,
    /// The symbol.
    pub mark: Mark,
    /// What it says.
    pub text: String,
    /// Remarks are shown dimly.
    pub remark: bool,
}

/// Lines on the way to a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(pub Vec<Line>);

impl Lines {
    /// Adds a line.
    pub fn push(&mut self, level: usize, mark: Mark, text: impl Into<String>) {
        // Lines of a text are shown as they are, but nothing in them moves the cursor or turns the direction.
        let text = quote::visible(&text.into()).into_owned();
        self.0.push(Line { level, mark, text, remark: false });
    }

    /// Adds a remark: `# (3 unchanged attributes hidden)`.
    pub fn remark(&mut self, level: usize, text: impl Into<String>) {
        self.0.push(Line { level, mark: Mark::Same, text: text.into(), remark: true });
    }

    /// Adds an empty line, unless there is one already or nothing before it.
    pub fn gap(&mut self) {
        if self.0.last().is_some_and(|l| !l.text.is_empty() && !l.text.ends_with('{')) {
            self.push(0, Mark::Same, "");
        }
    }

    /// Appends to the last line.
    pub fn append(&mut self, text: &str) {
        if let Some(last) = self.0.last_mut() {
            last.text.push_str(text);
        }
    }

    /// The text, each line ended.
    pub fn render(&self, style: Style) -> String {
        let mut out = String::new();
        for line in &self.0 {
            if line.text.is_empty() {
                out.push('\n');
                continue;
            }
            let text = if line.remark { style.dim(&line.text) } else { line.text.clone() };
            let indent = " ".repeat(line.level * 4);
            out.push_str(format!("{indent}{} {text}", line.mark.painted(style)).trim_end());
            out.push('\n');
        }
        out
    }
}
