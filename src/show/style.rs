//! How wide and how colourful a text may be.

use anstyle::{AnsiColor, Style as Ansi};

/// How wide and how colourful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// What the program calls itself: `formwork`, or `Terraform` where it stands in for it.
    pub product: &'static str,
}

impl Style {
    /// For a pipe.
    pub const PLAIN: Style = Style { color: false, width: 80, product: "formwork" };

    /// Whether the program goes by another one's name: then its words are that one's.
    pub fn poses(self) -> bool {
        self.product != Style::PLAIN.product
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.color { format!("{}{text}{}", style.render(), style.render_reset()) } else { text.to_string() }
    }
    /// What is added.
    pub fn green(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }
    /// What is removed.
    pub fn red(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }
    /// What is changed.
    pub fn yellow(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }
    /// What is read.
    pub fn cyan(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }
    /// What matters.
    pub fn bold(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }
    /// What matters less.
    pub fn dim(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }
}
