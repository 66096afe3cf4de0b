//! Indentation, blanks and columns: pieces of text → text. Refuses to know what they mean together.
//!
//! Each line has up to three cells: what comes first, an assignment from its equals sign on, and a comment at the end.
//! Assignments of successive lines stand below each other, and so do comments.

use crate::config::syntax::Kind;
use std::borrow::Cow;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// A token with the blanks before it. A comment up to the end of its line includes the newline.
pub(super) struct Piece<'a> {
    pub kind: Kind,
    text: Cow<'a, str>,
    blanks: usize,
}

impl<'a> Piece<'a> {
    /// A token without blanks before it.
    pub fn new(kind: Kind, text: impl Into<Cow<'a, str>>) -> Piece<'a> {
        Piece { kind, text: text.into(), blanks: 0 }
    }

    /// Whether a line ends with it.
    pub fn ends_line(&self) -> bool {
        matches!(self.kind, Kind::Newline | Kind::LineComment) && self.text.ends_with('\n')
    }

    /// Adds text at its end.
    pub fn append(&mut self, text: &str) {
        self.text.to_mut().push_str(text);
    }

    fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::LineComment | Kind::BlockComment)
    }

    fn columns(&self) -> usize {
        let text = if self.text.is_ascii() { self.text.len() } else { self.text.graphemes(true).count() };
        self.blanks + text
    }

    /// How many brackets it opens; negative if it closes one.
    fn brackets(&self) -> isize {
        use Kind::*;
        match self.kind {
            OpenBrace | OpenBracket | OpenParen | Interpolation | Directive => 1,
            CloseBrace | CloseBracket | CloseParen | SequenceEnd => -1,
            _ => 0,
        }
    }
}

/// A line: ranges of pieces.
struct Line {
    lead: Range<usize>,
    assign: Range<usize>,
    comment: Range<usize>,
}

/// The text, laid out.
pub(super) fn lay_out(mut pieces: Vec<Piece<'_>>) -> String {
    let lines = lines(&pieces);
    indent(&lines, &mut pieces);
    space(&lines, &mut pieces);
    align(&lines, &mut pieces, |l| l.assign.clone(), |l| l.lead.clone());
    align(&lines, &mut pieces, |l| l.comment.clone(), |l| l.lead.start..l.assign.end.max(l.lead.end));
    let mut text = String::new();
    for piece in &pieces {
        text.extend(std::iter::repeat_n(' ', piece.blanks));
        text.push_str(&piece.text);
    }
    text
}

/// Takes the lines apart into cells.
fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in 1..=pieces.len() {
        if !(pieces[end - 1].ends_line() || end == pieces.len()) {
            continue;
        }
        let comment = if end - start > 1 && pieces[end - 1].is_comment() { end - 1 } else { end };
        let equals = (start + 1..comment).find(|i| pieces[*i].kind == Kind::Equal);
        // A value that goes on over several lines does not stand below others.
        let assign = equals.filter(|i| pieces[*i..comment].iter().map(Piece::brackets).sum::<isize>() == 0);
        let assign = assign.unwrap_or(comment);
        lines.push(Line { lead: start..assign, assign: assign..comment, comment: comment..end });
        start = end;
    }
    lines
}

/// Two blanks for every line with brackets that are still open; how many they are on that line does not matter.
fn indent(lines: &[Line], pieces: &mut [Piece<'_>]) {
    let mut open: Vec<isize> = Vec::new();
    for line in lines {
        let first = line.lead.start;
        if pieces[first].kind == Kind::Newline {
            pieces[first].blanks = 0;
            continue;
        }
        let mut change = 0;
        for cell in [line.lead.clone(), line.assign.clone()] {
            for piece in &pieces[cell] {
                change += piece.brackets();
                if piece.kind == Kind::OpenHeredoc {
                    break;
                }
            }
        }
        let mut levels = open.len();
        if change > 0 {
            open.push(change);
        }
        while change < 0
            && let Some(last) = open.last_mut()
        {
            let closed = (-change).min(*last);
            *last -= closed;
            change += closed;
            if *last == 0 {
                open.pop();
            }
            levels = open.len();
        }
        pieces[first].blanks = 2 * levels;
    }
}

/// One blank or none between the pieces of a cell.
fn space(lines: &[Line], pieces: &mut [Piece<'_>]) {
    for line in lines {
        for cell in [line.lead.clone(), line.assign.clone()] {
            let mut before = None;
            for i in cell.start..cell.end.saturating_sub(1) {
                let (kind, next) = (pieces[i].kind, pieces[i + 1].kind);
                let is_in = kind == Kind::Ident && pieces[i].text == "in";
                pieces[i + 1].blanks = usize::from(has_gap(before, kind, is_in, next));
                before = Some(kind);
            }
        }
    }
}

/// Whether there is a blank between two tokens; `before` is the one before them.
fn has_gap(before: Option<Kind>, left: Kind, left_is_in: bool, right: Kind) -> bool {
    use Kind::*;
    let opens = matches!(left, OpenBrace | OpenBracket | OpenParen | Interpolation | Directive);
    let closed = matches!(left, CloseBrace | CloseBracket | CloseParen | SequenceEnd);
    let closes = matches!(right, CloseBrace | CloseBracket | CloseParen | SequenceEnd);
    match (left, right) {
        (_, Newline) => false,
        // Calls, function names, attributes.
        (Ident, OpenParen) | (Ident, DoubleColon) | (DoubleColon, Ident) => false,
        (Dot, _) | (_, Dot) => false,
        (_, Comma | Ellipsis) => false,
        (Comma, _) => true,
        // Inside strings every blank counts.
        (QuotedText | Text | OpenQuote | OpenHeredoc, _) => false,
        (_, QuotedText | Text | CloseQuote | CloseHeredoc) => false,
        // `in` before a bracket is a word, not something indexed.
        (Ident, _) if left_is_in && before == Some(Ident) => true,
        (Ident | Number, OpenBracket) => false,
        (_, OpenBracket) if closed => false,
        (Bang, _) => false,
        (Minus, _) => !is_sign(before),
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        // A brace right beside the brace of a sequence would be hard to read.
        (Interpolation | Directive, OpenBrace) | (CloseBrace, SequenceEnd) => true,
        (SequenceEnd, Interpolation | Directive) => false,
        _ => !opens && !closes,
    }
}

/// Whether a minus behind this token is a sign and no operator of two sides.
fn is_sign(before: Option<Kind>) -> bool {
    use Kind::*;
    match before {
        None => true,
        Some(kind) => matches!(
            kind,
            OpenParen
                | OpenBrace
                | OpenBracket
                | Equal
                | Colon
                | Comma
                | Question
                | Plus
                | Star
                | Slash
                | Percent
                | Minus
                | EqualEqual
                | NotEqual
                | Greater
                | GreaterEqual
                | Less
                | LessEqual
                | And
                | Or
                | Bang
        ),
    }
}

/// Puts one cell of successive lines below each other: one blank behind the longest of what comes before.
fn align(
    lines: &[Line],
    pieces: &mut [Piece<'_>],
    cell: impl Fn(&Line) -> Range<usize>,
    before: impl Fn(&Line) -> Range<usize>,
) {
    for group in lines.chunk_by(|a, b| cell(a).is_empty() == cell(b).is_empty()) {
        if group.first().is_none_or(|l| cell(l).is_empty()) {
            continue;
        }
        let widths: Vec<usize> = group.iter().map(|l| pieces[before(l)].iter().map(Piece::columns).sum()).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in group.iter().zip(widths) {
            pieces[cell(line).start].blanks = widest - width + 1;
        }
    }
}
