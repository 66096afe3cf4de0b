//! Keeps a state in its store through a run: knows what is stored, counts changes, writes only what differs, and keeps the journal of
//! what is being done until the state holds it.

use super::error::Error;
use super::journal::{self, Intent, Journal, Record, There};
use super::store::Store;
use super::{State, TERRAFORM_VERSION};

/// A journal longer than this is begun anew when the state was saved.
const LONG: usize = 4 << 20;

/// A store and what is in it.
pub struct Keeper {
    store: Box<dyn Store>,
    /// What is stored, with the results that an interrupted run left in its journal.
    stored: Option<State>,
    /// Whether some of that is only in the journal.
    behind: bool,
    /// Intents of earlier runs that nobody has settled.
    open: Vec<Intent>,
    /// Results of an earlier run that somebody else has written over: to be looked for.
    stray: Vec<There>,
    /// Whether there is a journal.
    journal: bool,
    /// Whether the intents of earlier runs were settled and are in the journal still.
    settled: bool,
    run: Run,
}

/// What this run has noted.
#[derive(Default)]
struct Run {
    /// A uuid.
    id: String,
    /// Whether its journal has begun.
    begun: bool,
    open: Vec<Intent>,
    /// Whether it has results that are not saved.
    unsaved: bool,
    /// How long the journal is.
    length: usize,
}

impl Keeper {
    /// Reads what is there. Take the lock first, if one is to be taken.
    pub async fn open(mut store: Box<dyn Store>) -> Result<Keeper, Error> {
        let stored = store.read().await?;
        let bytes = store.journal_read().await?;
        let journal = Journal::parse(&bytes);
        if let Some(version) = journal.other_version {
            return Err(Error::Journal { place: store.place(), version });
        }
        let mut keeper = Keeper {
            stored,
            behind: false,
            open: journal.open.clone(),
            stray: Vec::new(),
            journal: !bytes.is_empty(),
            settled: false,
            run: Run { id: uuid::Uuid::new_v4().to_string(), ..Run::default() },
            store,
        };
        if journal.belongs_to(keeper.stored.as_ref()) {
            let mut state = keeper.state();
            journal.results.iter().for_each(|there| there.apply(&mut state));
            if !keeper.state().same(&state) {
                keeper.behind = true;
                keeper.stored = Some(state);
            }
        } else {
            for there in journal.results {
                keeper.stray.retain(|s| s.address != there.address);
                keeper.stray.push(there);
            }
        }
        Ok(keeper)
    }

    /// What is stored, with what the journal adds; `None` if nothing is yet.
    pub fn stored(&self) -> Option<&State> {
        self.stored.as_ref()
    }

    /// What is stored, or an empty state.
    pub fn state(&self) -> State {
        self.stored.clone().unwrap_or_default()
    }

    /// What an interrupted run was about to do, as far as nobody knows what came of it.
    pub fn unsettled(&self) -> &[Intent] {
        &self.open
    }

    /// What an interrupted run made, and a state written by others since does not tell of.
    pub fn stray(&self) -> &[There] {
        &self.stray
    }

    /// Tells what is unsettled and stray from others: a plan that was made of these is of no use once they are others. Empty if there is
    /// nothing.
    pub fn mark(&self) -> String {
        let open = self.open.iter().map(|i| format!("{} {}\n", i.run, i.number));
        open.chain(self.stray.iter().map(|t| format!("{}\n", t.address))).collect()
    }

    /// From the next save on, what earlier runs left open counts as settled: the state that is saved says what came of it.
    pub fn settle(&mut self) {
        self.open.clear();
        self.stray.clear();
        self.settled = true;
    }

    /// The store.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    /// Adds to the journal; safe when this returns.
    pub async fn note(&mut self, records: &[Record]) -> Result<(), Error> {
        if records.is_empty() {
            return Ok(());
        }
        if !self.run.begun {
            if self.behind {
                let state = self.state();
                self.write(&state).await?;
            }
            self.begin_anew(records).await?;
            self.run.begun = true;
        } else {
            let text: String = records.iter().map(Record::print).collect();
            self.store.journal_append(text.as_bytes()).await?;
            self.run.length += text.len();
        }
        for record in records {
            match record {
                Record::Intent(intent, _) => self.run.open.push((**intent).clone()),
                Record::Done(number, there) => {
                    self.run.open.retain(|i| i.number != *number);
                    self.run.unsaved |= !there.is_empty();
                }
            }
        }
        Ok(())
    }

