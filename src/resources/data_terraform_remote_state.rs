//! `data.terraform_remote_state`: the outputs of another configuration, out of its state.
//!
//! Refuses to know where states are kept and what they look like: whoever opens provider configurations knows.

use super::{Aws, DataSource, Error, ErrorKind, Result};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Fields, Object, Value};
use async_trait::async_trait;
use futures_util::future::BoxFuture;

/// The way to the states of other configurations.
pub trait RemoteStates: Send + Sync {
    /// The outputs of the state that a backend of this kind and configuration (null: none) keeps for a workspace (`None`: the
    /// default one).
    ///
    /// # Errors
    /// The configuration is wrong, the state cannot be read, or there is none.
    fn outputs<'a>(
        &'a self,
        backend: &'a str,
        workspace: Option<&'a str>,
        config: &'a Value,
    ) -> BoxFuture<'a, std::result::Result<Fields, Diagnostic>>;
}

static SCHEMA: Schema = Schema {
    name: "terraform_remote_state",
    version: 0,
    doc: "The outputs of another configuration, read from its state.",
    block: Block {
        attributes: &[
            Attribute::required("backend", Ty::String)
                .doc("The backend that keeps the state: local or s3.")
                .check(backend),
            Attribute::optional("config", Ty::Any).doc("The arguments of that backend, as an object."),
            Attribute::optional("defaults", Ty::Any)
                .doc("Values of outputs that the state does not have, as an object."),
            Attribute::computed("outputs", Ty::Any).doc("The outputs of the root module, as an object."),
            Attribute::optional("workspace", Ty::String).doc("The workspace, if not the default one."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

fn backend(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some("local" | "s3") | None => Ok(()),
        Some(other) => Err(format!("A backend that formwork knows (\"local\" or \"s3\") was expected, not {other:?}.")),
    }
}

/// `data.terraform_remote_state`
pub struct RemoteState;

#[async_trait]
impl DataSource for RemoteState {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let failed = |message: String| Error::new(ErrorKind::RemoteState, "", message);
        let backend = config.str("backend").unwrap_or_default();
        let workspace = config.str("workspace").filter(|w| !w.is_empty());
        let given = config.get("config").cloned().unwrap_or_else(|| Value::null(crate::value::Type::Any));
        let mut outputs = Fields::new();
        if let Some(defaults) = config.get("defaults").filter(|d| !d.is_null()) {
            match defaults.as_fields() {
                Some(fields) => outputs.extend(fields.clone()),
                None => return Err(failed("Defaults must be an object or a map.".into())),
            }
        }
        let Some(states) = aws.states() else { return Err(failed("States cannot be read here.".into())) };
        let found = states.outputs(backend, workspace, &given).await.map_err(|d| {
            let help = d.help.map_or(String::new(), |h| format!("\n\n{h}"));
            failed(format!("{}: {}{help}", d.summary, d.detail))
        })?;
        outputs.extend(found);
        Ok(config.clone().with("outputs", Value::object(outputs)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::Settings;
    use futures_util::FutureExt;
    use std::sync::Arc;

    struct One;

    impl RemoteStates for One {
        fn outputs<'a>(
            &'a self,
            backend: &'a str,
            workspace: Option<&'a str>,
            config: &'a Value,
        ) -> BoxFuture<'a, std::result::Result<Fields, Diagnostic>> {
            let seen = format!("{backend} {workspace:?} {}", config.get("path").is_some());
            let found = match backend {
                "local" => Ok(Fields::from([(Arc::from("seen"), Value::string(seen))])),
                _ => Err(Diagnostic::error("Unable to find remote state", "There is none.").help("Make one.")),
            };
            std::future::ready(found).boxed()
        }
    }

    #[test]
    fn outputs_come_over_their_defaults() {
        let client = crate::sandbox::Sandbox::in_memory(0).http_client();
        let aws = Aws::with_http_client(Settings::default(), client).with_states(Arc::new(One));
        let read = |config: Object| RemoteState.read(&aws, &config).now_or_never().unwrap();
        let config = Object::new()
            .with("backend", "local")
            .with("workspace", "w")
            .with("config", Value::object_of([("path", Value::string("p"))]))
            .with("defaults", Value::object_of([("seen", Value::string("no")), ("more", Value::bool(true))]));
        let outputs = read(config.clone()).unwrap().get("outputs").cloned().unwrap();
        let wanted = [("more", Value::bool(true)), ("seen", Value::string("local Some(\"w\") true"))];
        assert_eq!(outputs, Value::object_of(wanted));
        let e = read(config.clone().with("backend", "s3")).unwrap_err();
        assert_eq!(e.message, "Unable to find remote state: There is none.\n\nMake one.");
        assert!(read(config.with("defaults", "x")).is_err());
    }

    #[test]
    fn other_backends_are_told_early() {
        assert!(backend(&Value::string("s3")).is_ok());
        assert!(backend(&Value::string("gcs")).unwrap_err().ends_with("not \"gcs\"."));
    }
}
