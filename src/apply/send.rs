//! The calls of one step: sent, and looked after where the answer is lost or doubtful, so that the step ends as if it had come.
//!
//! Refuses to know the plan and the state.

use super::{Answer, Call};
use crate::plan::diff;
use crate::resources::{self, Aws, ErrorKind, Resource, Whose, whose};
use crate::value::Object;
use std::time::Duration;

/// How often a call whose answer is doubtful is made again.
const AGAIN: u32 = 4;
/// The first pause before that; each next one is twice as long.
const PAUSE: Duration = Duration::from_millis(300);

/// Does what a step asks of AWS.
pub(super) async fn send(call: &Call) -> Answer {
    match call {
        Call::Create { resource, aws, planned, .. } => Answer::Object(create(*resource, aws, planned).await),
        Call::Update { resource, aws, prior, planned, .. } => {
            Answer::Object(update(*resource, aws, prior, planned).await)
        }
        Call::Delete { resource, aws, prior, planned } => {
            Answer::Gone(delete(*resource, aws, prior, planned.as_ref()).await)
        }
        Call::Read { source, aws, config, .. } => Answer::Object(source.read(aws, config).await),
        Call::Nothing => Answer::Nothing,
    }
}

async fn pause(aws: &Aws, attempt: u32) {
    aws.clock().sleep(PAUSE * 2u32.pow(attempt)).await;
}

/// Creates it. If an answer is lost, the object is looked for: what was made is completed, what was not is made.
async fn create(resource: &'static dyn Resource, aws: &Aws, planned: &Object) -> resources::Result<Object> {
    let since = aws.clock().now();
    let mut doubt = false;
    let mut attempt = 0;
    loop {
        let mut error = match resource.create(aws, planned).await {
            Ok(object) => return Ok(object),
            Err(error) => error,
        };
        let doubtful = error.is(ErrorKind::Doubtful);
        doubt |= doubtful;
        if let Some(made) = error.partial.take() {
            // It is there, and the answer about a part of it was lost.
            return match resource.read(aws, &made).await {
                Ok(Some(found)) if doubtful => complete(resource, aws, found, planned).await,
                _ => Err(error.with_partial(*made)),
            };
        }
        // That something is there is doubtful only if it may be what was made before.
        if !doubtful && !(doubt && error.is(ErrorKind::AlreadyExists)) {
            return Err(error);
        }
        match whose(resource, aws, planned, since).await {
            Ok(Whose::Ours(found)) => {
                aws.note("The answer was lost: it is there");
                return complete(resource, aws, found, planned).await;
            }
            Ok(Whose::Others(why)) => {
                error.kind = ErrorKind::AlreadyExists;
                error.message = format!("Something of this name is there that is not what was to be made: {why}.");
                return Err(error);
            }
            Ok(Whose::Nobodys) if attempt < AGAIN => {}
            Ok(Whose::Nobodys) => return Err(error),
            Err(_) => {
                error.kind = ErrorKind::Doubtful;
                return Err(error);
            }
        }
        pause(aws, attempt).await;
        attempt += 1;
    }
}

/// Brings an object that was made, perhaps not to its end, to what was planned.
async fn complete(
    resource: &'static dyn Resource,
    aws: &Aws,
    found: Object,
    planned: &Object,
) -> resources::Result<Object> {
    if diff::repainted(resource, planned, &found).is_empty() {
        return Ok(found);
    }
    let found = diff::keep_form(resource, planned, found);
    let mut wanted = planned.clone();
    for (name, value) in &mut wanted.0 {
        if let Some(there) = found.get(name).filter(|_| !value.is_wholly_known()) {
            *value = there.clone();
        }
    }
    let found = diff::without_holes(found);
    update(resource, aws, &found, &wanted)
        .await
        .map_err(|e| if e.partial.is_none() { e.with_partial(found) } else { e })
}

/// Updates it. If an answer is lost, it goes on from what is there.
async fn update(
    resource: &'static dyn Resource,
    aws: &Aws,
    prior: &Object,
    planned: &Object,
) -> resources::Result<Object> {
    let mut from = prior.clone();
    let mut attempt = 0;
    loop {
        let error = match resource.update(aws, &from, planned).await {
            Err(error) if error.is(ErrorKind::Doubtful) && attempt < AGAIN => error,
            done => return done,
        };
        pause(aws, attempt).await;
        attempt += 1;
        let found = match resource.read(aws, &from).await {
            Ok(Some(found)) => diff::keep_form(resource, planned, diff::keep_form(resource, &from, found)),
            _ => return Err(error),
        };
        for (name, value) in &found.0 {
            // What this update is not about may be changed by others meanwhile, and is left to them.
            if prior.differs(planned, name) {
                from.set(name, value.clone());
            }
        }
    }
}

/// Deletes it; `planned` is what takes its place.
async fn delete(
    resource: &'static dyn Resource,
    aws: &Aws,
    prior: &Object,
    planned: Option<&Object>,
) -> resources::Result<()> {
    let mut attempt = 0;
    loop {
        let gone = async {
            if let Some(planned) = planned {
                resource.give_way(aws, prior, planned).await?;
            }
            resource.delete(aws, prior).await
        };
        match gone.await {
            Err(error) if error.is(ErrorKind::Doubtful) && attempt < AGAIN => {}
            done => return done,
        }
        pause(aws, attempt).await;
        attempt += 1;
    }
}
