//! What the Step Functions types share: tags, encryption, names, and what is refused only until IAM has caught up.

use super::tags::TagChanges;
use super::{Aws, Error, ErrorKind, Result};
use crate::schema::{Attribute, Block, NestedBlock, Ty};
use crate::value::{Kind, Object, Type, Value};
use aws_sdk_sfn::types;

/// `encryption_configuration`
pub const ENCRYPTION: NestedBlock = NestedBlock::list(
    "encryption_configuration",
    Block {
        attributes: &[
            Attribute::optional("kms_data_key_reuse_period_seconds", Ty::Number)
                .check(reuse_period)
                .doc("For how long a data key is used again before KMS is asked for another, in seconds: 60 to 900."),
            Attribute::optional("kms_key_id", Ty::String).doc("The KMS key: an id, an alias or an ARN."),
            Attribute::optional("type", Ty::String)
                .check(encryption_type)
                .doc("`AWS_OWNED_KEY` or `CUSTOMER_MANAGED_KMS_KEY`."),
        ],
        blocks: &[],
    },
)
.items(0, 1)
.computed()
.doc("How the definition and execution data are encrypted.");

/// For `adjust`: what is not written of the block is what AWS makes of it, or what it has.
pub fn complete_encryption(prior: Option<&Object>, planned: &mut Object) {
    const PERIOD: &str = "kms_data_key_reuse_period_seconds";
    let before = prior.and_then(|p| p.block(ENCRYPTION.name)).unwrap_or_default();
    complete(planned, ENCRYPTION.name, |block| {
        default(block, "type", "AWS_OWNED_KEY");
        default(block, "kms_key_id", "");
        if block.get(PERIOD).is_none_or(Value::is_null) {
            let period = match block.text("type") {
                Some("AWS_OWNED_KEY") => 0.into(),
                ty if ty.is_some() && ty == before.text("type") => before.get(PERIOD).cloned().unwrap_or(0.into()),
                _ => Value::unknown(Type::Number),
            };
            block.set(PERIOD, period);
        }
    });
}

/// Changes the one block of this name, if it is known to be there.
pub fn complete(planned: &mut Object, name: &str, change: impl FnOnce(&mut Object)) {
    let Some(Kind::List(ty, blocks)) = planned.get(name).map(Value::kind) else { return };
    let [block] = &blocks[..] else { return };
    if block.as_fields().is_none() {
        return;
    }
    let ty = ty.clone();
    let mut block = Object::from_value(block);
    change(&mut block);
    planned.set(name, Value::list(ty, vec![block.to_value()]));
}

/// Sets what is not written.
pub fn default(block: &mut Object, name: &str, value: impl Into<Value>) {
    if block.get(name).is_none_or(Value::is_null) {
        block.set(name, value);
    }
}

/// The block as the API takes it; `None` where there is none.
pub fn encryption(object: &Object) -> Result<Option<types::EncryptionConfiguration>> {
    let Some(block) = object.block(ENCRYPTION.name) else { return Ok(None) };
    let seconds = block.int("kms_data_key_reuse_period_seconds").filter(|n| *n != 0);
    let built = types::EncryptionConfiguration::builder()
        .set_kms_data_key_reuse_period_seconds(seconds.and_then(|n| i32::try_from(n).ok()))
        .set_kms_key_id(block.text("kms_key_id").map(String::from))
        .r#type(block.text("type").unwrap_or("AWS_OWNED_KEY").into())
        .build();
    built.map(Some).map_err(|e| Error::new(ErrorKind::Other, "encryption_configuration", e.to_string()))
}

