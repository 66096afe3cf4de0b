//! A line typed on a terminal: moving in it, changing it, and the lines typed before.
//!
//! Refuses to know what lines mean.

use std::io::{self, Read, Write};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What came of asking for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D on an empty line, or the end of the input.
    End,
}

/// Lines typed before, and where they are edited.
#[derive(Debug, Default)]
pub struct Editor {
    history: Vec<String>,
}

/// So many lines are remembered.
const REMEMBERED: usize = 1000;

/// The line on its way: graphemes, and before which of them the cursor stands.
#[derive(Default)]
struct Line {
    parts: Vec<String>,
    at: usize,
}

impl Line {
    fn of(text: &str) -> Line {
        let parts: Vec<String> = text.graphemes(true).map(String::from).collect();
        let at = parts.len();
        Line { parts, at }
    }

    fn text(&self) -> String {
        self.parts.concat()
    }

    fn insert(&mut self, text: &str) {
        // What is typed may join what stands before it: an accent, say.
        let before = self.parts[..self.at].concat() + text;
        let head: Vec<String> = before.graphemes(true).map(String::from).collect();
        let tail = self.parts.split_off(self.at);
        self.at = head.len();
        self.parts = head;
        self.parts.extend(tail);
    }

    fn word_left(&self) -> usize {
        let mut i = self.at;
        while i > 0 && !is_word(&self.parts[i - 1]) {
            i -= 1;
        }
        while i > 0 && is_word(&self.parts[i - 1]) {
            i -= 1;
        }
        i
    }

    fn word_right(&self) -> usize {
        let mut i = self.at;
        while i < self.parts.len() && !is_word(&self.parts[i]) {
            i += 1;
        }
        while i < self.parts.len() && is_word(&self.parts[i]) {
            i += 1;
        }
        i
    }
}

fn is_word(part: &str) -> bool {
    part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// A key, as far as it means something here.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Text(String),
    Enter,
    Left,
    Right,
    Home,
    End,
    WordLeft,
    WordRight,
    Up,
    Down,
    Backspace,
    Delete,
    KillToEnd,
    KillToStart,
    KillWord,
    Clear,
    CtrlC,
    CtrlD,
    Closed,
    Other,
}

impl Editor {
    /// Lets a line be typed. `input` gives what the keys send, unchanged by the terminal; `width` is how many columns there are.
    pub fn line(&mut self, prompt: &str, width: usize, input: &mut dyn Read, out: &mut dyn Write) -> io::Result<Typed> {
        let mut line = Line::default();
        let mut lines = self.history.clone();
        lines.push(String::new());
        let mut shown = lines.len() - 1;
        loop {
            draw(prompt, &line, width, out)?;
            match key(input)? {
                Key::Text(text) => line.insert(&text),
                Key::Enter => {
                    line.at = line.parts.len();
                    draw(prompt, &line, width, out)?;
                    write!(out, "\r\n")?;
                    out.flush()?;
                    let text = line.text();
                    if !text.trim().is_empty() && self.history.last() != Some(&text) {
                        self.history.push(text.clone());
                        let old = self.history.len().saturating_sub(REMEMBERED);
                        self.history.drain(..old);
                    }
                    return Ok(Typed::Line(text));
                }
                Key::Left => line.at = line.at.saturating_sub(1),
                Key::Right => line.at = (line.at + 1).min(line.parts.len()),
                Key::Home => line.at = 0,
                Key::End => line.at = line.parts.len(),
                Key::WordLeft => line.at = line.word_left(),
                Key::WordRight => line.at = line.word_right(),
                direction @ (Key::Up | Key::Down) => {
                    let next = if direction == Key::Up { shown.checked_sub(1) } else { Some(shown + 1) };
                    if let Some(next) = next.filter(|n| *n < lines.len()) {
                        lines[shown] = line.text();
                        shown = next;
                        line = Line::of(&lines[shown]);
                    }
                }
                Key::Backspace => {
                    if line.at > 0 {
                        line.at -= 1;
                        line.parts.remove(line.at);
                    }
                }
                Key::Delete => {
                    if line.at < line.parts.len() {
                        line.parts.remove(line.at);
                    }
                }
                Key::KillToEnd => line.parts.truncate(line.at),
                Key::KillToStart => {
                    line.parts.drain(..line.at);
                    line.at = 0;
                }
                Key::KillWord => {
                    let from = line.word_left();
                    line.parts.drain(from..line.at);
                    line.at = from;
                }
                Key::Clear => write!(out, "\u{1b}[H\u{1b}[2J")?,
                Key::CtrlD if !line.parts.is_empty() => {
                    if line.at < line.parts.len() {
                        line.parts.remove(line.at);
                    }
                }
                ended @ (Key::CtrlC | Key::CtrlD | Key::Closed) => {
                    write!(out, "\r\n")?;
                    out.flush()?;
                    return Ok(if ended == Key::CtrlC { Typed::Interrupted } else { Typed::End });
                }
                Key::Other => {}
            }
        }
    }
}

/// Writes the line over the one that is there. Of a line that is too long, the part around the cursor shows.
fn draw(prompt: &str, line: &Line, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let room = width.saturating_sub(prompt.width() + 1).max(8);
    let columns = |from: usize, to: usize| line.parts[from..to].iter().map(|p| p.width()).sum::<usize>();
    let mut from = 0;
    while columns(from, line.at) > room {
        from += 1;
    }
    let mut to = line.at;
    while to < line.parts.len() && columns(from, to + 1) <= room {
        to += 1;
    }
    write!(out, "\r{prompt}{}\u{1b}[K", line.parts[from..to].concat())?;
    let back = columns(line.at, to);
    if back > 0 {
        write!(out, "\u{1b}[{back}D")?;
    }
    out.flush()
}

