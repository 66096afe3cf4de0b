//! Strings with something to fill in.
//!
//! Refuses to know how templates are written.

use super::walk::{Frame, Walk};
use crate::config::expr::Part;
use crate::diag::{Diagnostic, Span};
use crate::value::{Marks, Refinement, Type, Value, convert};

const INVALID: &str = "Invalid template interpolation value";

/// What a template has come to so far.
#[derive(Default)]
struct Text {
    text: String,
    /// A hole was met: `text` is only the beginning.
    open: bool,
    failed: bool,
    marks: Marks,
}

impl Walk<'_> {
    /// `"a${b}c"`: always a string and never null. Of one with holes, the text before the first hole is known.
    pub fn template(&mut self, parts: &[Part], frame: Option<&Frame<'_>>) -> Value {
        let mut text = Text::default();
        for part in parts {
            self.part(part, frame, &mut text);
        }
        let value = match (text.open || text.failed, text.failed) {
            (false, _) => Value::string(text.text),
            (true, failed) => {
                let known = Value::string(if failed { "" } else { &text.text });
                let prefix = known.as_str().map(safe_prefix).filter(|prefix| !prefix.is_empty()).map(Into::into);
                Value::refined(Type::String, Refinement { not_null: true, prefix, ..Refinement::default() })
            }
        };
        value.mark(text.marks)
    }

    fn part(&mut self, part: &Part, frame: Option<&Frame<'_>>, text: &mut Text) {
        match part {
            Part::Text(s, _) => text.push(s),
            Part::Interpolation(expr) => {
                let (value, ok) = self.try_eval(expr, frame);
                text.failed |= !ok;
                self.interpolate(&value, &expr.span, text);
            }
            Part::If { condition, then, otherwise, span } => {
                self.level += 1;
                let value = self.eval(condition, frame);
                let decided = self.truth(&value, &condition.span);
                match decided.as_ref().map(|d| (d.as_bool(), d.marks())) {
                    Some((Some(taken), marks)) => {
                        let value = self.template(if taken { then } else { otherwise }, frame);
                        self.interpolate(&value.mark(marks), span, text);
                    }
                    Some((None, marks)) => {
                        let sides = [then, otherwise].map(|side| self.apart(|w| w.template(side, frame)).0.marks());
                        text.marks = sides.into_iter().fold(text.marks.or(marks), |all, m| all.or(m));
                        text.open = true;
                    }
                    None => text.failed = true,
                }
                self.level -= 1;
            }
            Part::For { key_name, value_name, collection, body, span: _ } => {
                self.level += 1;
                let (value, ok) = self.try_eval(collection, frame);
                text.failed |= !ok;
                match self.elements(&value, collection) {
                    Some((elements, marks)) => {
                        let mut all = Text { marks, ..Text::default() };
                        for (key, value) in &elements {
                            let keyed =
                                key_name.as_ref().map(|name| Frame { name: &name.name, value: key, outer: frame });
                            let inner = Frame { name: &value_name.name, value, outer: keyed.as_ref().or(frame) };
                            let item = self.template(body, Some(&inner));
                            all.add(&item);
                        }
                        text.marks = text.marks.or(all.marks);
                        if all.open {
                            text.open = true;
                        } else {
                            text.push(&all.text);
                        }
                    }
                    None => {
                        text.marks = text.marks.or(value.marks());
                        text.open = true;
                    }
                }
                self.level -= 1;
            }
        }
    }

    fn interpolate(&mut self, value: &Value, span: &Span, text: &mut Text) {
        if value.is_null() {
            let detail = "The expression result is null. Cannot include a null value in a string template.";
            self.fail(Diagnostic::error(INVALID, detail).at(span));
            text.failed = true;
            return;
        }
        text.marks = text.marks.or(value.marks());
        if !value.is_known() {
            text.open = true;
            return;
        }
        match convert(value, &Type::String) {
            Ok(value) => text.add(&value.with_marks(Marks::NONE)),
            Err(error) => {
                let detail = format!("Cannot include the given value in a string template: {error}.");
                self.fail(Diagnostic::error(INVALID, detail).at(span));
                text.failed = true;
            }
        }
    }
}

impl Text {
    fn push(&mut self, s: &str) {
        if !self.open {
            self.text.push_str(s);
        }
    }

    /// Puts a string or a hole at the end.
    fn add(&mut self, value: &Value) {
        self.marks = self.marks.or(value.marks());
        match value.as_str() {
            Some(s) => self.push(s),
            None => self.open = true,
        }
    }
}

/// The part of a beginning that stays as it is whatever follows. The last character may still take up an accent, unless it is
/// one of those that texts are commonly put together with.
pub fn safe_prefix(text: &str) -> &str {
    use unicode_segmentation::UnicodeSegmentation;
    const FIRM: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    match text.grapheme_indices(true).next_back() {
        Some((_, last)) if FIRM.contains(last) => text,
        Some((at, _)) => &text[..at],
        None => text,
    }
}
