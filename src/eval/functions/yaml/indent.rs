//! Lines that the parser finds indented too little. YAML 1.2 wants every line of `[...]`, `{...}` and of a quoted text to stand
//! further right than what it belongs to; the parser that Terraform has does not care, and neither does what the lines mean.
//!
//! Refuses to know what else is in the text: one line is moved at a time, after the parser has complained about it.

/// What the parser says about such lines.
pub(super) const FAULTS: &[&str] = &[FLOW, LINE, QUOTED, TAB, COLON];
const FLOW: &str = "invalid indentation in flow construct";
const LINE: &str = "invalid indentation";
const QUOTED: &str = "invalid indentation in quoted scalar";
const TAB: &str = "tab cannot be used as indentation";
const COLON: &str = "':' must be followed by a valid YAML whitespace";
/// Nobody indents blocks further than this.
const MOST: usize = 128;

/// The text with the line moved that the parser means by a fault at this character of this line (counted from one).
///
/// `None` where moving lines changes nothing.
pub(super) fn mend(text: &str, fault: &str, at: usize, line: usize) -> Option<String> {
    mended(text, fault, at, line).filter(|mended| mended != text)
}

fn mended(text: &str, fault: &str, at: usize, line: usize) -> Option<String> {
    let start = text.char_indices().nth(at).map_or(text.len(), |(i, _)| i);
    match fault {
        // The tab does as well as a space.
        COLON => {
            let tab = text[..start].trim_end_matches([' ', '\t']).len();
            text[tab..].starts_with('\t').then(|| format!("{} {}", &text[..tab], &text[tab + 1..]))
        }
        QUOTED => {
            let next = start + text.get(start..)?.find('\n')? + 1;
            (width(&text[next..]) < MOST).then(|| end_of_quoted(text, start).map(|end| moved(text, start, end)))?
        }
        _ => {
            let mut lines = text.match_indices('\n').map(|(i, _)| i + 1);
            let from = if line < 2 { 0 } else { lines.nth(line - 2)? };
            let first = &text[from..];
            // The mark of a new document ends everything.
            if from == 0 || ends_document(first) || width(first) >= MOST {
                return None;
            }
            let end = if fault == TAB { from } else { end_of_flow(text, from) };
            Some(moved(text, from - 1, end))
        }
    }
}

/// `---` and `...` mean something only at the beginning of a line.
fn ends_document(line: &str) -> bool {
    line.strip_prefix("---")
        .or(line.strip_prefix("..."))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// So many spaces begin a line.
fn width(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// With all lines that begin in this part further right.
fn moved(text: &str, from: usize, to: usize) -> String {
    let to = to.max(from + 1).min(text.len());
    let spaces = " ".repeat(MOST);
    let mut out = String::with_capacity(text.len() + MOST);
    out.push_str(&text[..from]);
    for (i, line) in text[from..to].split_inclusive('\n').enumerate() {
        if i > 0 && !ends_document(line) {
            out.push_str(&spaces);
        }
        out.push_str(line);
    }
    // The line that begins right behind the part.
    if text[from..to].ends_with('\n') && to < text.len() && !ends_document(&text[to..]) {
        out.push_str(&spaces);
    }
    out.push_str(&text[to..]);
    out
}

/// Where a quoted text ends that begins here.
fn end_of_quoted(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            // (A doubled one stands for itself.)
            '\'' if quote == '\'' && rest[i + 1..].starts_with('\'') => escaped = true,
            c if c == quote => return Some(start + i),
            _ => {}
        }
    }
    None
}

/// How far brackets that are open on this line, or a comma at its end, surely reach: to the beginning of the line with the last
/// of them.
fn end_of_flow(text: &str, from: usize) -> usize {
    let (mut depth, mut quote, mut comment, mut escaped) = (0usize, None, false, false);
    let (mut before, mut last, mut end) = (' ', ' ', from);
    for (i, c) in text[from..].char_indices() {
        match (c, quote) {
            ('\n', None) => {
                comment = false;
                if depth == 0 && last != ',' {
                    return end;
                }
                end = from + i + 1;
            }
            _ if comment => {}
            (_, Some('"')) if escaped => escaped = false,
            ('\\', Some('"')) => escaped = true,
            (c, Some(q)) if c == q => {
                quote = None;
                last = c;
            }
            (_, Some(_)) => {}
            ('#', _) if before.is_whitespace() => comment = true,
            ('"' | '\'', _) if before.is_whitespace() || matches!(before, '[' | '{' | ',' | ':') => quote = Some(c),
            ('[' | '{', _) => depth += 1,
            (']' | '}', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !c.is_whitespace() && !comment {
            last = c;
        }
        before = c;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A carriage return alone ends a line for the parser, and is no place where one could be moved.
    #[test]
    fn what_cannot_be_moved_is_left() {
        assert_eq!(mend("a: \"2025-\r1-1z\"\nb: 1", QUOTED, 3, 1), None);
        assert_eq!(mend("a: \"x\ny\"", QUOTED, 3, 1), Some(format!("a: \"x\n{}y\"", " ".repeat(MOST))));
        assert_eq!(mend("[", FLOW, 0, 1), None);
    }
}
