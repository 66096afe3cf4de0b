//! A plan as text: Terraform's wording and symbols, which people know and tools look for.

use super::lines::{Lines, Mark};
use super::value::{self, Place, hidden_remark, mark_of};
use super::{Style, access, danger, definition, diagnostics, outside};
use crate::address::Key;
use crate::plan::{Action, Change, Counts, Mode, OutputChange, Plan, Reason};
use crate::resources;
use crate::review;
use crate::schema::{Block, NestedBlock, Nesting};
use crate::value::{Fields, Marks, Path, PathStep, Type, Value};

/// Attributes that are shown although they did not change: they tell which object it is.
const ORIENTING: [&str; 3] = ["id", "name", "tags"];

/// The whole plan. Warnings are not part of it.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    if plan.mode == Mode::RefreshOnly {
        return refresh_only(plan, style);
    }
    let shown: Vec<&Change> = plan.changes.iter().filter(|c| is_shown(c)).collect();
    let outputs = plan.outputs.iter().any(|(_, o)| o.action != Action::NoOp);
    if shown.is_empty() && !outputs {
        return nothing(plan, style);
    }
    out.push_str(&outside::note(plan, style));
    if !shown.is_empty() {
        out.push_str(&legend(&shown, style));
        out.push_str(&style.bold(&format!("{} will perform the following actions:", style.product)));
        out.push_str("\n\n");
        for change in &shown {
            let loss = plan.losses.iter().find(|l| l.is_of(change));
            let loss = loss.map(|l| format!("(holds {}, which would be lost)", l.what));
            out.push_str(&self::change(change, by_others(plan, change).as_deref(), loss.as_deref(), style));
            out.push('\n');
        }
        out.push_str(&counts(plan.counts(), style));
        out.push('\n');
    }
    if outputs {
        if !shown.is_empty() {
            out.push('\n');
        }
        out.push_str(&output_changes(plan.outputs.iter().map(|(n, o)| (&**n, o)), style));
        if shown.is_empty() {
            let product = style.product;
            out.push('\n');
            out.push_str(&diagnostics::wrap(
                &format!("You can apply this plan to save these new output values to the {product} state, without changing any real infrastructure."),
                style.width,
            ));
            out.push('\n');
        }
    }
    out.push_str(&danger::text(plan, style));
    out.push_str(&access::text(plan, style));
    out
}

/// Whether a reviewer must see it.
fn is_shown(c: &Change) -> bool {
    c.action != Action::NoOp || c.previous.is_some() || c.importing.is_some()
}

fn nothing(plan: &Plan, style: Style) -> String {
    let (title, detail) = match plan.mode {
        Mode::Destroy => (
            "No changes. No objects need to be destroyed.",
            format!(
                "Either you have not created any objects yet or the existing objects were already deleted outside of {}.",
                style.product
            ),
        ),
        _ => (
            "No changes. Your infrastructure matches the configuration.",
            format!(
                "{} has compared your real infrastructure against your configuration and found no differences, so no changes are needed.",
                style.product
            ),
        ),
    };
    let (title, rest) = title.split_at(11);
    format!("{}{}\n\n{}\n", style.green(title), style.bold(rest), diagnostics::wrap(&detail, style.width))
}

fn refresh_only(plan: &Plan, style: Style) -> String {
    let outputs = plan.outputs.iter().any(|(_, o)| o.action != Action::NoOp);
    if plan.drift.is_empty() && !outputs {
        let detail = format!(
            "{} has checked that the real remote objects still match the result of your most recent changes, and found no differences.",
            style.product
        );
        let title = style.green("No changes.") + &style.bold(" Your infrastructure still matches the configuration.");
        return format!("{title}\n\n{}\n", diagnostics::wrap(&detail, style.width));
    }
    let mut out = String::new();
    if !plan.drift.is_empty() {
        out.push_str(&style.bold("Note: Objects have changed outside of Terraform"));
        out.push_str("\n\n");
        let intro =
            format!("{} detected the following changes made outside of it since the last apply:", style.product);
        out.push_str(&diagnostics::wrap(&intro, style.width));
        out.push_str("\n\n");
        for change in &plan.drift {
            out.push_str(&drift(change, &known_of(plan, change), style));
            out.push('\n');
        }
    }
    if outputs {
        out.push_str(&output_changes(plan.outputs.iter().map(|(n, o)| (&**n, o)), style));
        out.push('\n');
    }
    let beside = danger::text(plan, style) + &access::text(plan, style);
    if !beside.is_empty() {
        out.push_str(&format!("{}\n", beside.trim_start_matches('\n')));
    }
    let note = "This is a refresh-only plan, so no actions will be taken to undo these. If you were expecting these changes then you can apply this plan to record the updated values in the state without changing any remote objects.";
    out.push_str(&diagnostics::wrap(note, style.width));
    out.push('\n');
    out
}

