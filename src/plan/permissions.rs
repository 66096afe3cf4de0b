//! What IAM has to allow so that a configuration can be planned, applied or destroyed: an identity policy made of what each type says.
//!
//! Asks nothing of AWS and looks at nothing: objects are as the configuration has them before anything exists, and as the state
//! remembers them. What is not known yet is a `*`.

use super::beside;
use super::diff;
use super::links::{Links, Node};
use super::providers::{ProviderKey, provider_of};
use super::region;
use super::world::World;
use super::{data_hole, stored};
use crate::address::{Address, Mode};
use crate::config::{self, Config};
use crate::diag::Diags;
use crate::eval::{self, Facts};
use crate::resources::permissions::{self, Permit};
use crate::resources::{self, Aws, Permissions, Place};
use crate::state::State;
use crate::value::{Fields, Object, Type, Value};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// What shall be possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To look at all objects.
    Plan,
    /// To plan, and to create, change, replace and delete.
    Apply,
    /// To plan and to delete.
    Destroy,
}

/// Everything it is worked out of.
pub struct Request<'a> {
    /// What was written.
    pub config: Arc<Config>,
    /// Values of the root module's variables.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// What we last saw.
    pub state: &'a State,
    /// Time and place.
    pub facts: Facts,
    /// What `file("x")` starts from.
    pub base_dir: &'a Path,
    /// `terraform.workspace`
    pub workspace: &'a str,
    /// The way to AWS; nothing is sent but what finds out the account, and if that fails it is a `*`.
    pub connect: &'a super::Connect<'a>,
    /// What shall be possible.
    pub purpose: Purpose,
    /// Whether types that are not ours are left aside; otherwise they are refused.
    pub skip_unsupported: bool,
}

/// A policy and what is worth saying about it.
#[derive(Debug)]
pub struct Policy {
    /// The document.
    pub document: Json,
    /// Actions on resources, as in the document: for whoever checks it.
    pub allowed: BTreeMap<String, BTreeSet<String>>,
    /// Roles that are assumed first: by other credentials, which need that.
    pub assumed: Vec<String>,
    /// Whether the account is not known.
    pub open_account: bool,
    /// What is wrong with the configuration, and warnings.
    pub diags: Diags,
}

/// One object: its type's needs, where it is, what is known of it, and whether it can come and go (not only be looked at).
struct Thing {
    needs: &'static Permissions,
    place: Place,
    object: Object,
    managed: bool,
    ty: Arc<str>,
}

/// Works it out.
///
/// # Errors
/// A configuration that cannot be evaluated.
pub async fn policy(request: Request<'_>) -> Result<Policy, Diags> {
    if !request.skip_unsupported {
        let refused = beside::refusal(&request.config);
        if refused.has_errors() {
            return Err(refused);
        }
    }
    let links = Arc::new(Links::new(&request.config)?);
    let world = World::new(
        request.config.clone(),
        links.clone(),
        request.facts.clone(),
        request.base_dir,
        request.workspace,
        request.variables.clone(),
    );
    let mut walk = Walk { request, links, world, things: Vec::new(), places: HashMap::new(), assumed: BTreeSet::new() };
    walk.configuration().await;
    walk.state().await;
    if walk.world.diags.has_errors() {
        return Err(walk.world.diags);
    }
    Ok(walk.finish())
}

struct Walk<'a> {
    request: Request<'a>,
    links: Arc<Links>,
    world: World,
    things: Vec<Thing>,
    places: HashMap<ProviderKey, Option<(Aws, Place)>>,
    assumed: BTreeSet<String>,
}

