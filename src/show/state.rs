//! A state as text: each object as a block, then the outputs.

use super::{Style, console, plan};
use crate::address::{Address, Mode};
use crate::plan::{Action, Change, stored};
use crate::resources;
use crate::state::{Instance, Resource, State};
use crate::value::{Value, json};

/// The whole state.
pub fn text(state: &State, style: Style) -> String {
    let mut out = String::new();
    for (address, holder, instance) in state.objects() {
        out.push_str(&object(&address, holder, instance, style));
        out.push('\n');
    }
    if !state.outputs.is_empty() {
        out.push_str("\nOutputs:\n\n");
        for (name, output) in &state.outputs {
            let value = match output.sensitive {
                true => "(sensitive value)".to_string(),
                false => console::console(&output.value),
            };
            out.push_str(&format!("{name} = {value}\n"));
        }
    }
    if out.is_empty() { format!("The state file is empty. No resources are represented.\n{out}") } else { out }
}

/// One object, as `state show` prints it.
pub fn object(address: &Address, holder: &Resource, instance: &Instance, style: Style) -> String {
    let value = value(address, instance);
    let change = Change::new(address.clone(), holder.provider.clone(), Action::NoOp, value.clone(), value);
    let remark = match (&instance.deposed, instance.tainted) {
        (Some(id), _) => format!(" (deposed object {id})"),
        (None, true) => " (tainted)".to_string(),
        _ => String::new(),
    };
    let body = plan::unchanged(&change).render(style);
    // A plan leaves four columns for its symbols; here are none.
    let body: String = body.lines().map(|l| format!("{}\n", l.strip_prefix("    ").unwrap_or(l))).collect();
    format!("{}\n{body}", style.bold(&format!("# {address}:{remark}")))
}

/// The object's value, by its type's shape where we know it.
fn value(address: &Address, instance: &Instance) -> Value {
    let schema = match address.mode {
        Mode::Managed => resources::resource(&address.ty).map(|r| r.schema()),
        Mode::Data => resources::data_source(&address.ty).map(|d| d.schema()),
    };
    let decoded = schema.and_then(|s| Some((s, stored::decode_fields(s, &instance.attributes).ok()?.to_value())));
    let marks = stored::stored_marks(instance);
    match decoded {
        Some((schema, value)) => {
            let own = stored::schema_marks(&schema.block, &value);
            value.mark_at(&marks).mark_at(&own)
        }
        None => {
            let whole = serde_json::Value::Object(instance.attributes.clone());
            let value = json::from_json(&whole, &json::implied_type(&whole));
            value.map_or_else(|_| Value::object(Default::default()), |v| v.mark_at(&marks))
        }
    }
}