/// `Plan: 4 to add, 0 to change, 0 to destroy.`
pub fn counts(c: Counts, style: Style) -> String {
    let import = if c.import > 0 { format!("{} to import, ", c.import) } else { String::new() };
    let forget = if c.forget > 0 { format!(", {} to forget", c.forget) } else { String::new() };
    let head = style.bold("Plan:");
    format!("{head} {import}{} to add, {} to change, {} to destroy{forget}.", c.add, c.change, c.destroy)
}

/// Which symbols stand for what, as far as they occur.
fn legend(shown: &[&Change], style: Style) -> String {
    let has = |a: Action| shown.iter().any(|c| c.action == a);
    let made = if style.poses() { "used the selected providers to generate" } else { "generated" };
    let mut out = diagnostics::wrap(
        &format!(
            "{} {made} the following execution plan. Resource actions are indicated with the following symbols:",
            style.product
        ),
        style.width,
    );
    out.push('\n');
    for (action, mark, words) in [
        (Action::Create, Mark::Added, "create"),
        (Action::Update, Mark::Changed, "update in-place"),
        (Action::Delete, Mark::Removed, "destroy"),
        (Action::DeleteThenCreate, Mark::Replaced, "destroy and then create replacement"),
        (Action::CreateThenDelete, Mark::ReplacedCreateFirst, "create replacement and then destroy"),
        (Action::Read, Mark::Read, "read (data resources)"),
        (Action::Forget, Mark::Forgotten, "forget"),
    ] {
        if has(action) {
            out.push_str(&format!("{} {words}\n", mark.painted(style)));
        }
    }
    out.push('\n');
    out
}

/// What of a change undoes, or answers, what others did: a reviewer looks for it in the configuration in vain.
fn by_others(plan: &Plan, c: &Change) -> Option<String> {
    let drift = plan.drift.iter().find(|d| d.address == c.address && c.deposed.is_none())?;
    if drift.action == Action::Delete {
        return (c.action == Action::Create).then(|| "(it was deleted outside of Terraform)".to_string());
    }
    let changed = review::drift::changed_attributes(c);
    let names = review::drift::changed_attributes(drift).into_iter().filter(|n| changed.contains(n));
    // What AWS counts up with any change is no news.
    let names = names.filter(|n| *n != "revision_id").collect::<Vec<_>>().join(", ");
    (c.action != Action::Delete && !names.is_empty()).then(|| format!("(changed outside of Terraform: {names})"))
}

/// One object's change, with remarks under its headline: who else was at it, and what would be lost.
fn change(c: &Change, others: Option<&str>, loss: Option<&str>, style: Style) -> String {
    let mut out = String::new();
    for line in headline(c) {
        out.push_str(&format!("  {}\n", style.bold(&line)));
    }
    let others = others.map(|o| diagnostics::wrap(o, style.width.saturating_sub(4))).unwrap_or_default();
    for line in others.lines() {
        out.push_str(&format!("  {}\n", style.bold(&format!("# {line}"))));
    }
    if let Some(loss) = loss {
        out.push_str(&format!("  {}\n", style.bold(&style.red(&format!("# {loss}")))));
    }
    out.push_str(&lines(c).render(style));
    out
}

/// The lines of a change, without what stands above them.
pub(super) fn lines(c: &Change) -> Lines {
    let after = if c.action == Action::Forget { &c.before } else { &c.after };
    body(c, mark(c.action), &c.before, after, c.action == Action::Forget)
}

fn mark(action: Action) -> Mark {
    match action {
        Action::NoOp => Mark::Same,
        Action::Create => Mark::Added,
        Action::Read => Mark::Read,
        Action::Update => Mark::Changed,
        Action::DeleteThenCreate => Mark::Replaced,
        Action::CreateThenDelete => Mark::ReplacedCreateFirst,
        Action::Delete => Mark::Removed,
        Action::Forget => Mark::Forgotten,
    }
}