impl Walk<'_> {
    /// Where a provider configuration works; an account that cannot be found out stays open.
    async fn place(&mut self, key: &ProviderKey) -> Option<(Aws, Place)> {
        if let Some(found) = self.places.get(key) {
            return found.clone();
        }
        let found = match super::providers::settings(&mut self.world, key) {
            Err(diags) => {
                self.world.diags.extend(diags);
                None
            }
            Ok(settings) => {
                self.assumed.extend(settings.assume_role.iter().map(|r| r.role_arn.clone()));
                match (self.request.connect)(settings).await {
                    Ok(aws) => {
                        let place = aws.place().await.unwrap_or_else(|_| aws.place_so_far());
                        Some((aws, place))
                    }
                    Err(e) => {
                        self.world.diags.push(super::failure(&e, None));
                        None
                    }
                }
            }
        };
        self.places.insert(key.clone(), found.clone());
        found
    }

    async fn configuration(&mut self) {
        let links = self.links.clone();
        for &node in &links.order {
            self.world.evaluate(node);
            if let Node::Resource(m, mode, ..) = &links.nodes[node] {
                let Some(block) = links.block(node) else { continue };
                let config = self.request.config.clone();
                let Some(written) = config.resource(&block) else { continue };
                if !beside::is_ours(*mode, &block.ty) {
                    continue;
                }
                for module in self.world.module_instances(*m).to_vec() {
                    for (key, names) in self.world.repetition(&module, node).clone().instances() {
                        let Some(address) = self.world.address(node, &module, key) else { continue };
                        self.instance(&address, written, names.as_ref()).await;
                    }
                }
            }
        }
    }

    /// One object as the configuration has it.
    async fn instance(&mut self, address: &Address, written: &config::Resource, names: Option<&Arc<Fields>>) {
        let key = provider_of(&self.request.config, &address.module.config(), written.provider.as_ref(), &address.ty);
        let scope = self.world.scope(&address.module, names);
        let mut diags = Diags::new();
        let (schema, needs) =
            match (resources::resource(&address.ty), resources::data_source(&address.ty), address.mode) {
                (Some(r), _, Mode::Managed) => (r.schema(), r.permissions()),
                (_, Some(d), Mode::Data) => (d.schema(), d.permissions()),
                _ => return,
            };
        let (body, region) = region::split(&written.body, schema);
        let value = eval::body::eval_body(&body, schema, &scope, &mut diags);
        let region = region.and_then(|expr| region::named(expr, &scope).ok().flatten());
        self.world.diags.extend(diags);
        let (value, _) = value.unmark_deep();
        let Some((aws, place)) = self.place(&key).await else {
            self.world.set_object(address, Value::unknown(Type::Any));
            return;
        };
        let place = region.map_or(place.clone(), |region| Place { region: region.to_string(), ..place });
        let config = Object::from_value(&value);
        let object = match (address.mode, resources::resource(&address.ty), resources::data_source(&address.ty)) {
            (Mode::Managed, Some(resource), _) => diff::change(resource, &place, None, &config, false).after,
            // What asks nothing of AWS is as good now as later.
            (Mode::Data, _, Some(source)) if source.pure() => match source.read(&aws, &config).await {
                Ok(object) => object,
                Err(e) => {
                    self.world.diags.push(super::failure(&e, Some(address)).at(&written.span));
                    return;
                }
            },
            _ => Object::from_value(&data_hole(schema, &value)),
        };
        self.world.set_object(address, object.to_value());
        let object = if address.mode == Mode::Managed { object } else { config };
        let (managed, ty) = (address.mode == Mode::Managed, address.ty.clone());
        self.things.push(Thing { needs, place, object, managed, ty });
    }

    /// Objects that the state remembers: they are looked at, and may have to go.
    async fn state(&mut self) {
        let mut found = Vec::new();
        for (address, holder, instance) in self.request.state.objects() {
            if let (Mode::Managed, Some(resource)) = (address.mode, resources::resource(&address.ty))
                && let Ok(object) = stored::decode(resource, instance)
                && let Some(key) = ProviderKey::parse(&self.request.config, &holder.provider)
            {
                found.push((resource.permissions(), key, object, address.ty.clone()));
            }
        }
        for (needs, key, object, ty) in found {
            if let Some((_, place)) = self.place(&key).await {
                let region = resources::resource(&ty).and_then(|r| region::of(&object, r.schema()));
                let place = region.map_or(place.clone(), |region| Place { region: region.to_string(), ..place });
                self.things.push(Thing { needs, place, object, managed: true, ty });
            }
        }
    }

    fn finish(self) -> Policy {
        let paths: BTreeMap<String, String> = self
            .things
            .iter()
            .filter(|t| t.managed && &*t.ty == "aws_iam_role")
            .filter_map(|t| {
                Some((t.object.text("name")?.to_string(), t.object.text("path").unwrap_or("/").to_string()))
            })
            .collect();
        let path_of = |role: &str| paths.get(role).cloned();
        // Action and condition → on what.
        let mut allowed: BTreeMap<(String, Option<&'static str>), BTreeSet<String>> = BTreeMap::new();
        let mut allow = |permit: &Permit, thing: &Thing| {
            if !permissions::applies(permit, &thing.object) {
                return;
            }
            for action in permit.actions {
                let arns = permissions::arns(permit.on, &thing.place, &thing.object, &path_of);
                allowed.entry((action.to_string(), permit.passed_to)).or_default().extend(arns);
            }
        };
        let mut asks = false;
        let mut open_account = false;
        for thing in &self.things {
            let mut lists = vec![thing.needs.read];
            if thing.managed && self.request.purpose == Purpose::Apply {
                lists.extend([thing.needs.create, thing.needs.update]);
            }
            if thing.managed && self.request.purpose != Purpose::Plan {
                lists.push(thing.needs.delete);
            }
            asks |= lists.iter().any(|l| !l.is_empty());
            open_account |= !thing.needs.read.is_empty() && thing.place.account.is_empty();
            lists.into_iter().flatten().for_each(|permit| allow(permit, thing));
        }
        if asks {
            // Which account it is: for ARNs, and for allowed_account_ids.
            allowed.entry(("sts:GetCallerIdentity".into(), None)).or_default().insert("*".into());
        }
        let document = document(&allowed);
        let mut flat: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for ((action, _), on) in allowed {
            flat.entry(action).or_default().extend(on);
        }
        Policy {
            document,
            allowed: flat,
            assumed: self.assumed.into_iter().collect(),
            open_account,
            diags: self.world.diags,
        }
    }
}

