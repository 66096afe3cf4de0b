//! Activities.
//!
//! Refuses to know workers.

use super::arns::{self, ARN, Named};
use super::machines::paged;
use super::{Activity, settings, tagging};
use crate::sandbox::call::{Call, seconds};
use crate::sandbox::fault::{Answer, Fault};
use crate::sandbox::input::Input;
use crate::sandbox::tags::{self, Spelling};
use serde_json::json;

pub(super) fn create_activity(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let given = tags::read(input, "tags", Spelling::Lower);
    let name = arns::name(input, "name")?;
    let encryption = settings::encryption(input)?.unwrap_or_else(settings::no_encryption);
    tagging::judge(&given)?;
    let arn = call.arn("states", &format!("activity:{name}"));
    if let Some(old) = call.here().sfn.activities.get(name) {
        // Asking twice for the same is no error; the tags do not count.
        if old.encryption == encryption {
            return Ok(json!({"activityArn": arn, "creationDate": seconds(old.created)}));
        }
        return Err(Fault::new("ActivityAlreadyExists", format!("Activity Already Exists: '{arn}'")));
    }
    let activity = Activity {
        name: name.to_owned(),
        arn: arn.clone(),
        created: call.now,
        encryption,
        tags: given.into_iter().collect(),
    };
    call.here().sfn.activities.insert(name.to_owned(), activity);
    Ok(json!({"activityArn": arn, "creationDate": seconds(call.now)}))
}

fn name(input: &Input<'_>) -> Result<(String, String), Fault> {
    let arn = input.need("activityArn", ARN);
    input.check()?;
    match arns::parse(arn)? {
        Named::Activity(name) => Ok((arn.to_owned(), name.to_owned())),
        _ => Err(arns::wrong_kind("stateMachine")),
    }
}

pub(super) fn describe_activity(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let (arn, name) = name(input)?;
    let gone = || Fault::new("ActivityDoesNotExist", format!("Activity Does Not Exist: '{arn}'"));
    let activity = call.here().sfn.activities.get(&name).filter(|a| a.arn == arn).ok_or_else(gone)?;
    Ok(json!({
        "activityArn": arn,
        "name": activity.name,
        "creationDate": seconds(activity.created),
        "encryptionConfiguration": activity.encryption,
    }))
}

pub(super) fn delete_activity(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let (_, name) = name(input)?;
    // Deleting what is not there is no error.
    call.here().sfn.activities.remove(&name);
    Ok(json!({}))
}

pub(super) fn list_activities(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let shown = call.here().sfn.activities.values();
    let shown = shown.map(|a| json!({"activityArn": a.arn, "name": a.name, "creationDate": seconds(a.created)}));
    let shown = shown.collect();
    paged(input, "activities", shown)
}
