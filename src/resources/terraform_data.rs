//! `terraform_data`: a value in the state and nothing in AWS.
//!
//! Refuses to know what the value is for.

use super::{Aws, Place, Resource, Result};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Type, Value};
use async_trait::async_trait;

static SCHEMA: Schema = Schema {
    name: "terraform_data",
    version: 0,
    doc: "A value that is kept in the state, and a reason for others to be replaced.",
    block: Block {
        attributes: &[
            Attribute::computed("id", Ty::String).doc("A random id."),
            Attribute::optional("input", Ty::Any).doc("Any value; it comes out as output."),
            Attribute::computed("output", Ty::Any).doc("The value of input, known after it was applied."),
            Attribute::optional("triggers_replace", Ty::Any)
                .replaces()
                .doc("Any value; when it changes, this object is replaced."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// `terraform_data`
pub struct TerraformData;

#[async_trait]
impl Resource for TerraformData {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    async fn read(&self, _: &Aws, prior: &Object) -> Result<Option<Object>> {
        Ok(Some(prior.clone()))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        Ok(finished(planned).with("id", aws.clock().uuid()))
    }

    async fn update(&self, _: &Aws, _: &Object, planned: &Object) -> Result<Object> {
        Ok(finished(planned))
    }

    async fn delete(&self, _: &Aws, _: &Object) -> Result<()> {
        Ok(())
    }

    /// The output is known after apply, as Terraform has it: that is what the type is often used for. Its type is known before, and
    /// that there will be an id.
    fn adjust(&self, _: &Place, _: &Object, prior: Option<&Object>, planned: &mut Object) {
        let input = |object: &Object| object.get("input").cloned().unwrap_or_else(|| Value::null(Type::Any));
        let now = input(planned);
        let output = match prior {
            _ if now.is_null() => now,
            Some(prior) if input(prior) == now => prior.get("output").cloned().unwrap_or(now),
            _ => Value::unknown(now.ty()),
        };
        planned.set("output", output);
        if prior.is_none() {
            planned.set("id", Value::unknown_not_null(Type::String));
        }
    }
}

fn finished(planned: &Object) -> Object {
    let mut object = planned.clone();
    object.set("output", planned.get("input").cloned().unwrap_or_else(|| Value::null(Type::Any)));
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Clock, Settings};
    use aws_smithy_runtime_api::client::http::http_client_fn;
    use std::time::SystemTime;

    fn place() -> Place {
        Place { partition: "aws".into(), region: "us-east-1".into(), ..Place::default() }
    }

    #[test]
    fn the_output_is_known_when_the_input_stays() {
        let (null, hole) = (|| Value::null(Type::Any), || Value::unknown(Type::Any));
        let text = || Value::unknown(Type::String);
        let object = |input: Value, output: Value| Object::new().with("input", input).with("output", output);
        for (prior, input, wanted) in [
            (None, null(), null()),
            (None, Value::null(Type::String), Value::null(Type::String)),
            (None, "a".into(), text()),
            (None, text().not_null(), text()),
            (None, hole(), hole()),
            (Some(object("a".into(), "a".into())), "a".into(), "a".into()),
            (Some(object("a".into(), "a".into())), "b".into(), text()),
            (
                Some(object("a".into(), "a".into())),
                Value::tuple(vec!["a".into()]),
                Value::unknown(Type::tuple(vec![Type::String])),
            ),
            (Some(object("a".into(), "a".into())), null(), null()),
            (Some(object(null(), null())), null(), null()),
        ] {
            let mut planned = object(input, hole());
            TerraformData.adjust(&place(), &Object::new(), prior.as_ref(), &mut planned);
            assert_eq!(planned.get("output"), Some(&wanted), "{prior:?} {planned:?}");
            let id = planned.get("id").filter(|_| prior.is_none());
            assert!(id.is_none_or(|id| !id.is_known() && id.is_never_null()), "{planned:?}");
        }
    }

    #[tokio::test]
    async fn what_goes_in_comes_out() {
        let client = http_client_fn(|_, _| panic!("nothing is to be sent"));
        let aws = Aws::with_http_client(Settings::default(), client).with_clock(Clock::frozen(SystemTime::UNIX_EPOCH));
        let hole = || Value::unknown(Type::Any);
        let planned = Object::new().with("input", "a").with("output", hole()).with("id", hole());
        let made = TerraformData.create(&aws, &planned).await.unwrap();
        assert_eq!((made.str("output"), made.str("id").map(str::len)), (Some("a"), Some(36)));
        let other = TerraformData.create(&aws, &planned).await.unwrap();
        assert_ne!(made.str("id"), other.str("id"));
        let changed = TerraformData.update(&aws, &made, &made.clone().with("input", "b")).await.unwrap();
        assert_eq!((changed.str("output"), changed.str("id")), (Some("b"), made.str("id")));
        assert_eq!(TerraformData.read(&aws, &made).await.unwrap(), Some(made));
    }
}
