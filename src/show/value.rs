//! Two values → the lines that show how one becomes the other, as Terraform draws them; what did not change is folded.
//!
//! Strings that hold JSON (policies, definitions) are taken apart and shown per changed part.

use super::fold;
use super::lines::{Lines, Mark};
use crate::value::{Fields, Kind, Type, Value, json, quote};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::sync::Arc;

/// Parts that are shown although they did not change: they tell which object it is.
const ORIENTING: [&str; 3] = ["id", "name", "tags"];

/// How a value is put into its line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// What stands before it: `name = `, or nothing for an element.
    pub prefix: &'a str,
    /// What stands after it: `,` for an element.
    pub suffix: &'a str,
    /// Whether its change replaces the object.
    pub forces: bool,
    /// Whether a removed value is followed by `-> null`: arguments are, what is inside a value is not.
    pub argument: bool,
}

/// What happens to a value.
pub fn mark_of(before: &Value, after: &Value) -> Mark {
    match (before.is_null(), after.is_null()) {
        (true, true) => Mark::Same,
        (true, false) => Mark::Added,
        (false, true) => Mark::Removed,
        (false, false) if bare(before) == bare(after) && before.is_sensitive() == after.is_sensitive() => Mark::Same,
        (false, false) => Mark::Changed,
    }
}

fn bare(v: &Value) -> Value {
    v.clone().unmark_deep().0
}

/// Draws one value's change.
pub fn draw(out: &mut Lines, level: usize, place: Place<'_>, before: &Value, after: &Value) {
    let mark = mark_of(before, after);
    let forces = if place.forces { " # forces replacement" } else { "" };
    let Place { prefix, suffix, .. } = place;
    if before.is_sensitive() || after.is_sensitive() {
        let tail = if mark == Mark::Removed && place.argument { " -> null" } else { "" };
        out.push(level, mark, format!("{prefix}(sensitive value){tail}{forces}{suffix}"));
        return;
    }
    if !after.is_known() {
        if before.is_null() {
            out.push(level, mark, format!("{prefix}(known after apply){forces}{suffix}"));
        } else if is_simple(before) {
            out.push(level, mark, format!("{prefix}{} -> (known after apply){forces}{suffix}", inline(before)));
        } else {
            draw(out, level, Place { prefix, ..Place::default() }, before, &Value::null(Type::Any));
            if let Some(last) = out.0.last_mut() {
                last.text.push_str(&format!(" -> (known after apply){forces}{suffix}"));
            }
        }
        return;
    }
    if let Some((b, a)) = both_json(before, after) {
        draw_json(out, level, place, mark, before, after, &b, &a);
        return;
    }
    if is_heredoc(before) || is_heredoc(after) {
        draw_heredoc(out, level, place, mark, before, after);
        return;
    }
    let tail = if mark == Mark::Removed && place.argument { " -> null" } else { "" };
    // In policies "x" and ["x"] mean the same, so what is new is the other elements.
    if let (Some(before), Some(after)) = (listed(before, after), listed(after, before)) {
        return draw_elements(out, level, place, mark, &before, &after, tail);
    }
    match (shape(before), shape(after)) {
        (Some(_), Some(_)) if !before.is_null() && !after.is_null() && !same_shape(before, after) => {
            draw(out, level, Place { prefix, ..Place::default() }, before, &Value::null(Type::Any));
            let mut rest = Lines::default();
            let place = Place { suffix, forces: place.forces, ..Place::default() };
            draw(&mut rest, level, place, &Value::null(Type::Any), after);
            let mut rest = rest.0.into_iter();
            if let Some(first) = rest.next() {
                out.append(&format!(" -> {}", first.text));
            }
            out.0.extend(rest);
        }
        (Some(Shape::Fields), _) | (None, Some(Shape::Fields)) if !is_scalar_pair(before, after) => {
            draw_fields(out, level, place, mark, before, after, tail);
        }
        (Some(Shape::Elements), _) | (None, Some(Shape::Elements)) if !is_scalar_pair(before, after) => {
            draw_elements(out, level, place, mark, before, after, tail);
        }
        _ => {
            let text = match mark {
                Mark::Same => inline(after),
                Mark::Added => inline(after),
                Mark::Removed => inline(before),
                _ => becomes(before, after, ROOM.saturating_sub(level * 4 + 4 + columns(prefix))),
            };
            out.push(level, mark, format!("{prefix}{text}{tail}{forces}{suffix}"));
        }
    }
}