    /// The id of this run, which its intents carry.
    pub fn run(&self) -> &str {
        &self.run.id
    }

    /// Puts a new journal in the place of the old one: what is open, and `records`.
    async fn begin_anew(&mut self, records: &[Record]) -> Result<(), Error> {
        let open = self.open.iter().chain(&self.run.open);
        let open: String = open.map(|i| Record::Intent(i.clone().into(), None).print()).collect();
        let records: String = records.iter().map(Record::print).collect();
        let mut text = open + &records;
        if !text.is_empty() {
            let (lineage, serial) = self.stored.as_ref().map_or(("", 0), |s| (&*s.lineage, s.serial));
            text.insert_str(0, &journal::header(&self.run.id, lineage, serial));
        }
        if self.journal || !text.is_empty() {
            self.store.journal_replace(text.as_bytes()).await?;
        }
        self.journal = !text.is_empty();
        self.run.length = text.len();
        Ok(())
    }

    /// Makes sure that `state` is stored: nothing happens if it says what is stored already, otherwise it is written with the
    /// next serial and the lineage of the one before (a new one at the first time). Gives whether it was written.
    pub async fn save(&mut self, state: &State) -> Result<bool, Error> {
        let new = match &self.stored {
            Some(stored) => self.behind || !stored.same(state),
            // The first time even an empty state is written, as Terraform does: a lock leaves an empty file, which is no JSON.
            None => true,
        };
        if new {
            self.write(state).await?;
        }
        self.run.unsaved = false;
        Ok(new)
    }

    async fn write(&mut self, state: &State) -> Result<(), Error> {
        let next = self.next(state);
        self.put(next).await
    }