/// The whole object of a change that changes nothing.
pub(super) fn unchanged(c: &Change) -> Lines {
    body(c, Mark::Same, &c.before, &c.after, true)
}

/// When an object that others changed did so, as far as AWS tells, and how to learn who.
fn known_of(plan: &Plan, c: &Change) -> Vec<String> {
    let mut told = plan.seen.traces.get(&c.address).cloned().unwrap_or_default();
    let calls = review::drift::calls(c);
    if !calls.is_empty() {
        told.push(format!("see who in CloudTrail: {}", calls.join(", ")));
    }
    told
}

/// A change that was made outside, with what is known of it.
pub(super) fn drift(c: &Change, told: &[String], style: Style) -> String {
    let (words, mark) = match c.action {
        Action::Delete => ("has been deleted", Mark::Removed),
        _ => ("has changed", Mark::Changed),
    };
    let mut head = format!("  {}\n", style.bold(&format!("# {} {words}", c.address)));
    for line in diagnostics::wrap(&told.join("; "), style.width.saturating_sub(6)).lines() {
        head.push_str(&format!("  {}\n", style.dim(&format!("#   {line}"))));
    }
    format!("{head}{}", body(c, mark, &c.before, &c.after, false).render(style))
}

fn headline(c: &Change) -> Vec<String> {
    let a = match &c.deposed {
        Some(id) => format!("{} (deposed object {id})", c.address),
        None => c.address.to_string(),
    };
    let first = match (c.action, c.reason) {
        (Action::NoOp, _) => match (&c.previous, &c.importing) {
            (Some(from), _) => format!("# {from} has moved to {a}"),
            _ => format!("# {a} will be imported"),
        },
        (Action::Create, _) => format!("# {a} will be created"),
        (Action::Read, _) => format!("# {a} will be read during apply"),
        (Action::Update, _) => format!("# {a} will be updated in-place"),
        (Action::Delete, _) => format!("# {a} will be destroyed"),
        (Action::Forget, _) => format!("# {a} will no longer be managed, but will not be destroyed"),
        (_, Some(Reason::ReplaceBecauseTainted)) => format!("# {a} is tainted, so must be replaced"),
        (_, Some(Reason::ReplaceByRequest)) => format!("# {a} will be replaced, as requested"),
        (_, Some(Reason::ReplaceByTriggers)) => {
            format!("# {a} will be replaced due to changes in replace_triggered_by")
        }
        _ => format!("# {a} must be replaced"),
    };
    let mut lines = vec![first];
    let address = &c.address;
    let why = match c.reason {
        _ if c.action == Action::Forget => Some("destroy = false is set in the configuration".to_string()),
        Some(Reason::DeleteBecauseNoResourceConfig) => {
            Some(format!("because {} is not in configuration", address.with_key(None)))
        }
        Some(Reason::DeleteBecauseNoMoveTarget) => Some(format!(
            "because {} was moved to {address}, which is not in configuration",
            c.previous.as_ref().unwrap_or(address)
        )),
        Some(Reason::DeleteBecauseNoModule) => Some(format!("because {} is not in configuration", address.module)),
        Some(Reason::DeleteBecauseWrongRepetition) => Some(match &address.key {
            None => "because resource uses count or for_each".to_string(),
            Some(Key::Int(_)) => "because resource does not use count".to_string(),
            Some(Key::Str(_)) => "because resource does not use for_each".to_string(),
        }),
        Some(Reason::DeleteBecauseCountIndex) => {
            address.key.as_ref().map(|k| format!("because index {k} is out of range for count"))
        }
        Some(Reason::DeleteBecauseEachKey) => {
            address.key.as_ref().map(|k| format!("because key {k} is not in for_each map"))
        }
        Some(Reason::ReadBecauseConfigUnknown) => Some("config refers to values not yet known".to_string()),
        Some(Reason::ReadBecauseDependencyPending) => {
            Some("depends on a resource or a module with changes pending".to_string())
        }
        Some(Reason::ReadBecauseCheckNested) => Some("config will be reloaded to verify a check block".to_string()),
        _ => None,
    };
    lines.extend(why.map(|w| format!("# ({w})")));
    if c.deposed.is_some() {
        lines.push("# (left over from a partially-failed replacement of this instance)".into());
    }
    if c.action != Action::NoOp {
        lines.extend(c.previous.as_ref().map(|from| format!("# (moved from {from})")));
    }
    if let (Some(id), true) = (&c.importing, c.action != Action::NoOp || c.previous.is_some()) {
        lines.push(format!("# (imported from {id:?})"));
    }
    lines
}

