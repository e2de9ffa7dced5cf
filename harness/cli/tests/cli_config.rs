//! The configuration file: its place, its layers, and what it is stronger and weaker than.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use crate::support::{Ended, Folder, Program, command, passmuster};

/// Where the value of a flag comes from, and the value, as `config show` tells it.
fn shown(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)], flag: &str) -> (String, String) {
    let mut command = command(folder.path(), &[&["config", "show"], arguments].concat());
    command.env_remove("PASSMUSTER_MAX_TIME");
    let ended = Program::start(command.envs(variables.iter().copied())).wait();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let line = ended.stdout.lines().find(|line| line.split_whitespace().next() == Some(flag)).unwrap().to_owned();
    let (_, rest) = line.split_once(flag).unwrap();
    match rest.rsplit_once("  ") {
        Some((value, source)) => (value.trim().to_owned(), source.trim().to_owned()),
        None => (String::new(), rest.trim().to_owned()),
    }
}

fn refused(folder: &Folder, text: &str, says: &[&str]) {
    folder.write("passmuster.toml", text);
    for arguments in [&["run", "--list"][..], &["config", "show"]] {
        let ended = passmuster(folder.path(), arguments);
        assert_eq!(ended.code, Some(2), "{text}: {ended:?}");
        for words in says {
            assert!(ended.stderr.contains(words), "{text}: {words}: {ended:?}");
        }
    }
}

fn list(folder: &Folder, arguments: &[&str]) -> Ended {
    passmuster(folder.path(), &[&["run", "--list"], arguments].concat())
}

#[test]
fn a_flag_is_stronger_than_the_environment_this_than_a_profile_and_this_than_the_top() {
    let folder = Folder::new("config-layers");
    folder.write(
        "passmuster.toml",
        "max-calls = 1111\nseed = 2\nworkers = 3\n[profile.slow]\nmax-calls = 2222\nseed = 4\n[profile.night]\ninherits = \"slow\"\nseed = 5\n",
    );
    let shown = |arguments: &[&str], variables: &[(&str, &str)], flag| shown(&folder, arguments, variables, flag);
    let is = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(shown(&[], &[], "max-calls"), is("1111", "passmuster.toml"));
    let night = ["--config-profile", "night"];
    assert_eq!(shown(&night, &[], "max-calls"), is("2222", "[profile.slow]"));
    assert_eq!(shown(&night, &[], "seed"), is("5", "[profile.night]"));
    assert_eq!(shown(&night, &[], "workers"), is("3", "passmuster.toml"));
    assert_eq!(shown(&night, &[("PASSMUSTER_SEED", "6")], "seed"), is("6", "PASSMUSTER_SEED"));
    assert_eq!(shown(&[], &[("PASSMUSTER_CONFIG_PROFILE", "slow")], "seed"), is("4", "[profile.slow]"));
    assert_eq!(shown(&[], &[], "cast"), is("3", "default"));

    let calls = |arguments: &[&str]| {
        let ended = list(&folder, arguments);
        let line = ended.stdout.lines().last().unwrap_or_else(|| panic!("{ended:?}")).to_owned();
        line.rsplit("at most ").next().unwrap().to_owned()
    };
    assert_eq!(calls(&[]), "1111 calls");
    assert_eq!(calls(&night), "2222 calls");
    assert_eq!(calls(&["--config-profile", "night", "--max-calls", "3333"]), "3333 calls");
    let mut from_environment = command(folder.path(), &["run", "--list"]);
    let ended = Program::start(from_environment.env("PASSMUSTER_MAX_CALLS", "4444")).wait();
    assert!(ended.stdout.ends_with("at most 4444 calls\n"), "{ended:?}");
}

#[test]
fn lists_switches_and_paths_mean_the_same_as_flags() {
    let folder = Folder::new("config-values");
    std::fs::create_dir_all(folder.path().join("below/.git")).unwrap();
    std::fs::create_dir_all(folder.path().join("below/deep")).unwrap();
    folder.write(
        "below/passmuster.toml",
        "phases = [\"probe\"]\nno-snapshots = true\nstrict = false\nreport = [\"json=run.json\", \"markdown=run.md\"]\n",
    );
    folder.write("passmuster.toml", "this is above the repository");
    let deep = folder.path().join("below/deep");
    let ended = passmuster(&deep, &["run"]);
    assert!(matches!(ended.code, Some(3 | 4)), "a probe alone judges nothing: {ended:?}");
    assert!(folder.path().join("below/run.json").is_file() && folder.path().join("below/run.md").is_file());
    let other = passmuster(&deep, &["run", "--report", "json=mine.json"]);
    assert!(
        other.code == ended.code && deep.join("mine.json").is_file(),
        "a flag takes the place of the list: {other:?}"
    );
    // Commands that have no such flag take what they have.
    let merged = passmuster(&deep, &["rules", "SH-CREATE-001"]);
    assert_eq!(merged.code, Some(0), "{merged:?}");
}