/// A string beside a tuple as a tuple of its own, where exactly one of the two is a string.
fn listed(v: &Value, other: &Value) -> Option<Value> {
    match (v.kind(), other.kind()) {
        (Kind::String(_), Kind::Tuple(_)) => Some(Value::tuple(vec![v.clone()])),
        (Kind::Tuple(_), Kind::String(_)) => Some(v.clone()),
        _ => None,
    }
}

fn is_scalar_pair(before: &Value, after: &Value) -> bool {
    let scalar = |v: &Value| v.is_null() || shape(v).is_none();
    scalar(before) && scalar(after)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Fields,
    Elements,
}

fn shape(v: &Value) -> Option<Shape> {
    match v.kind() {
        Kind::Map(..) | Kind::Object(_) => Some(Shape::Fields),
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => Some(Shape::Elements),
        _ => None,
    }
}

fn same_shape(a: &Value, b: &Value) -> bool {
    shape(a) == shape(b)
}

/// Fits on one line.
fn is_simple(v: &Value) -> bool {
    match v.kind() {
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.is_empty(),
        Kind::Map(_, fs) | Kind::Object(fs) => fs.is_empty(),
        Kind::String(s) => !s.trim_end_matches('\n').contains('\n') && parsed(v).is_none(),
        _ => true,
    }
}

/// A value that fits on one line.
pub fn inline(v: &Value) -> String {
    if v.is_sensitive() {
        return "(sensitive value)".into();
    }
    match v.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => "(known after apply)".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => quote::hcl(s),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) if vs.is_empty() => "[]".into(),
        Kind::Map(_, fs) | Kind::Object(fs) if fs.is_empty() => "{}".into(),
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => "[...]".into(),
        Kind::Map(..) | Kind::Object(_) => "{...}".into(),
    }
}

/// Columns that a line should have at most.
const ROOM: usize = 80;

/// `"old" -> "new"`; of long texts only the part that differs, with what is around it.
fn becomes(before: &Value, after: &Value, room: usize) -> String {
    let whole = format!("{} -> {}", inline(before), inline(after));
    match (before.as_str(), after.as_str()) {
        (Some(b), Some(a)) if columns(&whole) > room => {
            let (b, a) = fold::pair(b, a);
            format!("{} -> {}", quote::hcl(&b), quote::hcl(&a))
        }
        _ => whole,
    }
}

// --- JSON ---

/// The value behind a string that holds a JSON object or array.
fn parsed(v: &Value) -> Option<Value> {
    let text = v.as_str()?;
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    let ty = json::implied_type(&parsed);
    json::from_json(&parsed, &ty).ok()
}

/// Both sides as JSON, if at least one is and none is other text.
fn both_json(before: &Value, after: &Value) -> Option<(Value, Value)> {
    let side = |v: &Value| if v.is_null() { Some(Value::null(Type::Any)) } else { parsed(v) };
    if before.is_null() && after.is_null() {
        return None;
    }
    Some((side(before)?, side(after)?))
}