fn byte(input: &mut dyn Read) -> io::Result<Option<u8>> {
    let mut one = [0];
    loop {
        match input.read(&mut one) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(one[0])),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn key(input: &mut dyn Read) -> io::Result<Key> {
    let Some(first) = byte(input)? else { return Ok(Key::Closed) };
    Ok(match first {
        b'\r' | b'\n' => Key::Enter,
        1 => Key::Home,
        2 => Key::Left,
        3 => Key::CtrlC,
        4 => Key::CtrlD,
        5 => Key::End,
        6 => Key::Right,
        8 | 0x7f => Key::Backspace,
        b'\t' => Key::Text("  ".into()),
        11 => Key::KillToEnd,
        12 => Key::Clear,
        14 => Key::Down,
        16 => Key::Up,
        21 => Key::KillToStart,
        23 => Key::KillWord,
        0x1b => escape(input)?,
        0..0x20 => Key::Other,
        first => {
            // The first byte of a character says how many follow.
            let more = match first {
                0xc0..0xe0 => 1,
                0xe0..0xf0 => 2,
                0xf0.. => 3,
                _ => 0,
            };
            let mut bytes = vec![first];
            for _ in 0..more {
                bytes.extend(byte(input)?);
            }
            String::from_utf8(bytes).map_or(Key::Other, Key::Text)
        }
    })
}

/// What comes behind an escape character: `ESC [ A`, `ESC O H`, `ESC [ 3 ~`, `ESC [ 1 ; 5 C`, `ESC b`.
fn escape(input: &mut dyn Read) -> io::Result<Key> {
    let mut parameters = String::new();
    let last = match byte(input)? {
        Some(b'[' | b'O') => loop {
            match byte(input)? {
                Some(b @ (b'0'..=b'9' | b';')) => parameters.push(char::from(b)),
                Some(b) => break b,
                None => return Ok(Key::Closed),
            }
        },
        Some(b'b') => return Ok(Key::WordLeft),
        Some(b'f') => return Ok(Key::WordRight),
        Some(0x7f) => return Ok(Key::KillWord),
        Some(_) => return Ok(Key::Other),
        None => return Ok(Key::Closed),
    };
    Ok(match (last, &*parameters) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', "") => Key::Right,
        (b'D', "") => Key::Left,
        (b'C', _) => Key::WordRight,
        (b'D', _) => Key::WordLeft,
        (b'H', _) | (b'~', "1" | "7") => Key::Home,
        (b'F', _) | (b'~', "4" | "8") => Key::End,
        (b'~', "3") => Key::Delete,
        _ => Key::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, keys: &str) -> Typed {
        editor.line("> ", 80, &mut keys.as_bytes(), &mut io::sink()).unwrap()
    }

    #[test]
    fn keys_edit_the_line() {
        const LEFT: &str = "\u{1b}[D";
        for (keys, expected) in [
            ("abc\r".to_string(), "abc"),
            ("abc\n".into(), "abc"),
            (format!("ac{LEFT}b\r"), "abc"),
            (format!("abcd\u{7f}{LEFT}\u{7f}\r"), "ac"),
            ("bc\u{1}a\u{5}d\r".into(), "abcd"),
            ("bc\u{1b}[Ha\u{1b}[Fd\r".into(), "abcd"),
            (format!("abc{LEFT}{LEFT}\u{1b}[3~\r"), "ac"),
            (format!("abc{LEFT}{LEFT}\u{b}\r"), "a"),
            (format!("abc{LEFT}\u{15}\r"), "c"),
            ("one two.three\u{17}\r".into(), "one two."),
            ("one two\u{1b}bX\u{1b}[1;5CY\r".into(), "one XtwoY"),
            (format!("日本{LEFT}é\r"), "日é本"),
            ("e\u{301}x\u{7f}\u{7f}\r".into(), ""),
            ("a\u{1}\u{4}b\r".into(), "b"),
            ("\u{1}\u{7f}\u{1b}[3~\u{1b}[A\u{1b}[B\u{1b}[5~\u{0}\r".into(), ""),
        ] {
            assert_eq!(typed(&mut Editor::default(), &keys), Typed::Line(expected.into()), "{keys:?}");
        }
        assert_eq!(typed(&mut Editor::default(), "abc\u{3}"), Typed::Interrupted);
        assert_eq!(typed(&mut Editor::default(), "\u{4}"), Typed::End);
        assert_eq!(typed(&mut Editor::default(), "abc"), Typed::End);
    }

    #[test]
    fn what_was_typed_before_comes_back() {
        let mut editor = Editor::default();
        for line in ["one\r", "two\r", "two\r", "\r"] {
            typed(&mut editor, line);
        }
        for (keys, expected) in [
            ("\u{1b}[A\r", "two"),
            ("\u{1b}[A\u{1b}[A!\r", "one!"),
            ("new\u{1b}[A\u{1b}[B\r", "new"),
            ("\u{10}\u{10}\u{10}\u{10}\u{10}\u{10}\u{10}\u{10}\r", "one"),
        ] {
            assert_eq!(typed(&mut editor, keys), Typed::Line(expected.into()), "{keys:?}");
        }
    }

    #[test]
    fn a_long_line_shows_around_the_cursor() {
        let mut out = Vec::new();
        let line = Line { at: 20, ..Line::of(&"0123456789".repeat(3)) };
        draw("> ", &line, 13, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\r> 0123456789\u{1b}[K");
        let mut out = Vec::new();
        draw("> ", &Line { at: 1, ..Line::of("abc") }, 80, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\r> abc\u{1b}[K\u{1b}[2D");
    }
}
