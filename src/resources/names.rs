//! Names that the configuration leaves open: made of a prefix, the time and a number, as the provider makes them.
//!
//! Refuses to know which characters a type's names may have.

use super::{Aws, date};
use crate::schema::Schema;
use crate::value::{Object, Refinement, Type, Value};

/// How long the generated end of a name is.
pub const SUFFIX: usize = 26;

/// What a name starts with where neither `name` nor `name_prefix` is given.
const PREFIX: &str = "terraform-";

/// The name to create an object with: `name`, or else one that starts with `name_prefix`.
pub fn chosen(aws: &Aws, planned: &Object) -> String {
    match planned.text("name") {
        Some(name) => name.to_string(),
        None => generated(aws, planned.text("name_prefix").unwrap_or(PREFIX)),
    }
}

/// Chooses the name of an object whose configuration leaves it open, so that it is known before the object is made.
pub fn choose(aws: &Aws, schema: &Schema, planned: &mut Object) {
    let open = planned.get("name").is_some_and(|v| !v.is_known());
    if open && schema.block.attribute("name_prefix").is_some() {
        let name = chosen(aws, planned);
        planned.set("name", name);
    }
}

/// A name that nothing else has: `prefix`, then the time and a number in 26 digits.
pub fn generated(aws: &Aws, prefix: &str) -> String {
    let clock = aws.clock();
    format!("{prefix}{}{:08x}", date::digits(clock.now()), clock.ticket())
}

/// The prefix of a name that looks generated; empty for others. What `name_prefix` is in the state.
pub fn prefix_of(name: &str) -> &str {
    let Some(cut) = name.len().checked_sub(SUFFIX).filter(|cut| *cut > 0) else { return "" };
    match name.split_at_checked(cut) {
        Some((prefix, suffix)) if suffix.bytes().all(|b| b.is_ascii_hexdigit()) => prefix,
        _ => "",
    }
}

/// For `adjust`: a name that AWS's answer will tell is known to start with its prefix.
pub fn hint(config: &Object, planned: &mut Object) {
    let open = config.get("name").is_none_or(Value::is_null) && planned.get("name").is_some_and(|v| !v.is_known());
    let prefix = match config.get("name_prefix") {
        Some(given) if !given.is_known() => return,
        _ => config.text("name_prefix").unwrap_or(PREFIX),
    };
    if open {
        let refinement = Refinement { not_null: true, prefix: Some(prefix.into()), ..Refinement::default() };
        planned.set("name", Value::refined(Type::String, refinement));
    }
}

/// For `predict`: `name_prefix` follows from a known name.
pub fn predict(planned: &mut Object) {
    if let Some(name) = planned.text("name").map(str::to_owned)
        && planned.get("name_prefix").is_some_and(|v| !v.is_known())
    {
        planned.set("name_prefix", prefix_of(&name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Clock, Settings};
    use aws_smithy_runtime_api::client::http::http_client_fn;
    use std::time::{Duration, SystemTime};

    #[test]
    fn names_are_taken_or_made() {
        let client = http_client_fn(|_, _| panic!("nothing is to be sent"));
        let start = SystemTime::UNIX_EPOCH + Duration::new(1_795_348_619, 901_180_999);
        let aws = Aws::with_http_client(Settings::default(), client).with_clock(Clock::frozen(start));
        let hole = || Value::unknown(Type::String);
        for (planned, want, prefix) in [
            (Object::new().with("name", "x"), "x", ""),
            (Object::new().with("name", hole()), "terraform-20261122115659901100000001", "terraform-"),
            (Object::new().with("name", hole()).with("name_prefix", "f-"), "f-20261122115659901100000002", "f-"),
            (Object::new().with("name_prefix", ""), "terraform-20261122115659901100000003", "terraform-"),
        ] {
            assert_eq!(chosen(&aws, &planned), want);
            assert_eq!(prefix_of(want), prefix);
        }
        assert_eq!(prefix_of("20261122115659901100000001"), "");
        assert_eq!(prefix_of("é20261122115659901100000001"), "é");
        assert_eq!(prefix_of("ééééééééééééééééé"), "");
    }

    #[test]
    fn a_hole_knows_how_it_starts() {
        let (hole, null) = (|| Value::unknown(Type::String), || Value::null(Type::String));
        for (name, prefix, want) in [
            (null(), null(), Some("terraform-")),
            (null(), "f-".into(), Some("f-")),
            (null(), hole(), None),
            (hole(), null(), None),
        ] {
            let config = Object::new().with("name", name).with("name_prefix", prefix);
            let mut planned = Object::new().with("name", hole()).with("name_prefix", hole());
            hint(&config, &mut planned);
            assert_eq!(planned.get("name").unwrap().refinement().unwrap().prefix.as_deref(), want, "{config:?}");
        }
        let mut planned = Object::new().with("name", "x").with("name_prefix", hole());
        hint(&Object::new().with("name", "x"), &mut planned);
        predict(&mut planned);
        assert_eq!((planned.str("name"), planned.str("name_prefix")), (Some("x"), Some("")));
    }
}
