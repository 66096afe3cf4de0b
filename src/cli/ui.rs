//! What a command prints to and reads from, and how much it may show: the only way out of the program.

use super::line_editor::{Editor, Typed};
use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The two outputs and the input of a run. Clones write to the same place, line by line.
#[derive(Clone)]
pub struct Ui {
    streams: Arc<Mutex<Streams>>,
    /// Apart from the outputs: waiting for an answer must not hold up what is printed meanwhile.
    typed: Arc<Mutex<Box<dyn BufRead + Send>>>,
    /// Whether to colour.
    pub color: bool,
    /// Whether a person watches the output live: then progress may move.
    pub live: bool,
    /// Whether a person types the input, and sees it.
    pub typing: bool,
    /// How many columns text may take.
    pub width: usize,
    /// Whether there is anyone to ask.
    pub input: bool,
    /// `TF_IN_AUTOMATION`: no hints about what to type next.
    pub automation: bool,
}

struct Streams {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
}

impl Ui {
    /// The process's own streams. `env` decides about colours.
    pub fn of_process(env: impl Fn(&str) -> Option<String>) -> Ui {
        let set = |name: &str| env(name).is_some_and(|v| !v.is_empty());
        let terminal = io::stdout().is_terminal();
        let dumb = env("TERM").is_some_and(|t| t == "dumb");
        let width = match rustix::termios::tcgetwinsize(io::stdout()) {
            Ok(size) if terminal && size.ws_col > 0 => usize::from(size.ws_col),
            _ => 80,
        };
        let off = |name: &str| env(name).is_some_and(|v| matches!(&*v, "0" | "f" | "F" | "false" | "FALSE" | "False"));
        Ui {
            streams: Arc::new(Mutex::new(Streams { out: Box::new(io::stdout()), err: Box::new(io::stderr()) })),
            typed: Arc::new(Mutex::new(Box::new(io::BufReader::new(io::stdin())))),
            color: terminal && !dumb && !set("NO_COLOR"),
            live: terminal && io::stderr().is_terminal() && !dumb,
            typing: terminal && io::stdin().is_terminal() && !dumb,
            width,
            input: !off("TF_INPUT"),
            automation: set("TF_IN_AUTOMATION"),
        }
    }

    /// Streams in memory, for tests: no colours, 80 columns, `input` as what is typed.
    pub fn in_memory(input: &str) -> (Ui, Captured) {
        let captured = Captured::default();
        let streams = Streams { out: Box::new(captured.out.clone()), err: Box::new(captured.err.clone()) };
        let ui = Ui {
            streams: Arc::new(Mutex::new(streams)),
            typed: Arc::new(Mutex::new(Box::new(io::Cursor::new(input.to_string())))),
            color: false,
            live: false,
            typing: false,
            width: 80,
            input: true,
            automation: false,
        };
        (ui, captured)
    }

    /// The same without colours and movement: for a program that reads.
    pub fn plain(&self) -> Ui {
        Ui { color: false, live: false, ..self.clone() }
    }

    /// The same, where nobody is asked unless `may` too.
    pub fn asking(&self, may: bool) -> Ui {
        Ui { input: self.input && may, ..self.clone() }
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line of output. A reader that went away is no error: what is left has nobody to read it.
    pub fn line(&self, text: impl Display) {
        let _ = writeln!(self.streams().out, "{text}");
    }

    /// Output as it is.
    pub fn print(&self, text: impl Display) {
        let mut streams = self.streams();
        let _ = write!(streams.out, "{text}").and_then(|()| streams.out.flush());
    }

    /// A line for the eyes of the user alone: never part of the result.
    pub fn note(&self, text: impl Display) {
        let _ = writeln!(self.streams().err, "{text}");
    }

    /// Text for the user's eyes, as it is.
    pub fn print_note(&self, text: impl Display) {
        let mut streams = self.streams();
        let _ = write!(streams.err, "{text}").and_then(|()| streams.err.flush());
    }

    /// Asks, and waits for a line. `None` if the input has ended.
    pub fn ask(&self, question: impl Display) -> io::Result<Option<String>> {
        self.print(question);
        let mut answer = String::new();
        let read = self.typed.lock().unwrap_or_else(PoisonError::into_inner).read_line(&mut answer)?;
        Ok((read > 0).then(|| answer.trim().to_string()))
    }

    /// All of the input.
    pub fn read_all(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.typed.lock().unwrap_or_else(PoisonError::into_inner).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A line that is edited on the terminal while it is typed.
    pub fn edit_line(&self, editor: &mut Editor, prompt: &str) -> io::Result<Typed> {
        let _keys = RawKeys::new()?;
        let mut streams = self.streams();
        editor.line(prompt, self.width, &mut io::stdin().lock(), &mut streams.out)
    }

    /// `text` in this style, where there are colours.
    pub fn style(&self, style: Style, text: impl Display) -> String {
        if !self.color {
            return text.to_string();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Red => "31",
            Style::Green => "32",
            Style::Yellow => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// While it lives, the terminal hands over each key as it is pressed, and shows none by itself.
struct RawKeys(rustix::termios::Termios);

impl RawKeys {
    fn new() -> io::Result<RawKeys> {
        let before = rustix::termios::tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Drain, &raw)?;
        Ok(RawKeys(before))
    }
}

impl Drop for RawKeys {
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Drain, &self.0);
    }
}

/// How text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Headings.
    Bold,
    /// Errors and deletions.
    Red,
    /// Success and additions.
    Green,
    /// Warnings and changes.
    Yellow,
}

/// What was written to an [`Ui::in_memory`].
#[derive(Clone, Default)]
pub struct Captured {
    out: Shared,
    err: Shared,
}

impl Captured {
    /// The output so far.
    pub fn out(&self) -> String {
        self.out.text()
    }

    /// What went to the user's eyes so far.
    pub fn err(&self) -> String {
        self.err.text()
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