/// What the API answers as the block.
pub fn encryption_value(live: Option<&types::EncryptionConfiguration>) -> Value {
    let blocks = live.map(|live| {
        Value::object_of([
            (
                "kms_data_key_reuse_period_seconds",
                i64::from(live.kms_data_key_reuse_period_seconds().unwrap_or_default()).into(),
            ),
            ("kms_key_id", live.kms_key_id().unwrap_or_default().into()),
            ("type", live.r#type().as_str().into()),
        ])
    });
    Value::list(ENCRYPTION.block.ty(), blocks.into_iter().collect())
}

/// The ARN of something of Step Functions here.
pub async fn arn(aws: &Aws, resource: &str) -> Result<String> {
    super::arn::regional(&aws.place().await?, "states", resource).ok_or_else(|| {
        let message =
            "The account is not known because of skip_requesting_account_id, so the ARN does not follow from the name.";
        Error::new(ErrorKind::Other, resource, message)
    })
}

/// All tags of a machine or an activity; none if it is gone.
pub async fn tags(aws: &Aws, arn: &str) -> Result<Vec<(String, String)>> {
    let call = aws.sfn().list_tags_for_resource().resource_arn(arn).send().await;
    match call.map_err(Error::of("states:ListTagsForResource", arn)) {
        Ok(answer) => {
            let text = |part: Option<&str>| part.unwrap_or_default().to_string();
            Ok(answer.tags().iter().map(|tag| (text(tag.key()), text(tag.value()))).collect())
        }
        Err(error) if error.is(ErrorKind::NotFound) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Tags as the API takes them; `None` for none.
pub fn tag_list(tags: &[(String, String)]) -> Option<Vec<types::Tag>> {
    let one = |(key, value): &(String, String)| types::Tag::builder().key(key).value(value).build();
    (!tags.is_empty()).then(|| tags.iter().map(one).collect())
}

/// Takes tags away and sets tags.
pub async fn change_tags(aws: &Aws, arn: &str, changes: &TagChanges) -> Result<()> {
    if !changes.remove.is_empty() {
        let call = aws.sfn().untag_resource().resource_arn(arn).set_tag_keys(Some(changes.remove.clone()));
        call.send().await.map_err(Error::of("states:UntagResource", arn))?;
    }
    if let Some(tags) = tag_list(&changes.set) {
        let call = aws.sfn().tag_resource().resource_arn(arn).set_tags(Some(tags));
        call.send().await.map_err(Error::of("states:TagResource", arn))?;
    }
    Ok(())
}

/// What passes by itself: a role that Step Functions cannot take on yet or that may not deliver logs yet, a machine of that name
/// that is just being deleted, another update. That the caller lacks a permission does not pass.
pub fn passing(error: &Error) -> Option<String> {
    let of_caller = error.message.contains("not authorized to perform") || error.message.starts_with("User:");
    match error.code.as_str() {
        "AccessDeniedException" | "AccessDenied" if !of_caller => Some("waiting for IAM propagation".into()),
        "StateMachineDeleting" => Some("waiting for the old state machine of this name to be deleted".into()),
        "ConflictException" => Some("waiting for another change".into()),
        _ => None,
    }
}

/// For `check` of the name of a machine, activity or alias.
pub fn check_name(value: &Value) -> std::result::Result<(), String> {
    let Some(name) = value.as_str() else { return Ok(()) };
    let length = name.chars().count();
    match name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-' && *c != '_') {
        _ if length == 0 || length > 80 => Err(format!("A name of 1 to 80 characters is expected, got {length}.")),
        Some(c) => Err(format!("Only letters, digits, - and _ are expected, got {c:?} in \"{name}\".")),
        None => Ok(()),
    }
}

/// For `check` of one of a few words.
pub fn check_word(attribute: &str, words: &[&str], value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some(word) if !words.contains(&word) => {
            let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
            Err(format!("Expected {attribute} to be one of {}, got \"{word}\".", quoted.join(", ")))
        }
        _ => Ok(()),
    }
}

fn encryption_type(value: &Value) -> std::result::Result<(), String> {
    check_word("type", &["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"], value)
}

fn reuse_period(value: &Value) -> std::result::Result<(), String> {
    match value.as_i64() {
        Some(60..=900) => Ok(()),
        _ => Err("A number of seconds in the range (60 - 900) is expected.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_is_waited_for() {
        for (code, message, passes) in [
            (
                "AccessDeniedException",
                "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
                true,
            ),
            (
                "AccessDeniedException",
                "The state machine IAM Role is not authorized to access the Log Destination",
                true,
            ),
            (
                "AccessDeniedException",
                "User: arn:aws:iam::1:user/u is not authorized to perform: iam:PassRole on resource: r",
                false,
            ),
            ("StateMachineDeleting", "State Machine is being deleted", true),
            ("ConflictException", "", true),
            ("InvalidDefinition", "", false),
            ("StateMachineAlreadyExists", "", false),
        ] {
            let mut error = Error::new(ErrorKind::Other, "m", message);
            error.code = code.into();
            assert_eq!(passing(&error).is_some(), passes, "{code} {message}");
        }
    }

    #[test]
    fn names_and_words() {
        for (name, want) in [
            ("StateMachine-to_DDB1", ""),
            ("", "A name of 1 to 80 characters is expected, got 0."),
            ("a.b", "Only letters, digits, - and _ are expected, got '.' in \"a.b\"."),
        ] {
            assert_eq!(check_name(&Value::string(name)).err().unwrap_or_default(), want);
        }
        let error = encryption_type(&"X".into()).unwrap_err();
        assert_eq!(error, "Expected type to be one of \"AWS_OWNED_KEY\", \"CUSTOMER_MANAGED_KMS_KEY\", got \"X\".");
        assert!(reuse_period(&10i64.into()).unwrap_err().contains("in the range (60 - 900)"));
    }
}
