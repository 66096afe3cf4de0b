//! A world for tests: a directory of its own, a clock that stands still, the AWS inside, and `run("plan")`.

use formwork::cli::{self, Captured, Exit, Ui, World};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// When it is in every test.
pub const NOW: &str = "2026-01-02T03:04:05Z";

/// What a command printed and how it ended.
pub struct Output {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

impl Output {
    /// Both streams, for messages.
    pub fn all(&self) -> String {
        format!("{:?}\n--- stdout\n{}\n--- stderr\n{}", self.exit, self.out, self.err)
    }
}

/// A directory with a configuration, and the sandbox in it.
pub struct Place {
    dir: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

impl Place {
    /// With these files.
    pub fn with(files: &[(&str, &str)]) -> Place {
        let place = Place { dir: tempfile::tempdir().unwrap(), env: BTreeMap::new() };
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    /// With a copy of everything in a folder.
    pub fn copy_of(folder: &Path) -> Place {
        fn copy(from: &Path, to: &Path) {
            fs::create_dir_all(to).unwrap();
            for entry in fs::read_dir(from).unwrap() {
                let path = entry.unwrap().path();
                let target = to.join(path.file_name().unwrap());
                if path.is_dir() {
                    copy(&path, &target);
                } else {
                    fs::copy(&path, &target).unwrap();
                }
            }
        }
        let place = Place::with(&[]);
        copy(folder, place.path());
        place
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A command in the sandbox: `run("plan -out=p")`, words split at spaces.
    pub fn run(&self, words: &str) -> Output {
        self.answer(words, "")
    }

    /// The same in colours.
    pub fn painted(&self, words: &str) -> String {
        let (mut ui, captured) = Ui::in_memory("");
        ui.color = true;
        self.go(ui, &captured, words).out
    }

    /// The same, with something typed.
    pub fn answer(&self, words: &str, input: &str) -> Output {
        let (ui, captured) = Ui::in_memory(input);
        self.go(ui, &captured, words)
    }

    fn go(&self, ui: Ui, captured: &Captured, words: &str) -> Output {
        let mut env = self.env.clone();
        env.insert("FORMWORK_SANDBOX".into(), "1".into());
        let world = World {
            program: "formwork".into(),
            cwd: self.path().to_path_buf(),
            env,
            frozen: Some(NOW.parse().unwrap()),
            ..World::of_process()
        };
        let world = World { in_sandbox: true, ..world };
        let exit = cli::run(ui, words.split_whitespace().map(String::from).collect(), world);
        // The directory has another name in every run.
        let here = self.path().to_string_lossy().into_owned();
        let tidy = |text: String| text.replace(&format!("{here}/"), "").replace(&here, ".");
        Output { exit, out: tidy(captured.out()), err: tidy(captured.err()) }
    }

    /// The same, which must end well; gives stdout.
    #[track_caller]
    pub fn ok(&self, words: &str) -> String {
        let output = self.run(words);
        assert_eq!(output.exit, Exit::Done, "{words}: {}", output.all());
        output.out
    }
}

/// A path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