/// `all`: nothing is folded.
fn body(c: &Change, mark: Mark, before: &Value, after: &Value, all: bool) -> Lines {
    let mut out = Lines::default();
    let (word, block) = match c.address.mode {
        crate::address::Mode::Managed => ("resource", resources::resource(&c.address.ty).map(|r| &r.schema().block)),
        crate::address::Mode::Data => ("data", resources::data_source(&c.address.ty).map(|d| &d.schema().block)),
    };
    out.push(0, mark, format!("{word} \"{}\" \"{}\" {{", c.address.ty, c.address.name));
    let none = Fields::new();
    let (before, after) = (covered(before), covered(after));
    let (b, a) = (before.as_fields().unwrap_or(&none), after.as_fields().unwrap_or(&none));
    match block {
        Some(block) => fields(&mut out, 1, block, b, a, &Path::root(), c, all),
        None => {
            let empty = Block { attributes: &[], blocks: &[] };
            fields(&mut out, 1, &empty, b, a, &Path::root(), c, all);
        }
    }
    out.push(0, Mark::Same, "}");
    out
}

/// With what is sensitive in `tags` sensitive in `tags_all`, too: the state has no such mark there, as Terraform's has none, but nobody
/// shall read it.
fn covered(object: &Value) -> Value {
    let as_tags_all = |(path, marks): (Path, Marks)| match path.0.split_first() {
        Some((PathStep::Attr(first), rest)) if &**first == "tags" => {
            let mut steps = Path::attr("tags_all");
            steps.0.extend(rest.iter().cloned());
            Some((steps, marks))
        }
        _ => None,
    };
    let marks: Vec<_> = object.marked_paths().into_iter().filter_map(as_tags_all).collect();
    object.clone().mark_at(&marks)
}

/// The attributes, then the nested blocks of one block. `all`: nothing is folded.
#[allow(clippy::too_many_arguments)]
fn fields(
    out: &mut Lines,
    level: usize,
    block: &Block,
    before: &Fields,
    after: &Fields,
    at: &Path,
    c: &Change,
    all: bool,
) {
    let null = Value::null(Type::Any);
    let mut names: Vec<&std::sync::Arc<str>> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let of = |name: &str| (before.get(name).unwrap_or(&null), after.get(name).unwrap_or(&null));
    let shown: Vec<&str> = names
        .iter()
        .map(|n| &***n)
        .filter(|n| block.nested(n).is_none() && *n != "timeouts")
        .filter(|n| {
            let (b, a) = of(n);
            !(b.is_null() && a.is_null())
        })
        .collect();
    let width = shown.iter().map(|n| value::columns(n)).max().unwrap_or_default();
    let mut hidden = 0;
    for name in shown {
        let (b, a) = of(name);
        let path = at.then(PathStep::Attr(name.into()));
        let forces =
            c.replace_paths.iter().any(|p| *p == path || (path.contains(p) && block.attribute(name).is_some()));
        // Nothing is lost with an empty string.
        let empty = a.is_null() && b.as_str() == Some("");
        if (mark_of(b, a) == Mark::Same || empty) && !all && !forces && !(ORIENTING.contains(&name)) {
            hidden += 1;
            continue;
        }
        let pad = " ".repeat(width - value::columns(name));
        let prefix = format!("{name}{pad} = ");
        let place = Place { prefix: &prefix, forces, argument: true, ..Place::default() };
        let is_machine = name == "definition" && &*c.address.ty == "aws_sfn_state_machine";
        if !(is_machine && definition::draw(out, level, place, b, a)) {
            value::draw(out, level, place, b, a);
        }
    }
    hidden_remark(out, level, hidden, "attribute");
    let mut hidden = 0;
    for nested in block.blocks {
        let (b, a) = of(nested.name);
        let path = at.then(PathStep::Attr(nested.name.into()));
        hidden += blocks(out, level, nested, b, a, &path, c, all);
    }
    let timeouts = of("timeouts");
    if mark_of(timeouts.0, timeouts.1) != Mark::Same {
        out.gap();
        let (none, mark) = (Fields::new(), mark_of(timeouts.0, timeouts.1));
        out.push(level, mark, "timeouts {");
        let empty = Block { attributes: &[], blocks: &[] };
        let (b, a) = (timeouts.0.as_fields().unwrap_or(&none), timeouts.1.as_fields().unwrap_or(&none));
        fields(out, level + 1, &empty, b, a, &at.then(PathStep::Attr("timeouts".into())), c, all);
        out.push(level, Mark::Same, "}");
    }
    if hidden > 0 {
        out.gap();
        hidden_remark(out, level, hidden, "block");
    }
}

