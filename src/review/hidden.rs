//! Sensitive texts of a plan, and taking them out of what is told: names that AWS makes of a sensitive value (an ARN, say) carry no mark.
//!
//! Refuses to know what is told.

use crate::plan::Plan;
use crate::value::{Kind, Value};

/// Shorter texts are not looked for: they stand in too many words.
const SHORTEST: usize = 6;

/// What must not be told.
#[derive(Clone, Debug, Default)]
pub struct Hidden(Vec<String>);

impl Hidden {
    /// Of this plan: sensitive variables, outputs, and parts of objects.
    pub fn of(plan: &Plan) -> Hidden {
        let mut out = Vec::new();
        for (name, value) in &plan.variables {
            let declared = plan.config.root.variables.get(name).is_some_and(|v| v.sensitive);
            collect(value, declared, &mut out);
        }
        for o in plan.outputs.values() {
            collect(&o.before, o.sensitive, &mut out);
            collect(&o.after, o.sensitive, &mut out);
        }
        for c in plan.changes.iter().chain(&plan.drift) {
            collect(&c.before, false, &mut out);
            collect(&c.after, false, &mut out);
        }
        let escaped: Vec<String> = out
            .iter()
            .filter_map(|s| serde_json::to_string(s).ok())
            .map(|s| s.trim_matches('"').to_string())
            .filter(|s| s.len() >= SHORTEST)
            .collect();
        out.extend(escaped);
        out.sort_by_key(|s| (std::cmp::Reverse(s.len()), s.clone()));
        out.dedup();
        Hidden(out)
    }

    /// The text without any of them.
    pub fn veil(&self, text: &str) -> String {
        let mut out = text.to_string();
        for secret in &self.0 {
            if out.contains(secret) {
                out = out.replace(secret, "(sensitive value)");
            }
        }
        out
    }
}

fn collect(value: &Value, sensitive: bool, out: &mut Vec<String>) {
    let sensitive = sensitive || value.is_sensitive();
    match value.kind() {
        Kind::String(s) if sensitive && s.len() >= SHORTEST => out.push(s.to_string()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.iter().for_each(|v| collect(v, sensitive, out));
        }
        Kind::Map(_, fields) | Kind::Object(fields) => fields.values().for_each(|v| collect(v, sensitive, out)),
        _ => {}
    }
}
