//! Asking before something happens.

use super::Ui;
use super::interrupt::Interrupt;
use crate::diag::Diagnostic;

/// Asks; `None` if the input ended without an answer. `instead` is the option for those who cannot be asked.
///
/// # Errors
/// Nobody can be asked: `-input=false`, `TF_INPUT=0`.
pub fn ask(ui: &Ui, question: &str, instead: &str) -> Result<Option<String>, Diagnostic> {
    may_ask(ui, instead)?;
    let answer = ui.ask(question).map_err(unreadable)?;
    ui.line("");
    Ok(answer)
}

/// The same while Ctrl-C is listened to: `None` then, too.
pub async fn ask_interruptibly(
    ui: &Ui,
    question: &str,
    instead: &str,
    interrupt: &Interrupt,
) -> Result<Option<String>, Diagnostic> {
    may_ask(ui, instead)?;
    let (send, receive) = tokio::sync::oneshot::channel();
    let (asking, question) = (ui.clone(), question.to_string());
    // A thread that may wait for ever: nobody waits for it when the answer is Ctrl-C.
    std::thread::spawn(move || send.send(asking.ask(question)));
    let answer = tokio::select! {
        answer = receive => answer.unwrap_or(Ok(None)).map_err(unreadable)?,
        () = interrupt.wait(1) => None,
    };
    ui.line("");
    Ok(answer)
}

fn may_ask(ui: &Ui, instead: &str) -> Result<(), Diagnostic> {
    if ui.input {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Cannot ask for approval",
        "This needs an answer, and asking is switched off (-input=false or TF_INPUT). Nothing was changed.",
    )
    .help(format!("If you know what will happen, approve with {instead}.")))
}

fn unreadable(e: std::io::Error) -> Diagnostic {
    Diagnostic::error("Cannot ask for approval", format!("The input cannot be read: {e}."))
}