/// Actions on the same resources under the same condition are one statement.
fn document(allowed: &BTreeMap<(String, Option<&'static str>), BTreeSet<String>>) -> Json {
    let mut groups: BTreeMap<(Vec<String>, Option<&'static str>), Vec<&str>> = BTreeMap::new();
    for ((action, condition), on) in allowed {
        groups.entry((reduced(on), *condition)).or_default().push(action);
    }
    let mut statements: Vec<(String, Json)> = groups
        .into_iter()
        .map(|((on, condition), actions)| {
            let first = actions.first().copied().unwrap_or_default().to_string();
            let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": on });
            if let Some(service) = condition {
                statement["Condition"] = json!({ "StringEquals": { "iam:PassedToService": service } });
            }
            (first, statement)
        })
        .collect();
    statements.sort_by(|a, b| a.0.cmp(&b.0));
    json!({ "Version": "2012-10-17", "Statement": statements.into_iter().map(|(_, s)| s).collect::<Vec<_>>() })
}

/// Without what is part of something wider.
fn reduced(on: &BTreeSet<String>) -> Vec<String> {
    if on.contains("*") {
        return vec!["*".to_string()];
    }
    let wider = |a: &str| {
        on.iter().any(|b| {
            b != a && b.strip_suffix('*').is_some_and(|b| a.starts_with(b)) && !(a.ends_with('*') && b.len() > a.len())
        })
    };
    on.iter().filter(|a| !wider(a)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_something_wider_is_left_out() {
        for (given, wanted) in [
            (vec!["a:x", "a:y"], vec!["a:x", "a:y"]),
            (vec!["a:*", "a:x", "a:x*"], vec!["a:*"]),
            (vec!["*", "a:x"], vec!["*"]),
            (vec!["a:x", "a:x:*"], vec!["a:x", "a:x:*"]),
        ] {
            let given = given.into_iter().map(String::from).collect();
            assert_eq!(reduced(&given), wanted);
        }
    }

    #[test]
    fn actions_on_the_same_are_one_statement() {
        let on = |list: &[&str]| list.iter().map(|s| s.to_string()).collect::<BTreeSet<_>>();
        let allowed = BTreeMap::from([
            (("iam:GetRole".to_string(), None), on(&["r"])),
            (("iam:DeleteRole".to_string(), None), on(&["r"])),
            (("iam:PassRole".to_string(), Some("states.amazonaws.com")), on(&["r"])),
        ]);
        let wanted = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": ["iam:DeleteRole", "iam:GetRole"], "Resource": ["r"] },
            { "Effect": "Allow", "Action": ["iam:PassRole"], "Resource": ["r"],
              "Condition": { "StringEquals": { "iam:PassedToService": "states.amazonaws.com" } } },
        ]});
        assert_eq!(document(&allowed), wanted);
    }
}
