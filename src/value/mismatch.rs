//! What to say where one type cannot be converted to another.
//!
//! Refuses to know values.

use super::convert::{ConvertError, is_optional, part_possible};
use super::{PathStep, Type};

pub(super) fn required(want: &Type) -> String {
    format!("{} required", want.friendly())
}

/// Why there is no conversion between these types, with `path` led to the part; `None` if there is one.
pub(super) fn mismatch(got: &Type, want: &Type, path: &mut Vec<PathStep>) -> Option<String> {
    if part_possible(got, want, true) {
        return None;
    }
    let message = match (got, want) {
        (Type::Object(got, _), Type::Object(want, optional)) => {
            let missing: Vec<String> = want
                .keys()
                .filter(|name| !got.contains_key(*name) && !is_optional(optional, name))
                .map(|name| format!("{name:?}"))
                .collect();
            match missing.as_slice() {
                [] => {
                    for (name, want) in want.iter() {
                        let Some(got) = got.get(name) else { continue };
                        path.push(PathStep::Attr(name.clone()));
                        match mismatch(got, want, path) {
                            Some(message) => return Some(message),
                            None => path.pop(),
                        };
                    }
                    "incorrect object attributes".to_owned()
                }
                [one] => format!("attribute {one} is required"),
                [one, two] => format!("attributes {one} and {two} are required"),
                [most @ .., last] => format!("attributes {}, and {last} are required", most.join(", ")),
            }
        }
        (Type::Tuple(_), Type::List(any)) if **any == Type::Any => {
            "all list elements must have the same type".to_owned()
        }
        (Type::Tuple(_), Type::Set(any)) if **any == Type::Any => "all set elements must have the same type".to_owned(),
        (Type::Object(..), Type::Map(any)) if **any == Type::Any => {
            "all map elements must have the same type".to_owned()
        }
        (Type::Tuple(got), Type::List(want) | Type::Set(want)) => {
            for (i, got) in got.iter().enumerate() {
                path.push(PathStep::Index(i));
                match mismatch(got, want, path) {
                    Some(message) => return Some(message),
                    None => path.pop(),
                };
            }
            format!("all elements must be {}", want.friendly())
        }
        (Type::Object(got, _), Type::Map(want)) => {
            for (name, got) in got.iter() {
                path.push(PathStep::Key(name.clone()));
                match mismatch(got, want, path) {
                    Some(message) => return Some(message),
                    None => path.pop(),
                };
            }
            format!("all elements must be {}", want.friendly())
        }
        (Type::List(got) | Type::Set(got), Type::List(want)) => element_mismatch("list", got, want),
        (Type::List(got) | Type::Set(got), Type::Set(want)) => element_mismatch("set", got, want),
        (Type::Map(got), Type::Map(want)) => element_mismatch("map", got, want),
        _ => required(want),
    };
    Some(message)
}

fn element_mismatch(kind: &str, got: &Type, want: &Type) -> String {
    let mut path = Vec::new();
    let message = mismatch(got, want, &mut path).unwrap_or_else(|| required(want));
    format!("incorrect {kind} element type: {}", ConvertError::at(&path, message))
}