/// All nested blocks of one type; gives the number of those that were folded.
#[allow(clippy::too_many_arguments)]
fn blocks(
    out: &mut Lines,
    level: usize,
    nested: &NestedBlock,
    before: &Value,
    after: &Value,
    at: &Path,
    c: &Change,
    all: bool,
) -> usize {
    let forces = c.replace_paths.contains(at);
    let remark = if forces { " # forces replacement" } else { "" };
    if before.is_sensitive() || after.is_sensitive() {
        if mark_of(before, after) == Mark::Same && !all {
            return 1;
        }
        out.gap();
        out.push(level, mark_of(before, after), format!("{} {{{remark}", nested.name));
        out.remark(level + 1, "# At least one attribute in this block is (or was) sensitive,");
        out.remark(level + 1, "# so its contents will not be displayed.");
        out.push(level, Mark::Same, "}");
        return 0;
    }
    let olds = before.as_slice().unwrap_or_default();
    if !after.is_known() {
        out.gap();
        let mark = if olds.is_empty() { Mark::Added } else { Mark::Changed };
        out.push(level, mark, format!("{} (known after apply){remark}", nested.name));
        return 0;
    }
    let news = after.as_slice().unwrap_or_default();
    let none = Fields::new();
    let null = Value::null(Type::Any);
    let mut hidden = 0;
    let mut first = true;
    for (i, (old, new)) in pair(nested, olds, news).into_iter().enumerate() {
        let (old, new) = (old.unwrap_or(&null), new.unwrap_or(&null));
        let mark = mark_of(old, new);
        if mark == Mark::Same && !all {
            hidden += 1;
            continue;
        }
        if std::mem::take(&mut first) {
            out.gap();
        }
        out.push(level, mark, format!("{} {{{remark}", nested.name));
        let (b, a) = (old.as_fields().unwrap_or(&none), new.as_fields().unwrap_or(&none));
        let path = match nested.nesting {
            Nesting::List => at.then(PathStep::Index(i)),
            _ => at.clone(),
        };
        fields(out, level + 1, &nested.block, b, a, &path, c, all);
        out.push(level, Mark::Same, "}");
    }
    hidden
}

/// Blocks that belong together: of lists by place, of sets by name, or equal ones.
fn pair<'a>(nested: &NestedBlock, olds: &'a [Value], news: &'a [Value]) -> Vec<(Option<&'a Value>, Option<&'a Value>)> {
    if nested.nesting != Nesting::Set {
        return (0..olds.len().max(news.len())).map(|i| (olds.get(i), news.get(i))).collect();
    }
    let same = |o: &Value, n: &Value| match nested.named_by {
        Some(name) => o.as_fields().and_then(|f| f.get(name)) == n.as_fields().and_then(|f| f.get(name)),
        None => o == n,
    };
    let mut out: Vec<_> = olds.iter().map(|o| (Some(o), news.iter().find(|n| same(o, n)))).collect();
    out.extend(news.iter().filter(|n| !olds.iter().any(|o| same(o, n))).map(|n| (None, Some(n))));
    out
}

/// `Changes to Outputs:`
pub fn output_changes<'a>(outputs: impl Iterator<Item = (&'a str, &'a OutputChange)>, style: Style) -> String {
    let outputs: Vec<_> = outputs.collect();
    let width = outputs.iter().map(|(n, _)| value::columns(n)).max().unwrap_or_default();
    let mut lines = Lines::default();
    for (name, o) in outputs.iter().filter(|(_, o)| o.action != Action::NoOp) {
        let pad = " ".repeat(width - value::columns(name));
        let prefix = format!("{name}{pad} = ");
        if o.sensitive {
            let mark = match o.action {
                Action::Create => Mark::Added,
                Action::Delete => Mark::Removed,
                _ => Mark::Changed,
            };
            lines.push(0, mark, format!("{prefix}(sensitive value)"));
            continue;
        }
        value::draw(&mut lines, 0, Place { prefix: &prefix, argument: true, ..Place::default() }, &o.before, &o.after);
    }
    format!("{}\n{}", style.bold("Changes to Outputs:"), lines.render(style))
}
