//! What the configuration of a table comes to: arguments that mean nothing together, and what follows without asking AWS. Pure.

use super::request::on_demand;
use crate::value::{Kind, Object, Type, Value};

/// The last word on a planned table.
pub(super) fn adjust(config: &Object, prior: Option<&Object>, planned: &mut Object) {
    let pays_on_demand = planned.get("billing_mode").is_some_and(Value::is_known) && on_demand(planned);
    for name in ["read_capacity", "write_capacity"] {
        if pays_on_demand && is_null(config, name) {
            planned.set(name, 0);
        }
    }
    each(config, planned, "on_demand_throughput", no_limits);
    each(config, planned, "global_secondary_index", |written, index| {
        fill_null(index, "range_key", "");
        fill_null(index, "non_key_attributes", Value::set(Type::String, Vec::new()));
        if pays_on_demand {
            // Whatever is written, an index of an on-demand table has no capacity of its own.
            index.set("read_capacity", 0);
            index.set("write_capacity", 0);
        }
        each(&written.cloned().unwrap_or_default(), index, "on_demand_throughput", no_limits);
    });
    each(config, planned, "local_secondary_index", |_, index| {
        fill_null(index, "non_key_attributes", Value::list(Type::String, Vec::new()));
    });
    stream(config, prior, planned);
    encryption(config, planned);
    backups(prior, config, planned);
    each(config, planned, "ttl", |_, block| fill_null(block, "attribute_name", ""));
    time_to_live(prior, planned);
}

/// A table that never had a stream has none of its attributes.
fn stream(config: &Object, prior: Option<&Object>, planned: &mut Object) {
    let off = planned.get("stream_enabled").is_none_or(|v| v.is_known() && v.as_bool() != Some(true));
    if prior.is_some() || !off {
        return;
    }
    if config.get("stream_view_type").is_none_or(Value::is_zero) {
        planned.set("stream_view_type", "");
    }
    for name in ["stream_arn", "stream_label"] {
        planned.set(name, "");
    }
}

/// Encryption that is switched off is no block, as AWS answers it. Without a key the default one is used, which is not named.
fn encryption(config: &Object, planned: &mut Object) {
    let Some(block) = planned.block("server_side_encryption") else { return };
    if block.bool("enabled") == Some(false)
        && let Some(Kind::List(ty, _)) = planned.get("server_side_encryption").map(Value::kind)
    {
        let none = Value::list(ty.clone(), Vec::new());
        planned.set("server_side_encryption", none);
        return;
    }
    each(config, planned, "server_side_encryption", |written, block| {
        if block.bool("enabled") == Some(true) {
            fill_open(written, block, "kms_key_arn", "");
        }
    });
}

/// Without backups there is no period; with them AWS decides it where it is not written.
fn backups(prior: Option<&Object>, config: &Object, planned: &mut Object) {
    let was_on = prior.and_then(|p| p.block("point_in_time_recovery")).and_then(|b| b.bool("enabled")) == Some(true);
    each(config, planned, "point_in_time_recovery", |written, block| match block.bool("enabled") {
        Some(false) => block.set("recovery_period_in_days", 0),
        Some(true) if !was_on && written.is_some_and(|w| is_null(w, "recovery_period_in_days")) => {
            block.set("recovery_period_in_days", Value::unknown(Type::Number));
        }
        _ => {}
    });
}

/// Which attribute a time to live that is off would use, AWS does not remember.
fn time_to_live(prior: Option<&Object>, planned: &mut Object) {
    let off = |object: &Object| object.block("ttl").is_some_and(|b| b.bool("enabled") == Some(false));
    if !off(planned) {
        return;
    }
    match prior {
        None => each(&Object::new(), planned, "ttl", |_, block| block.set("attribute_name", "")),
        Some(prior) if off(prior) => {
            if let Some(before) = prior.get("ttl") {
                planned.set("ttl", before.clone());
            }
        }
        Some(_) => {}
    }
}

/// A limit that is not written is none.
fn no_limits(written: Option<&Object>, limits: &mut Object) {
    for name in ["max_read_request_units", "max_write_request_units"] {
        fill_open(written, limits, name, 0);
    }
}

fn is_null(object: &Object, name: &str) -> bool {
    object.get(name).is_none_or(Value::is_null)
}

fn fill_null(object: &mut Object, name: &str, value: impl Into<Value>) {
    if is_null(object, name) {
        object.set(name, value);
    }
}

/// Sets what is null, or a hole that the configuration did not write.
fn fill_open(written: Option<&Object>, object: &mut Object, name: &str, value: impl Into<Value>) {
    let hole = object.get(name).is_some_and(|v| !v.is_known());
    if is_null(object, name) || (hole && written.is_some_and(|w| is_null(w, name))) {
        object.set(name, value);
    }
}

/// Changes every element of a list or set of blocks, each with what was written for it: the element at the same place of a list, of the
/// same name in a set. Elements that are holes stay.
fn each(config: &Object, planned: &mut Object, name: &str, mut change: impl FnMut(Option<&Object>, &mut Object)) {
    let Some(value) = planned.get(name) else { return };
    let written = config.blocks(name);
    let mut changed = |elements: &[Value], named: bool| -> Vec<Value> {
        let mut out = Vec::with_capacity(elements.len());
        for (i, element) in elements.iter().enumerate() {
            if !matches!(element.kind(), Kind::Object(_)) {
                out.push(element.clone());
                continue;
            }
            let mut block = Object::from_value(element);
            let same_name = |w: &&Object| w.str("name").is_some() && w.str("name") == block.str("name");
            let counterpart = if named { written.iter().find(same_name) } else { written.get(i) };
            change(counterpart, &mut block);
            out.push(block.to_value());
        }
        out
    };
    let value = match value.kind() {
        Kind::List(ty, elements) => Value::list(ty.clone(), changed(elements, false)),
        Kind::Set(ty, elements) => Value::set(ty.clone(), changed(elements, true)),
        _ => return,
    };
    planned.set(name, value);
}
