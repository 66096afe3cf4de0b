//! The states of other configurations, for `data.terraform_remote_state`.

use super::World;
use crate::diag::Diagnostic;
use crate::resources::data_terraform_remote_state::RemoteStates;
use crate::state::Backend;
use crate::state::backend::{Arguments, Trouble};
use crate::state::s3::Ways;
use crate::state::workspace::{DEFAULT, Places};
use crate::value::{Fields, Value};
use futures_util::future::BoxFuture;

/// Reads states with what surrounds this run.
pub struct States {
    /// Where it is, and its environment.
    pub world: World,
    /// The ways to AWS: into the sandbox, where everything else goes there, too.
    pub ways: Ways,
}

impl RemoteStates for States {
    fn outputs<'a>(
        &'a self,
        kind: &'a str,
        workspace: Option<&'a str>,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Fields, Diagnostic>> {
        Box::pin(async move {
            let given = config.as_fields().cloned().unwrap_or_default();
            let arguments = Arguments::new(kind, &given).map_err(first)?;
            let places = Places { dir: self.world.cwd.clone(), ..Places::default() };
            let env = |name: &str| self.world.var(name).map(str::to_string);
            let backend = Backend::new(&arguments, places, &env, &|| self.ways.clone()).map_err(first)?;
            let workspace = workspace.unwrap_or(DEFAULT);
            let mut store = backend.store(workspace);
            let state = match store.read().await? {
                Some(state) => state,
                // For Terraform a workspace in a bucket comes into being by being looked at.
                None if workspace != DEFAULT && matches!(backend, Backend::S3(_)) => return Ok(Fields::new()),
                None => {
                    return Err(Diagnostic::error(
                        "Unable to find remote state",
                        format!("No stored state was found for the workspace \"{workspace}\" at {}.", store.place()),
                    )
                    .help("Apply the configuration that it belongs to first, or check the arguments in \"config\"."));
                }
            };
            // Whoever reads another's state sees all of it: Terraform, too, forgets here what is sensitive there.
            Ok(state.outputs.into_iter().map(|(name, output)| (name, output.value.unmark_deep().0)).collect())
        })
    }
}

/// The first of several mistakes.
fn first(troubles: Vec<Trouble>) -> Diagnostic {
    let fallback = || Diagnostic::error("Invalid backend configuration", "The backend cannot be used.");
    troubles.into_iter().next().map_or_else(fallback, |t| t.diagnostic)
}
