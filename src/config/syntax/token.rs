//! The words of the native syntax: what a token is. Refuses to know how tokens are found and what they make together.

/// A token: a kind and a byte range of the text. Tokens in order, with the blanks between them, are the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// For a bracket of any sort: the index of the token that closes or opens it; [`NO_PARTNER`] where it has none.
    pub partner: u32,
}

/// No bracket, or one that nothing closes or opens.
pub(crate) const NO_PARTNER: u32 = u32::MAX;

impl Token {
    /// First byte.
    pub fn from(&self) -> usize {
        self.start as usize
    }

    /// One past the last byte.
    pub fn to(&self) -> usize {
        self.end as usize
    }

    /// The text of the token inside the text it was found in.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.from()..self.to()).unwrap_or("")
    }
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `name`
    Ident,
    /// `12.5e3`; also what only begins like a number: `1.2.3`.
    Number,
    /// `# ...` or `// ...`, without the newline behind it.
    LineComment,
    /// `/* ... */`
    BlockComment,
    /// `\n` or `\r\n`, outside of strings.
    Newline,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `"` at the start of a string.
    OpenQuote,
    /// `"` at its end.
    CloseQuote,
    /// `<<EOT` or `<<-EOT` with the newline behind it.
    OpenHeredoc,
    /// The marker that ends it, with the blanks before it.
    CloseHeredoc,
    /// Text inside quotes, escapes as written.
    QuotedText,
    /// Text inside a heredoc or a bare template, at most one line with its newline.
    Text,
    /// `${` or `${~`
    Interpolation,
    /// `%{` or `%{~`
    Directive,
    /// `}` or `~}` at the end of either.
    SequenceEnd,
    /// `.`
    Dot,
    /// `,`
    Comma,
    /// `...`
    Ellipsis,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `?`
    Question,
    /// `=`
    Equal,
    /// `=>`
    Arrow,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `==`
    EqualEqual,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Bang,
    /// A quoted string is still open where its line ends. Empty; the newline itself follows as what it is there.
    QuotedNewline,
    /// A character, or two, that the language does not use.
    Invalid,
    /// The end of the text. Empty; always the last token, and there only.
    End,
}
