//! Keeps a state in its store through a run: knows what is stored, counts changes, writes only what differs.

use super::error::Error;
use super::store::Store;
use super::{State, TERRAFORM_VERSION};

/// A store and what is in it.
pub struct Keeper {
    store: Box<dyn Store>,
    stored: Option<State>,
}

impl Keeper {
    /// Reads what is there. Take the lock first, if one is to be taken.
    pub async fn open(mut store: Box<dyn Store>) -> Result<Keeper, Error> {
        let stored = store.read().await?;
        Ok(Keeper { store, stored })
    }

    /// What is stored; `None` if nothing is yet.
    pub fn stored(&self) -> Option<&State> {
        self.stored.as_ref()
    }

    /// What is stored, or an empty state.
    pub fn state(&self) -> State {
        self.stored.clone().unwrap_or_default()
    }

    /// The store.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    /// Makes sure that `state` is stored: nothing happens if it says what is stored already, otherwise it is written with the
    /// next serial and the lineage of the one before (a new one at the first time). Gives whether it was written.
    pub async fn save(&mut self, state: &State) -> Result<bool, Error> {
        match &self.stored {
            Some(stored) if stored.same(state) => return Ok(false),
            None if state.is_empty() && state.check_results.is_null() => return Ok(false),
            _ => {}
        }
        let next = self.next(state);
        self.store.write(&next).await?;
        self.stored = Some(next);
        Ok(true)
    }

    /// `state` with the serial, lineage and version that it would be stored with.
    pub fn next(&self, state: &State) -> State {
        let (serial, lineage) = match &self.stored {
            Some(stored) => (stored.serial.saturating_add(1), stored.lineage.clone()),
            None => (state.serial.max(1), state.lineage.clone()),
        };
        let lineage = if lineage.is_empty() { uuid::Uuid::new_v4().to_string() } else { lineage };
        State { serial, lineage, terraform_version: TERRAFORM_VERSION.into(), ..state.clone() }
    }

    /// Stores `state` with its own lineage and serial. Unless `force`, it must belong to the history that is stored and not be
    /// older: [`Error::Lineage`], [`Error::Serial`]. Gives whether it was written.
    pub async fn push(&mut self, state: &State, force: bool) -> Result<bool, Error> {
        let mut next = state.clone();
        if let Some(stored) = &self.stored {
            let same = stored.same(state);
            if !force {
                if !stored.lineage.is_empty() && stored.lineage != state.lineage {
                    return Err(Error::Lineage { new: state.lineage.clone(), stored: stored.lineage.clone() });
                }
                if stored.serial > state.serial || (stored.serial == state.serial && !same) {
                    return Err(Error::Serial { new: state.serial, stored: stored.serial });
                }
            }
            if same && stored.serial == state.serial && stored.lineage == state.lineage {
                return Ok(false);
            }
            // A serial never goes back, so that plans made before show as stale.
            if state.serial <= stored.serial {
                next.serial = stored.serial.saturating_add(1);
            }
        }
        if next.lineage.is_empty() {
            next.lineage = uuid::Uuid::new_v4().to_string();
        }
        next.terraform_version = TERRAFORM_VERSION.into();
        self.store.write(&next).await?;
        self.stored = Some(next);
        Ok(true)
    }
}