#[allow(clippy::too_many_arguments)]
fn draw_json(
    out: &mut Lines,
    level: usize,
    place: Place<'_>,
    mark: Mark,
    before_text: &Value,
    after_text: &Value,
    before: &Value,
    after: &Value,
) {
    let Place { prefix, suffix, forces, argument } = place;
    let remark = match (mark, before == after && bare(before_text) != bare(after_text), forces) {
        (Mark::Changed, true, true) => " # whitespace changes force replacement",
        (Mark::Changed, true, false) => " # whitespace changes",
        (_, _, true) => " # forces replacement",
        _ => "",
    };
    out.push(level, mark, format!("{prefix}jsonencode({remark}"));
    let first = out.0.len();
    draw(out, level + 1, Place::default(), before, after);
    if let Some(line) = out.0.get_mut(first).filter(|_| mark != Mark::Changed) {
        line.mark = Mark::Same;
    }
    let tail = if mark == Mark::Removed && argument { " -> null" } else { "" };
    out.push(level, Mark::Same, format!("){tail}{suffix}"));
}

// --- Text of several lines ---

fn is_heredoc(v: &Value) -> bool {
    v.as_str().is_some_and(|s| s.trim_end_matches('\n').contains('\n'))
}

fn draw_heredoc(out: &mut Lines, level: usize, place: Place<'_>, mark: Mark, before: &Value, after: &Value) {
    let Place { prefix, suffix, forces, argument } = place;
    let remark = if forces { " # forces replacement" } else { "" };
    fn lines(v: &Value) -> Vec<&str> {
        v.as_str().map(|s| s.strip_suffix('\n').unwrap_or(s).split('\n').collect()).unwrap_or_default()
    }
    let (b, a) = (lines(before), lines(after));
    out.push(level, mark, format!("{prefix}<<-EOT{remark}"));
    for op in capture_diff_slices(Algorithm::Myers, &b, &a) {
        let (tag, old, new) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => {
                fold(out, level + 1, new.len(), |out, i| out.push(level + 1, Mark::Same, a[new.start + i]))
            }
            _ => {
                b[old].iter().for_each(|l| out.push(level + 1, Mark::Removed, *l));
                a[new].iter().for_each(|l| out.push(level + 1, Mark::Added, *l));
            }
        }
    }
    let tail = if mark == Mark::Removed && argument { " -> null" } else { "" };
    out.push(level, Mark::Same, format!("EOT{tail}{suffix}"));
}

/// Shows the ends of a long unchanged stretch.
fn fold(out: &mut Lines, level: usize, len: usize, mut show: impl FnMut(&mut Lines, usize)) {
    const AROUND: usize = 3;
    if len <= 2 * AROUND + 1 {
        (0..len).for_each(|i| show(out, i));
        return;
    }
    (0..AROUND).for_each(|i| show(out, i));
    out.remark(level, format!("# ({} unchanged lines hidden)", len - 2 * AROUND));
    (len - AROUND..len).for_each(|i| show(out, i));
}

// --- Maps and objects ---

fn draw_fields(out: &mut Lines, level: usize, place: Place<'_>, mark: Mark, before: &Value, after: &Value, tail: &str) {
    let Place { prefix, suffix, forces, .. } = place;
    let remark = if forces { " # forces replacement" } else { "" };
    let is_map = matches!(before.kind(), Kind::Map(..)) || matches!(after.kind(), Kind::Map(..));
    let none = Fields::new();
    let (b, a) = (before.as_fields().unwrap_or(&none), after.as_fields().unwrap_or(&none));
    let mut names: Vec<&Arc<str>> = b.keys().chain(a.keys()).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        out.push(level, mark, format!("{prefix}{{}}{tail}{remark}{suffix}"));
        return;
    }
    out.push(level, mark, format!("{prefix}{{{remark}"));
    let null = Value::null(Type::Any);
    let spell = |name: &str| if is_map { quote::hcl(name) } else { quote::hcl_key(name) };
    let width = names.iter().map(|n| columns(&spell(n))).max().unwrap_or_default();
    let mut hidden = 0;
    for name in names {
        let (old, new) = (b.get(name).unwrap_or(&null), a.get(name).unwrap_or(&null));
        // A null that is really there is not the same as nothing, inside JSON.
        let here = mark_of(old, new);
        if here == Mark::Same && mark == Mark::Changed && (is_map || !ORIENTING.contains(&&**name)) {
            hidden += 1;
            continue;
        }
        let spelt = spell(name);
        let pad = " ".repeat(width - columns(&spelt));
        draw(out, level + 1, Place { prefix: &format!("{spelt}{pad} = "), ..Place::default() }, old, new);
    }
    hidden_remark(out, level + 1, hidden, if is_map { "element" } else { "attribute" });
    out.push(level, Mark::Same, format!("}}{tail}{suffix}"));
}

