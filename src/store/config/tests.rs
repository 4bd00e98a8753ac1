//! The configuration: what people may type into it, and two copies that write at once.

use std::fs;

use super::*;
use crate::domain::connection::Options;
use crate::store::Env;

fn somewhere() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::find(Some(dir.path()), &Env::new("/", [("A", "b")])).unwrap();
    (dir, paths)
}

fn connection(id: &str) -> Connection {
    Connection {
        id: ConnectionId::new(id),
        name: format!("name of {id}"),
        provider: "generic".to_owned(),
        url: "https://registry.example".to_owned(),
        username: String::new(),
        options: Options::default(),
        settings: Default::default(),
        bookmarks: Vec::new(),
    }
}

const WRITTEN: &str = r#"# mine, keep it
future = "key of a later version"

[ui]
sort = "newest" # I like it

# the one at work
[[connection]]
id = "work"
name = "Work"   # for people
provider = "generic"
url = "https://work.example"
colour = "blue"
[connection.options]
plain_http = true # for now
retries = 3

[[connection]]
id = "home"
name = "Home"
provider = "generic"
url = "http://localhost:5000"
bookmarks = ["a/b"]
"#;

#[test]
fn without_a_file_nothing_is_connected() {
    let (_dir, paths) = somewhere();
    assert_eq!(load(&paths).unwrap(), Config::default());
    assert!(!paths.config_file.exists());
}

#[test]
fn what_was_added_is_read_back() {
    let (_dir, paths) = somewhere();
    let mut full = connection("one");
    full.username = "ada \"the\" first\n".to_owned();
    full.options = Options { ca_file: Some("/ca.pem".into()), skip_verification: true, ..Options::default() };
    full.settings.insert("region".into(), "eu".into());
    full.bookmarks = vec!["team/api".into(), "x".into()];
    let (first, second) = (full.clone(), connection("two"));
    let written = edit(&paths, |c| c.connections = vec![first, second]).unwrap();
    assert_eq!(written.connections, [full, connection("two")]);
    assert_eq!(load(&paths).unwrap(), written);
    let text = fs::read_to_string(&paths.config_file).unwrap();
    assert!(text.contains("[[connection]]\nid = \"two\""), "{text}");
}

#[test]
fn an_edit_changes_its_own_lines_alone() {
    let (_dir, paths) = somewhere();
    fs::write(&paths.config_file, WRITTEN).unwrap();
    edit(&paths, |c| {
        c.connections[0].name = "Office".to_owned();
        c.connections[0].options.proxy = Some("http://proxy:3128".to_owned());
        c.connections[1].bookmarks.clear();
        c.connections[1].username = "ada".to_owned();
        c.settings.folders = true;
    })
    .unwrap();
    let expected = WRITTEN
        .replace("\"Work\"   # for people", "\"Office\"   # for people")
        .replace("retries = 3\n", "retries = 3\nproxy = \"http://proxy:3128\"\n")
        .replace("bookmarks = [\"a/b\"]\n", "username = \"ada\"\n")
        .replace("# I like it\n", "# I like it\nfolders = true\n");
    assert_eq!(fs::read_to_string(&paths.config_file).unwrap(), expected);
}

#[test]
fn an_option_that_is_switched_off_goes_and_its_unknown_neighbour_stays() {
    let (_dir, paths) = somewhere();
    fs::write(&paths.config_file, WRITTEN).unwrap();
    let after = edit(&paths, |c| c.connections[0].options.plain_http = false).unwrap();
    assert!(!after.connections[0].options.plain_http);
    let text = fs::read_to_string(&paths.config_file).unwrap();
    assert!(!text.contains("plain_http") && text.contains("retries = 3"), "{text}");
}

#[test]
fn removing_and_adding_leaves_the_others_as_they_are() {
    let (_dir, paths) = somewhere();
    fs::write(&paths.config_file, WRITTEN).unwrap();
    let after = edit(&paths, |c| {
        c.connections.retain(|c| c.id != ConnectionId::new("home"));
        let mut new = connection("new");
        new.options.plain_http = true;
        c.connections.push(new);
    })
    .unwrap();
    assert_eq!(after.connections.len(), 2);
    assert!(after.connections[1].options.plain_http);
    let text = fs::read_to_string(&paths.config_file).unwrap();
    let (kept, _) = WRITTEN.split_once("\n[[connection]]\nid = \"home\"").unwrap();
    assert!(text.starts_with(kept), "{text}");
    edit(&paths, |c| c.connections.clear()).unwrap();
    assert!(fs::read_to_string(&paths.config_file).unwrap().starts_with("# mine, keep it\nfuture"));
}

#[test]
fn connections_written_in_one_line_can_be_edited_too() {
    let (_dir, paths) = somewhere();
    let text =
        "connection = [{ id = \"a\", name = \"A\", provider = \"generic\", url = \"https://a\", x = 1 }]\n";
    fs::write(&paths.config_file, text).unwrap();
    let after = edit(&paths, |c| c.connections[0].options.plain_http = true).unwrap();
    assert!(after.connections[0].options.plain_http);
    assert!(fs::read_to_string(&paths.config_file).unwrap().contains("x = 1"));
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let (_dir, paths) = somewhere();
    edit(&paths, |_| {}).unwrap();
    assert!(!paths.config_file.exists());
}

#[test]
fn a_broken_file_is_told_with_its_place_and_kept() {
    let (_dir, paths) = somewhere();
    let missing_id = "[[connection]]\nname = \"x\"\n";
    let twice = format!("{WRITTEN}\n{}", WRITTEN.split_once("# the one at work\n").unwrap().1);
    let cases = [
        ("[ui]\nsort = newest\n", "line 2, column 8"),
        ("[ui]\nfolders = \"yes\"\n", "line 2, column 11"),
        (missing_id, "`id`"),
        (&twice, "two connections have the id “home”"),
    ];
    for (text, said) in cases {
        fs::write(&paths.config_file, text).unwrap();
        for failure in [load(&paths).unwrap_err(), edit(&paths, |c| c.connections.clear()).unwrap_err()] {
            assert_eq!(failure.kind, FailureKind::Invalid);
            assert!(failure.said.contains(said), "{text}\n{failure}");
            assert!(failure.doing.contains("config.toml"), "{failure}");
        }
        assert_eq!(fs::read_to_string(&paths.config_file).unwrap(), text);
    }
}

#[test]
fn an_edit_that_would_break_the_file_is_refused() {
    let (_dir, paths) = somewhere();
    let failure = edit(&paths, |c| c.connections = vec![connection("a"), connection("a")]).unwrap_err();
    assert!(failure.doing.starts_with("changing"), "{failure}");
    assert!(!paths.config_file.exists());
}

#[test]
fn edits_side_by_side_all_arrive() {
    let (_dir, paths) = somewhere();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let paths = &paths;
            scope.spawn(move || {
                edit(paths, |c| c.connections.push(connection(&format!("c{n}")))).unwrap();
            });
        }
    });
    assert_eq!(load(&paths).unwrap().connections.len(), 8);
}

#[test]
fn ids_are_plain_and_fresh() {
    let mut config = Config::default();
    for _ in 0..100 {
        let id = config.fresh_id("  Büro: Registry/5000 ");
        assert!(id.0.starts_with("b-ro-registry-5000-"), "{id}");
        assert!(config.connection(&id).is_none());
        config.connections.push(connection(&id.0));
    }
    assert!(config.fresh_id("🦀").0.starts_with("registry-"));
}