    async fn put(&mut self, next: State) -> Result<(), Error> {
        if self.journal {
            // Should we end in between, whoever reads the journal knows that this version is of this run.
            let line = journal::saving(&next.lineage, next.serial);
            self.store.journal_append(line.as_bytes()).await?;
        }
        self.store.write(&next).await?;
        self.stored = Some(next);
        self.behind = false;
        if !self.run.begun && self.journal || self.run.length > LONG {
            self.begin_anew(&[]).await?;
        }
        Ok(())
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
            if same && !self.behind && stored.serial == state.serial && stored.lineage == state.lineage {
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
        self.put(next).await?;
        Ok(true)
    }

    /// At the end of a run: of the journal stays only what nobody knows the result of. Where results could not be saved, all of it
    /// stays.
    pub async fn finish(&mut self) -> Result<(), Error> {
        if !(self.run.begun || self.settled) || self.run.unsaved || self.behind {
            return Ok(());
        }
        self.begin_anew(&[]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::journal::Deed;
    use crate::state::{Instance, Local};
    use futures_util::FutureExt;
    use std::path::Path;

    /// Local stores never wait for anything.
    fn now<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().unwrap()
    }

    fn open(dir: &Path) -> Keeper {
        now(Keeper::open(Box::new(Local::new(dir.join("terraform.tfstate"), None)))).unwrap()
    }

    fn there(name: &str, id: &str) -> There {
        let address = format!("aws_x.{name}").parse().unwrap();
        let mut instance = Instance::default();
        instance.attributes.insert("id".into(), id.into());
        There { address, provider: "provider[\"p\"]".into(), instances: vec![instance] }
    }

    fn intent(keeper: &Keeper, number: u64, name: &str) -> Record {
        let intent = Intent {
            run: keeper.run().into(),
            number,
            at: String::new(),
            deed: Deed::Create,
            address: format!("aws_x.{name}").parse().unwrap(),
            deposed: None,
            provider: "provider[\"p\"]".into(),
            region: String::new(),
            object: serde_json::Value::Null,
            dependencies: Vec::new(),
            create_before_destroy: false,
        };
        Record::Intent(intent.into(), None)
    }

    fn names(keeper: &Keeper) -> Vec<String> {
        keeper.state().objects().map(|(a, ..)| a.to_string()).collect()
    }

    fn journal(dir: &Path) -> bool {
        dir.join("terraform.tfstate.journal").exists()
    }

    #[test]
    fn what_was_done_is_known_though_never_saved() {
        let dir = tempfile::tempdir().unwrap();
        let mut keeper = open(dir.path());
        for (number, name) in [(1, "a"), (2, "b"), (3, "c")] {
            let record = intent(&keeper, number, name);
            now(keeper.note(&[record])).unwrap();
        }
        now(keeper.note(&[Record::Done(1, vec![there("a", "1")]), Record::Done(2, Vec::new())])).unwrap();
        drop(keeper);

        // The next one that only looks knows it, and changes nothing.
        let keeper = open(dir.path());
        assert_eq!(names(&keeper), ["aws_x.a"]);
        assert_eq!(keeper.unsettled().iter().map(|i| i.address.to_string()).collect::<Vec<_>>(), ["aws_x.c"]);
        assert!(!dir.path().join("terraform.tfstate").exists() && journal(dir.path()));

        // One that writes something else saves it too; what is open stays so, until it is settled.
        let mut keeper = open(dir.path());
        let mut state = keeper.state();
        there("z", "9").apply(&mut state);
        assert!(now(keeper.save(&state)).unwrap());
        now(keeper.finish()).unwrap();
        let mut keeper = open(dir.path());
        assert_eq!(names(&keeper), ["aws_x.a", "aws_x.z"]);
        assert_eq!((keeper.stored().unwrap().serial, keeper.unsettled().len()), (1, 1));
        assert!(journal(dir.path()));

        keeper.settle();
        let record = intent(&keeper, 1, "q");
        now(keeper.note(&[record])).unwrap();
        assert_eq!(open(dir.path()).unsettled().len(), 1, "the settled one is gone with the new run's first note");
        now(keeper.note(&[Record::Done(1, vec![there("q", "5")])])).unwrap();
        now(keeper.finish()).unwrap();
        assert!(journal(dir.path()), "not saved yet");
        there("q", "5").apply(&mut state);
        now(keeper.save(&state)).unwrap();
        now(keeper.finish()).unwrap();
        assert!(!journal(dir.path()));
        assert_eq!(names(&open(dir.path())), ["aws_x.a", "aws_x.q", "aws_x.z"]);
    }

    #[test]
    fn what_was_settled_without_a_change_leaves_no_journal() {
        let dir = tempfile::tempdir().unwrap();
        let mut keeper = open(dir.path());
        let record = intent(&keeper, 1, "a");
        now(keeper.note(&[record])).unwrap();
        let mut keeper = open(dir.path());
        keeper.settle();
        now(keeper.save(&State::default())).unwrap();
        now(keeper.finish()).unwrap();
        assert!(!journal(dir.path()));
    }

    #[test]
    fn a_state_that_others_wrote_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let mut keeper = open(dir.path());
        let record = intent(&keeper, 1, "a");
        now(keeper.note(&[record])).unwrap();
        now(keeper.note(&[Record::Done(1, vec![there("a", "1")])])).unwrap();
        // Somebody who knows nothing of journals.
        let mut other = State { serial: 1, lineage: "other".into(), ..State::default() };
        there("b", "2").apply(&mut other);
        now(Local::new(dir.path().join("terraform.tfstate"), None).write(&other)).unwrap();
        let keeper = open(dir.path());
        assert_eq!(names(&keeper), ["aws_x.b"]);
        assert_eq!(keeper.stray(), [there("a", "1")]);
    }

    #[test]
    fn a_crash_between_saving_and_tidying_is_no_trouble() {
        let dir = tempfile::tempdir().unwrap();
        let mut keeper = open(dir.path());
        let record = intent(&keeper, 1, "a");
        now(keeper.note(&[record])).unwrap();
        now(keeper.note(&[Record::Done(1, vec![there("a", "1")])])).unwrap();
        let mut state = State::default();
        there("a", "1").apply(&mut state);
        now(keeper.save(&state)).unwrap();
        let record = intent(&keeper, 2, "b");
        now(keeper.note(&[record])).unwrap();
        now(keeper.note(&[Record::Done(2, vec![there("b", "1")])])).unwrap();
        drop(keeper);
        let keeper = open(dir.path());
        assert_eq!(names(&keeper), ["aws_x.a", "aws_x.b"]);
        assert!(keeper.stray().is_empty() && keeper.unsettled().is_empty());
    }
}