pub(super) fn hidden_remark(out: &mut Lines, level: usize, hidden: usize, what: &str) {
    if hidden > 0 {
        let s = if hidden == 1 { "" } else { "s" };
        out.remark(level, format!("# ({hidden} unchanged {what}{s} hidden)"));
    }
}

/// Columns on a terminal.
pub(super) fn columns(s: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(s)
}

// --- Lists, tuples and sets ---

fn draw_elements(
    out: &mut Lines,
    level: usize,
    place: Place<'_>,
    mark: Mark,
    before: &Value,
    after: &Value,
    tail: &str,
) {
    let Place { prefix, suffix, forces, .. } = place;
    let remark = if forces { " # forces replacement" } else { "" };
    let (b, a) = (before.as_slice().unwrap_or_default(), after.as_slice().unwrap_or_default());
    if b.is_empty() && a.is_empty() {
        out.push(level, mark, format!("{prefix}[]{tail}{remark}{suffix}"));
        return;
    }
    out.push(level, mark, format!("{prefix}[{remark}"));
    let is_set = matches!(before.kind(), Kind::Set(..)) || matches!(after.kind(), Kind::Set(..));
    let pairs = if is_set { set_pairs(b, a) } else { list_pairs(b, a) };
    let null = Value::null(Type::Any);
    let changed: Vec<bool> =
        pairs.iter().map(|(o, n)| mark_of(o.unwrap_or(&null), n.unwrap_or(&null)) != Mark::Same).collect();
    let mut hidden = 0;
    for (i, (old, new)) in pairs.iter().enumerate() {
        // An unchanged neighbour shows where in the list a change is.
        let near = !is_set && ((i > 0 && changed[i - 1]) || changed.get(i + 1) == Some(&true));
        if mark == Mark::Changed && !changed[i] && !near {
            hidden += 1;
            continue;
        }
        if !is_set {
            hidden_remark(out, level + 1, std::mem::take(&mut hidden), "element");
        }
        draw(out, level + 1, Place { suffix: ",", ..Place::default() }, old.unwrap_or(&null), new.unwrap_or(&null));
    }
    hidden_remark(out, level + 1, hidden, "element");
    out.push(level, Mark::Same, format!("]{tail}{suffix}"));
}

type Pair<'a> = (Option<&'a Value>, Option<&'a Value>);

fn set_pairs<'a>(before: &'a [Value], after: &'a [Value]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair<'a>> = before.iter().map(|b| (Some(b), after.iter().find(|a| *a == b))).collect();
    pairs.extend(after.iter().filter(|a| !before.contains(a)).map(|a| (None, Some(a))));
    pairs
}

/// Elements that belong together: equal ones by the longest common run, objects between them one by one.
fn list_pairs<'a>(before: &'a [Value], after: &'a [Value]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, before, after) {
        let (tag, old, new) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => pairs.extend(old.zip(new).map(|(o, n)| (Some(&before[o]), Some(&after[n])))),
            _ => {
                let (mut olds, mut news) = (before[old].iter().peekable(), after[new].iter().peekable());
                while let (Some(o), Some(n)) = (olds.peek(), news.peek()) {
                    // Only what has parts can be shown as changed; a string is taken out and another put in.
                    if shape(o).is_some() && same_shape(o, n) {
                        pairs.push((olds.next(), news.next()));
                    } else {
                        pairs.push((olds.next(), None));
                        pairs.push((None, news.next()));
                    }
                }
                pairs.extend(olds.map(|o| (Some(o), None)));
                pairs.extend(news.map(|n| (None, Some(n))));
            }
        }
    }
    pairs
}
