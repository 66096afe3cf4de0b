//! Tags of state machines and activities.
//!
//! Refuses to know what else they have.

use super::arns::{self, ARN, Named};
use crate::sandbox::call::Call;
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::Input;
use crate::sandbox::tags::{self, Spelling, Tags};
use serde_json::json;

/// Refuses more tags than there may be, and reserved ones.
pub(super) fn judge(tags: &[(String, String)]) -> Result<(), Fault> {
    if tags.iter().any(|(k, _)| k.to_ascii_lowercase().starts_with("aws:")) {
        let text = "Tag keys starting with 'aws:' are reserved for system use";
        return Err(Fault::validation(text));
    }
    if tags.len() > 50 {
        return Err(Fault::new("TooManyTags", "Too many tags: a resource can have at most 50."));
    }
    Ok(())
}

fn find<'a>(call: &'a mut Call<'_>, arn: &str) -> Result<&'a mut Tags, Fault> {
    let named = arns::parse(arn)?;
    let sfn = &mut call.here().sfn;
    let found = match named {
        Named::Machine(name) => sfn.machines.get_mut(name).filter(|m| m.arn == arn).map(|m| &mut m.tags),
        Named::Activity(name) => sfn.activities.get_mut(name).filter(|a| a.arn == arn).map(|a| &mut a.tags),
        _ => return Err(arns::wrong_kind("stateMachine version or alias")),
    };
    found
        .ok_or_else(|| Fault::new("ResourceNotFound", format!("Resource not found: '{arn}'")).with("resourceName", arn))
}

pub(super) fn tag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("resourceArn", ARN);
    let given = tags::read(input, "tags", Spelling::Lower);
    input.check()?;
    let tags = find(call, arn)?;
    let mut next = tags.clone();
    next.extend(given);
    judge(&next.clone().into_iter().collect::<Vec<_>>())?;
    *tags = next;
    Ok(json!({}))
}

pub(super) fn untag_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("resourceArn", ARN);
    let keys = input.texts("tagKeys");
    input.check()?;
    find(call, arn)?.retain(|k, _| !keys.contains(&k.as_str()));
    Ok(json!({}))
}

pub(super) fn list_tags_for_resource(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("resourceArn", ARN);
    input.check()?;
    Ok(json!({"tags": tags::list(find(call, arn)?, Spelling::Lower)}))
}