#[test]
fn what_is_said_of_a_target_holds_for_that_target() {
    let folder = Folder::new("config-targets");
    folder.write(
        "passmuster.toml",
        "target = \"mine\"\nendpoint = \"http://127.0.0.1:1\"\n[targets.moto]\nspawn = \"moto_server -p {port}\"\n[targets.other]\nendpoint = \"http://127.0.0.1:2\"\n",
    );
    let shown = |variables: &[(&str, &str)], flag| shown(&folder, &[], variables, flag);
    assert_eq!(shown(&[], "endpoint").0, "\"http://127.0.0.1:1\"");
    assert_eq!(shown(&[("PASSMUSTER_TARGET", "moto")], "endpoint").1, "default");
    assert_eq!(shown(&[("PASSMUSTER_TARGET", "moto")], "spawn").1, "[targets.moto]");
    assert_eq!(shown(&[("PASSMUSTER_TARGET", "other")], "endpoint").0, "\"http://127.0.0.1:2\"");
    let embedded = list(&folder, &["--target", "embedded"]);
    assert_eq!(embedded.code, Some(0), "its address is of another target: {embedded:?}");
}

#[test]
fn names_that_are_none_are_refused_with_the_nearest() {
    let folder = Folder::new("config-names");
    refused(
        &folder,
        "max-cals = 4\n",
        &["passmuster.toml: max-cals is no name of a flag", "did you mean max-calls?"],
    );
    refused(&folder, "[targets.moto]\nspwan = \"x\"\n", &["[targets.moto] spwan", "did you mean spawn?"]);
    refused(&folder, "[profile.a]\nsede = 1\n", &["[profile.a] sede", "did you mean seed?"]);
    refused(&folder, "[profiles.a]\nseed = 1\n", &["profiles is no name", "did you mean profile?"]);
    refused(&folder, "accept-all = true\n", &["accept-all is no name of a flag"]);
    refused(&folder, "inherits = \"a\"\n", &["inherits is no name of a flag"]);
}

#[test]
fn values_that_are_none_are_refused_with_their_place() {
    let folder = Folder::new("config-wrong");
    refused(&folder, "strict = \"yes\"\n", &["passmuster.toml: strict is true or false"]);
    refused(&folder, "seed = [1, 2]\n", &["seed takes one value, no list"]);
    refused(&folder, "seed = 1.5\n", &["seed is a text or a whole number"]);
    refused(&folder, "seed = \n", &["passmuster.toml: line 1"]);
    refused(&folder, "targets = 4\n", &["targets is no table"]);
    folder.write("passmuster.toml", "max-time = \"soon\"\n");
    let mut timeless = command(folder.path(), &["run", "--list"]);
    let ended = Program::start(timeless.env_remove("PASSMUSTER_MAX_TIME")).wait();
    assert!(ended.code == Some(2) && ended.stderr.contains("passmuster.toml: invalid value 'soon'"), "{ended:?}");
    folder.write("passmuster.toml", "[profile.a]\ninherits = \"b\"\n[profile.b]\ninherits = \"a\"\n");
    for (profile, says) in [("a", "inherits from itself"), ("c", "there is no profile \"c\"")] {
        let ended = list(&folder, &["--config-profile", profile]);
        assert!(ended.code == Some(2) && ended.stderr.contains(says), "{ended:?}");
    }
    let missing = list(&folder, &["--config", "nowhere.toml"]);
    assert!(missing.code == Some(2) && missing.stderr.contains("failed to read nowhere.toml"), "{missing:?}");
    #[cfg(unix)]
    {
        let endless = passmuster(folder.path(), &["config", "show", "--config", "/dev/zero"]);
        assert!(endless.code == Some(2) && endless.stderr.contains("not a regular file"), "{endless:?}");
    }
    let none = passmuster(Folder::new("config-none").path(), &["run", "--list", "--config-profile", "a"]);
    assert!(none.code == Some(2) && none.stderr.contains("there is no passmuster.toml"), "{none:?}");
}

#[test]
fn completions_and_the_manual_have_every_command() {
    let folder = Folder::new("completions");
    let help = passmuster(folder.path(), &["--help"]).stdout;
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = passmuster(folder.path(), &["completions", shell]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(commands.iter().all(|command| ended.stdout.contains(command)), "{shell}");
        assert!(ended.stdout.contains("max-calls"), "{shell}");
    }
    let page = |arguments: &[&str]| passmuster(folder.path(), arguments).stdout.replace('\\', "");
    let whole = page(&["man"]);
    assert!(whole.contains(".TH passmuster 1"), "{whole}");
    assert!(commands.iter().all(|command| whole.contains(&format!("passmuster-{command}"))), "{whole}");
    let run = page(&["man", "run"]);
    assert!(run.contains(".TH passmuster-run 1") && run.contains("--max-calls"), "{run}");
    let wrong = passmuster(folder.path(), &["man", "runn"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("did you mean run?"), "{wrong:?}");
}
