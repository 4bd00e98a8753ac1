//! Patterns of `.dockerignore`: the cases of Docker's documentation and of moby's `patternmatcher`, and any pattern
//! against a model.

use proptest::prelude::*;

use crate::registry::context::ignore::{Above, Ignore};
use crate::registry::context::pattern::Pattern;

fn matches(pattern: &str, path: &str) -> bool {
    Pattern::read(pattern).unwrap().matches(path)
}

/// Whether a file with these lines keeps `path` here.
pub(super) fn is_left_out(lines: &[&str], path: &str) -> bool {
    let mut ignore = Ignore::default();
    ignore.add(&lines.join("\n")).unwrap();
    is_out(&ignore, path)
}

/// What is said of a path, folder by folder.
pub(super) fn is_out(ignore: &Ignore, path: &str) -> bool {
    let mut above = Above::default();
    for (at, _) in path.match_indices('/') {
        above = ignore.leaves_out(path.get(..at).unwrap_or_default(), &above).1;
    }
    ignore.leaves_out(path, &above).0
}

#[test]
fn patterns_match_as_dockers_do() {
    for (pattern, path) in [
        ("**", "file"),
        ("**", "dir/file"),
        ("**/**", "dir/file"),
        ("dir/**", "dir/file"),
        ("dir/**", "dir/dir2/file"),
        ("**/dir", "dir"),
        ("**/dir2/*", "dir/dir2/file"),
        ("**/dir2/**", "dir/dir2/dir3/file"),
        ("**file", "file"),
        ("**file", "dir/file"),
        ("**file", "dir/a-file"),
        ("**/file", "dir/dir/file"),
        ("**/file*", "dir/dir/file.txt"),
        ("**/file*txt", "dir/dir/file.txt"),
        ("**/file*.txt*", "dir/dir/file.txt"),
        ("**/**/*.txt", "dir/dir/file.txt"),
        ("**/*.txt", "file.txt"),
        ("**/**/*.txt", "file.txt"),
        ("a**/*.txt", "a/file.txt"),
        ("a**/*.txt", "a/dir/dir/file.txt"),
        ("a/*.txt", "a/file.txt"),
        ("a/*.txt**", "a/file.txt"),
        ("a[b-d]e", "ace"),
        ("a[^b-d]e", "aze"),
        (".*", ".foo"),
        ("abc.def", "abc.def"),
        ("abc?def", "abcZdef"),
        ("**/foo/bar", "foo/bar"),
        ("**/foo/bar", "dir/dir2/foo/bar"),
        ("abc/**", "abc/def/ghi"),
        ("**/.foo", ".foo"),
        ("a(b)c/def", "a(b)c/def"),
        ("a.|)$(}+{bc", "a.|)$(}+{bc"),
        (r"a\*b", "a*b"),
        (r"a\\", r"a\"),
        ("a?b", "a☺b"),
        ("a[^a]b", "a☺b"),
        ("[a-ζ]*", "α"),
        (r"[\]a]", "]"),
        (r"[x\-]", "-"),
        ("a*b*c*d*e*/f", "axbxcxdxexxx/f"),
    ] {
        assert!(matches(pattern, path), "{pattern} matches {path}");
    }
}

#[test]
fn patterns_leave_alone_what_dockers_do() {
    for (pattern, path) in [
        ("**/**/*.txt2", "dir/dir/file.txt"),
        ("a/*.txt", "a/dir/file.txt"),
        ("a[b-d]e", "ae"),
        ("a[b-d]e", "aae"),
        (".*", "foo"),
        ("abc.def", "abcZdef"),
        ("abc?def", "abcdef"),
        ("abc/**", "abc"),
        ("**/.foo", "bar.foo"),
        ("**file*", "a-file"),
        ("a(b)c/def", "a(b)c/xyz"),
        (r"a\*b", "ab"),
        ("a???b", "a☺b"),
        ("a?b", "a/b"),
        ("a*b", "a/b"),
        ("a*/b", "a/c/b"),
        ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f"),
        ("", "a"),
    ] {
        assert!(!matches(pattern, path), "{pattern} leaves {path} alone");
    }
}

#[test]
fn what_is_no_pattern_is_said_with_its_line() {
    for bad in ["[", "[^", "[^bc", "a[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", r"\", "!", "!  "] {
        let mut ignore = Ignore::default();
        let said = ignore.add(&format!("# fine\n{bad}")).unwrap_err();
        assert!(said.starts_with("line 2 ") && said.contains(bad.trim()), "{bad}: {said}");
    }
}

#[test]
fn the_cases_of_dockers_documentation() {
    let documented = ["# comment", "*/temp*", "*/*/temp*", "temp?"];
    for out in ["somedir/temporary.txt", "somedir/temp", "somedir/subdir/temporary.txt", "tempa", "tempb"] {
        assert!(is_left_out(&documented, out), "{out}");
    }
    for sent in ["temp", "tempab", "temporary.txt", "a/b/c/temp", "# comment"] {
        assert!(!is_left_out(&documented, sent), "{sent}");
    }
    assert!(is_left_out(&["**/*.go"], "x.go") && is_left_out(&["**/*.go"], "a/b/x.go"));
    assert!(
        is_left_out(&["*.md", "!README.md"], "a.md") && !is_left_out(&["*.md", "!README.md"], "README.md")
    );
    let secret = ["*.md", "!README*.md", "README-secret.md"];
    assert!(is_left_out(&secret, "README-secret.md") && !is_left_out(&secret, "README-x.md"));
    let all = ["*.md", "README-secret.md", "!README*.md"];
    assert!(!is_left_out(&all, "README-secret.md"), "the last one that matches decides");
    let only = ["*", "!src", "!Cargo.*"];
    assert!(is_left_out(&only, "target/debug/x") && !is_left_out(&only, "src/a/b.rs"));
    for rooted in ["/foo/bar", "foo/bar", "foo/bar/", "./foo//bar", "/../foo/x/../bar", "  foo/bar  "] {
        assert!(is_left_out(&[rooted], "foo/bar") && is_left_out(&[rooted], "foo/bar/x"), "{rooted}");
        assert!(!is_left_out(&[rooted], "a/foo/bar"), "patterns begin in the folder");
    }
}

#[test]
fn a_folder_takes_what_is_in_it_along() {
    assert!(is_left_out(&["docs"], "docs/a/b") && !is_left_out(&["docs"], "a/docs"));
    for folder in ["docs", "docs/", "docs/*"] {
        assert!(!is_left_out(&[folder, "!docs/README.md"], "docs/README.md"), "{folder}");
    }
    assert!(!is_left_out(&["**", "!util/docker/web"], "util/docker/web/foo"));
    assert!(is_left_out(&["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo"));
    assert!(is_left_out(&["!x.go", "*.go"], "x.go"), "an exception before it says nothing");
}

#[test]
fn a_mark_at_the_start_and_lines_of_other_systems_are_no_part_of_a_pattern() {
    assert!(is_left_out(&["\u{feff}docs\r", "\r", "a.txt\r"], "docs/a"));
    assert!(is_left_out(&["\u{feff}docs\r", "\r", "a.txt\r"], "a.txt"));
    assert!(is_left_out(&[" #a"], "#a"), "a comment begins at the start of its line");
}

/// Whether a pattern is all of a path, tried in every way.
fn model(pattern: &[char], path: &[char], is_first: bool) -> bool {
    let after = |n: usize| &pattern[n.min(pattern.len())..];
    match pattern {
        [] => path.is_empty(),
        ['*', '*', '/', rest @ ..] | ['*', '*', rest @ ..] if rest.is_empty() => true,
        ['*', '*', ..] => {
            let has_slash = pattern.get(2) == Some(&'/');
            let rest = after(if has_slash { 3 } else { 2 });
            let any_end = is_first && !has_slash && !rest.iter().any(|c| "*?".contains(*c));
            (0..=path.len())
                .any(|n| (n == 0 || any_end || path[n - 1] == '/') && model(rest, &path[n..], false))
        }
        ['*', ..] => {
            let name = path.iter().take_while(|c| **c != '/').count();
            (0..=name).any(|n| model(after(1), &path[n..], false))
        }
        ['?', ..] => path.first().is_some_and(|c| *c != '/') && model(after(1), &path[1..], false),
        [c, ..] => path.first() == Some(c) && model(after(1), &path[1..], false),
    }
}

proptest! {
    #[test]
    fn any_pattern_matches_what_the_model_does(pattern in "[ab/*?]{0,8}", path in "[ab]{1,3}(/[ab]{1,3}){0,3}") {
        let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
        prop_assert_eq!(matches(&pattern, &path), model(&p, &t, true));
    }

    #[test]
    fn no_line_breaks_the_reading(text in "(?s).{0,80}", path in "[a-c/.*!]{1,20}") {
        let mut ignore = Ignore::default();
        if ignore.add(&text).is_ok() {
            is_out(&ignore, &path);
        }
    }

    #[test]
    fn a_folder_is_gone_into_wherever_something_may_be_sent(
        lines in prop::collection::vec("!?[ab*?]{1,2}(/[ab*]{1,2}){0,2}", 0..5),
        path in "[ab]{1,2}(/[ab]{1,2}){1,3}",
    ) {
        let mut ignore = Ignore::default();
        ignore.add(&lines.join("\n")).unwrap();
        if !is_out(&ignore, &path) {
            for (at, _) in path.match_indices('/') {
                let folder = path.get(..at).unwrap_or_default();
                prop_assert!(!is_out(&ignore, folder) || ignore.may_send_below(folder), "{folder}");
            }
        }
    }
}

#[test]
fn a_long_pattern_takes_no_time() {
    let path = "a".repeat(4000);
    assert!(!matches(&format!("{}b", "a*".repeat(200)), &path));
    assert!(!matches(&format!("{}b", "**/*".repeat(100)), &path));
}
