//! What came of the things that an interrupted run was about to do: looked up, and taken into the state.
//!
//! Nothing is changed in the world. An object that is there and ours becomes part of the state as it is; what is not done about it
//! yet, the plan that follows shows.

use super::{diff, failure, file, region, stored};
use crate::address::Address;
use crate::diag::{Diagnostic, Diags};
use crate::resources::{self, Aws, Resource, Whose, whose};
use crate::state::journal::{Deed, Intent, There};
use crate::state::{Instance, Keeper, State};
use crate::value::{Marks, Object, Path, Value};
use futures_util::future::join_all;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

/// What an interrupted run left open.
#[derive(Clone, Debug, Default)]
pub struct Unsettled {
    /// What it was about to do.
    pub open: Vec<Intent>,
    /// What it made, and a state that others wrote since does not tell of.
    pub stray: Vec<There>,
    /// Tells these from others; see [`crate::state::Keeper::mark`].
    pub mark: String,
}

impl Unsettled {
    /// What the journal beside this state tells.
    pub fn of(keeper: &Keeper) -> Unsettled {
        Unsettled { open: keeper.unsettled().to_vec(), stray: keeper.stray().to_vec(), mark: keeper.mark() }
    }

    /// The provider configurations that are needed to look, as the state spells them, each with the region to look in; empty: its own.
    pub fn ways(&self) -> BTreeSet<Way> {
        let stray = self.stray.iter().filter(|t| !t.instances.is_empty()).map(way_of);
        self.open.iter().map(|i| (i.provider.clone(), i.region.clone())).chain(stray).collect()
    }
}

/// A provider configuration and a region.
pub type Way = (String, String);

fn way_of(there: &There) -> Way {
    let region = there.instances.iter().find_map(|i| i.attributes.get(region::NAME)?.as_str().map(String::from));
    (there.provider.clone(), region.unwrap_or_default())
}

/// What came of one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The object.
    pub address: Address,
    /// The rest of a line about it.
    pub text: String,
}

/// A look at one object.
enum Look {
    /// A creation: what stands there.
    Made(Whose),
    /// Anything else: the object as it is, `None` if it is gone.
    Is(Option<Object>),
    /// There is nothing to look for.
    Known,
}

/// Settles all of it, in `state`. `ways` has a way to AWS for each of [`Unsettled::ways`].
///
/// What cannot be looked at is an error, for nobody could say what the state has to be; what stands in the way, a warning.
pub async fn settle(unsettled: &Unsettled, ways: &HashMap<Way, Aws>, state: &mut State) -> (Vec<Settled>, Diags) {
    let (mut settled, mut diags) = (Vec::new(), Diags::new());
    let looks = join_all(unsettled.open.iter().map(|intent| look(intent, ways, state))).await;
    for (intent, look) in unsettled.open.iter().zip(looks) {
        let address = intent.address.clone();
        match look {
            Ok(look) => {
                if let Some(text) = take(intent, look, state, &mut diags) {
                    settled.push(Settled { address, text });
                }
            }
            Err(d) => diags.push(d),
        }
    }
    let strays: Vec<(&There, &Instance)> = unsettled
        .stray
        .iter()
        .filter(|there| state.get(&there.address).is_none())
        .filter_map(|there| Some((there, there.instances.iter().find(|i| i.deposed.is_none())?)))
        .collect();
    let looks = join_all(strays.iter().map(|(there, instance)| look_for_stray(there, instance, ways))).await;
    for ((there, instance), look) in strays.into_iter().zip(looks) {
        match look {
            Ok(true) => {
                state.set(&there.address, &there.provider, instance.clone());
                let text = "Made by an interrupted run and missing in the state: taken over".to_string();
                settled.push(Settled { address: there.address.clone(), text });
            }
            Ok(false) => {}
            Err(d) => diags.push(d),
        }
    }
    (settled, diags)
}

fn resource_of(address: &Address) -> Result<&'static dyn Resource, Diagnostic> {
    resources::resource(&address.ty).ok_or_else(|| {
        let detail = format!(
            "An interrupted run was about to change {address}, of a type that this version does not know. Nothing was changed."
        );
        Diagnostic::error("Unfinished change of an unsupported type", detail)
            .about(address)
            .help("Use the version of formwork that began it.")
    })
}

fn way<'a>(way: &Way, ways: &'a HashMap<Way, Aws>, address: &Address) -> Result<&'a Aws, Diagnostic> {
    ways.get(way).ok_or_else(|| {
        let detail = format!(
            "An interrupted run was about to change {address} through {}, which the configuration does not have.",
            way.0
        );
        Diagnostic::error("Provider configuration not present", detail)
            .about(address)
            .help("Put the provider block back, plan, then remove it.")
    })
}

/// The object of an intent, with its marks.
fn object_of(intent: &Intent) -> Result<(Object, Vec<(Path, Marks)>), Diagnostic> {
    let value = file::value(&intent.object).ok_or_else(|| {
        let detail = format!("What an interrupted run was about to do with {} cannot be read.", intent.address);
        Diagnostic::error("Damaged journal", detail).about(&intent.address)
    })?;
    let marks = value.marked_paths();
    Ok((Object::from_value(&value.unmark_deep().0), marks))
}

