//! What the documents say is true: every example deploys, the README's commands are real, its table of types is the code's.

use crate::support::place::{Place, repository};
use formwork::cli::Exit;
use formwork::resources::{DATA_SOURCES, RESOURCES};
use std::fs;

#[test]
fn every_example_deploys_in_the_sandbox_and_goes_away_again() {
    let mut seen = 0;
    for entry in fs::read_dir(repository("examples")).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("main.tf").exists() {
            continue;
        }
        seen += 1;
        let place = Place::copy_of(&path);
        place.ok("init");
        place.ok("validate");
        assert_eq!(place.run("plan -detailed-exitcode").exit, Exit::Changes, "{}", path.display());
        let applied = place.ok("apply -auto-approve");
        assert!(applied.contains("Apply complete!"), "{applied}");
        assert_eq!(place.run("plan -detailed-exitcode").exit, Exit::Done, "{}", path.display());
        place.ok("destroy -auto-approve");
    }
    assert!(seen >= 1);
}

#[test]
fn the_readme_names_every_type_and_no_other() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let names = RESOURCES.iter().map(|r| r.schema().name).chain(DATA_SOURCES.iter().map(|d| d.schema().name));
    let missing: Vec<&str> = names.filter(|n| !readme.contains(&format!("`{n}`"))).collect();
    assert!(missing.is_empty(), "README.md does not list {missing:?}");
}

#[test]
fn commands_in_the_readme_exist() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let tree = formwork::cli::command();
    let known: Vec<&str> = tree.get_subcommands().map(clap_name).collect();
    let shell = readme.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    for line in shell.flat_map(str::lines).filter_map(|l| l.trim().strip_prefix("formwork ")) {
        let word = line.split_whitespace().find(|w| !w.starts_with('-')).unwrap_or_default();
        assert!(known.contains(&word), "README.md: no such command: formwork {line}");
    }
}

#[test]
fn every_finding_is_explained() {
    let page = fs::read_to_string(repository("docs/findings.md")).unwrap();
    let rows: Vec<String> = formwork::review::RULES
        .iter()
        .map(|r| format!("| `{}` | {} | {}. {} |", r.code, format!("{:?}", r.grade).to_lowercase(), r.title, r.why))
        .collect();
    let wanted = rows.join("\n");
    assert!(page.contains(&wanted), "docs/findings.md should have this table:\n{wanted}");
}

fn clap_name(c: &clap::Command) -> &str {
    c.get_name()
}