async fn look(intent: &Intent, ways: &HashMap<Way, Aws>, state: &State) -> Result<Look, Diagnostic> {
    let (resource, aws) =
        (resource_of(&intent.address)?, way(&(intent.provider.clone(), intent.region.clone()), ways, &intent.address)?);
    let failed = |e: resources::Error| failure(&e, Some(&intent.address));
    if intent.deed == Deed::Create {
        if state.get(&intent.address).is_some() {
            return Ok(Look::Known);
        }
        let (planned, _) = object_of(intent)?;
        let since = intent.at.parse::<jiff::Timestamp>().map_or(SystemTime::UNIX_EPOCH, SystemTime::from);
        return Ok(Look::Made(whose(resource, aws, &planned, since).await.map_err(failed)?));
    }
    let Some(object) = stored_object(intent, resource, state) else { return Ok(Look::Known) };
    Ok(Look::Is(resource.read(aws, &object).await.map_err(failed)?))
}

fn stored<'a>(intent: &Intent, state: &'a State) -> Option<&'a Instance> {
    match &intent.deposed {
        Some(id) => state.get_deposed(&intent.address, id),
        None => state.get(&intent.address),
    }
}

fn stored_object(intent: &Intent, resource: &dyn Resource, state: &State) -> Option<Object> {
    stored::decode(resource, stored(intent, state)?).ok()
}

/// Takes over what a look found; the line about it, where there is something to say.
fn take(intent: &Intent, look: Look, state: &mut State, diags: &mut Diags) -> Option<String> {
    let address = &intent.address;
    let resource = resources::resource(&address.ty)?;
    match look {
        Look::Known => None,
        Look::Made(Whose::Ours(found)) => {
            let (planned, marks) = object_of(intent).ok()?;
            let complete = diff::repainted(resource, &planned, &found).is_empty();
            let id = found.text("id").unwrap_or_default().to_string();
            let object = diff::without_holes(diff::keep_form(resource, &planned, found));
            set(intent, resource, &object, &marks, None, state);
            Some(match complete {
                true => format!("Made by an interrupted run: taken over [id={id}]"),
                false => format!("Made by an interrupted run, though not to its end: taken over [id={id}]"),
            })
        }
        Look::Made(other) => {
            if let Some(id) = &intent.deposed {
                state.restore(address, id);
            }
            if let Whose::Others(why) = other {
                diags.push(in_the_way(intent, resource, &why));
            }
            None
        }
        Look::Is(Some(found)) => {
            let before = stored(intent, state)?.clone();
            if intent.deed == Deed::Delete {
                return Some("Its deletion was interrupted: still there".into());
            }
            let object = stored::decode(resource, &before).ok()?;
            let (planned, marks) = object_of(intent).ok()?;
            let complete = diff::repainted(resource, &planned, &found).is_empty();
            let found = diff::keep_form(resource, &object, found);
            set(intent, resource, &found, &marks, Some(&before), state);
            Some(match complete {
                true => "Changed by an interrupted run: as planned then".into(),
                false => "Its change was interrupted: taken as it is".into(),
            })
        }
        Look::Is(None) => {
            match &intent.deposed {
                Some(id) => state.remove_deposed(address, id),
                None => state.remove(address),
            };
            Some(match intent.deed {
                Deed::Delete => "Deleted by an interrupted run".into(),
                _ => "Gone since a run was interrupted".into(),
            })
        }
    }
}

fn set(
    intent: &Intent,
    resource: &'static dyn Resource,
    object: &Object,
    marks: &[(Path, Marks)],
    before: Option<&Instance>,
    state: &mut State,
) {
    let mut instance =
        stored::encode(resource, object, marks, before, intent.dependencies.clone(), intent.create_before_destroy);
    instance.key.clone_from(&intent.address.key);
    instance.tainted = before.is_some_and(|b| b.tainted);
    state.set(&intent.address, &intent.provider, instance);
}

/// Someone else's object stands where ours was to be.
fn in_the_way(intent: &Intent, resource: &dyn Resource, why: &str) -> Diagnostic {
    let address = &intent.address;
    let planned = object_of(intent).map(|(planned, _)| planned).unwrap_or_default();
    let name = ["name", "id", "arn"].iter().find_map(|n| planned.text(n)).unwrap_or("that name").to_string();
    let id = planned.text("id").unwrap_or(&name);
    let detail = format!(
        "An interrupted run was about to make {address}. There is a {} \"{name}\" now, but it is not the one: {why}. It was left alone.",
        resource.schema().name
    );
    Diagnostic::warning("Something else is in the way", detail).about(address).help(format!(
        "If it is yours, take it over with\n\n    formwork import '{address}' '{id}'\n\nOtherwise choose another name."
    ))
}

/// Whether what was made is there.
async fn look_for_stray(there: &There, instance: &Instance, ways: &HashMap<Way, Aws>) -> Result<bool, Diagnostic> {
    let resource = resource_of(&there.address)?;
    let aws = way(&way_of(there), ways, &there.address)?;
    let Ok(object) = stored::decode(resource, instance) else { return Ok(false) };
    let found = resource.read(aws, &object).await.map_err(|e| failure(&e, Some(&there.address)))?;
    Ok(found.is_some())
}

/// An intent's object: what is planned, sensitive parts marked.
pub fn object(planned: &Object, marks: &[(Path, Marks)]) -> serde_json::Value {
    let value: Value = planned.to_value().mark_at(marks);
    file::encode(&value)
}

/// A moment as intents have it.
pub fn moment(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let time = jiff::Timestamp::UNIX_EPOCH.checked_add(since).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.to_string()
}
