//! The tree at a million rows: feeding, jumping, filtering, sorting, and the memory it takes. Prints the 99th percentile
//! of single jumps, the cost of each keystroke, and the ratio to `fzf --filter` on the same list where fzf is installed.

#![expect(clippy::print_stdout, reason = "a bench reports its numbers")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use tagalong::app::effect::{Preferences, Sort};
use tagalong::app::tree::Tree;
use tagalong::domain::{ConnectionId, Cursor, Entry, Locator, NodeKind, Page};

const PAGES: u32 = 1_000;
const PAGE: u32 = 1_000;
const TYPED: &str = "build-0042";

fn main() {
    report_memory("before");
    let (mut tree, fed) = timed(|| fed_tree(padded));
    println!("feeding 1,000 pages of 1,000 tags, in natural order: {fed:?}");
    report_memory("with 1,000,000 tags");
    report_sorts(&mut tree);
    report_keystrokes(&mut tree);
    report_memory("after sorting and filtering");
    report_jumps(&mut tree);
    report_fzf(&tree);
    let lexical = lexical_order();
    let unpadded = |n: u32| format!("build-{}-linux-amd64", lexical.get(n as usize).unwrap_or(&0));
    println!("feeding as many in lexical order: {:?}", timed(|| fed_tree(unpadded)).1);
    println!("feeding under a filter: {:?}", timed(fed_under_filter).1);
    measure(&tree);
}

/// Criterion's own measurements of what has a budget.
fn measure(tree: &Tree) {
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut jumping = tree.clone();
    let mut random = random();
    criterion.bench_function("jump and window, 1,000,000 rows", |bench| {
        bench.iter(|| {
            jumping.move_to(random() % jumping.len());
            black_box(jumping.window().len())
        });
    });
    for typed in ["b", TYPED] {
        criterion.bench_function(&format!("filter 1,000,000 names by {typed}, from nothing"), |bench| {
            bench.iter_batched_ref(|| tree.clone(), |tree| tree.set_filter(typed), BatchSize::PerIteration);
        });
    }
    criterion.bench_function("sort 1,000,000 names by version", |bench| {
        bench.iter_batched_ref(|| tree.clone(), |tree| tree.set_sort(Sort::Version), BatchSize::PerIteration);
    });
}

/// Names of 30 bytes whose lexical order is their natural order.
fn padded(n: u32) -> String {
    format!("build-{:04}-{:07x}-linux-amd64", n / 100, (n % 100) * 2_654_435 + 1)
}

/// The numbers up to a million as a server sorts them: 0, 1, 10, 100, …
fn lexical_order() -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..PAGES * PAGE).collect();
    numbers.sort_by_cached_key(u32::to_string);
    numbers
}

fn repository() -> Locator {
    Locator::root(ConnectionId::new("hub")).child(NodeKind::Repository, "api")
}

/// A connection with one open repository.
fn open_tree() -> Tree {
    let hub = Locator::root(ConnectionId::new("hub"));
    let mut tree = Tree::new(Preferences::default());
    tree.set_height(60);
    tree.set_connections(&[(ConnectionId::new("hub"), "Hub".to_owned())], &[]);
    tree.open_at(&hub);
    let entries = vec![Entry::named(NodeKind::Repository, "api")];
    tree.take_page(&hub, Page { entries, ..Page::default() });
    tree.open_at(&repository());
    tree
}

fn fed_tree(name: impl Fn(u32) -> String) -> Tree {
    let mut tree = open_tree();
    feed(&mut tree, name);
    tree
}

fn fed_under_filter() -> Tree {
    let mut tree = open_tree();
    tree.set_filter("b");
    feed(&mut tree, padded);
    tree
}

fn feed(tree: &mut Tree, name: impl Fn(u32) -> String) {
    let at = repository();
    for page in 0..PAGES {
        let names = page * PAGE..(page + 1) * PAGE;
        let entries = names.map(|n| Entry::named(NodeKind::Tag, name(n))).collect();
        let next = (page + 1 < PAGES).then(|| Cursor(page.to_string()));
        tree.take_page(&at, Page { entries, next, ..Page::default() });
        black_box(tree.window().len());
    }
}

fn report_jumps(tree: &mut Tree) {
    let mut random = random();
    let mut times: Vec<Duration> = (0..10_000)
        .map(|_| {
            let row = random() % tree.len();
            timed(|| {
                tree.move_to(row);
                black_box(tree.window().len());
            })
            .1
        })
        .collect();
    times.sort_unstable();
    let median = times.get(5_000).copied().unwrap_or_default();
    let p99 = times.get(9_900).copied().unwrap_or_default();
    println!("10,000 jumps to a random row, window of 60 rows: median {median:?}, 99th percentile {p99:?}");
}

fn report_keystrokes(tree: &mut Tree) {
    for end in 1..=TYPED.len() {
        let typed: String = TYPED.chars().take(end).collect();
        let took = timed(|| tree.set_filter(&typed)).1;
        println!("typing {typed:<10} {took:>12?}  {:>9} hits", tree.hits());
    }
    println!("clearing the filter {:?}", timed(|| tree.set_filter("")).1);
}

/// fzf reads the list, filters and sorts; the tree does the same with the list it holds.
fn report_fzf(tree: &Tree) {
    let mut list = String::new();
    for n in 0..PAGES * PAGE {
        if writeln!(list, "{}", padded(n)).is_err() {
            return;
        }
    }
    let path = std::env::temp_dir().join(format!("tagalong-bench-{}", std::process::id()));
    if std::fs::write(&path, list).is_err() {
        return;
    }
    for typed in ["b", "build-0042", "0042amd"] {
        let fzf = || -> std::io::Result<()> {
            let list = std::fs::File::open(&path)?;
            Command::new("fzf").args(["--filter", typed]).stdin(list).stdout(Stdio::null()).status().map(drop)
        };
        let Some(theirs) = (0..3).map(|_| timed(fzf)).filter(|(r, _)| r.is_ok()).map(|(_, t)| t).min() else {
            println!("fzf is not installed: no ratio");
            break;
        };
        let mut fresh = tree.clone();
        let ours = timed(|| fresh.set_filter(typed)).1;
        println!(
            "filter {typed:<10} tree {ours:?}, fzf {theirs:?}, ratio {:.3}",
            ours.as_secs_f64() / theirs.as_secs_f64()
        );
    }
    if let Err(error) = std::fs::remove_file(&path) {
        println!("{} stays: {error}", path.display());
    }
}

fn report_sorts(tree: &mut Tree) {
    for sort in [Sort::Version, Sort::Newest, Sort::Size, Sort::Name] {
        println!("sort by {sort:?}: {:?}", timed(|| tree.set_sort(sort)).1);
    }
}

/// Resident memory of this process, now and at most, as Linux tells it.
fn report_memory(when: &str) {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let mebibytes = |key: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
    };
    if let (Some(now), Some(most)) = (mebibytes("VmRSS:"), mebibytes("VmHWM:")) {
        println!("memory {when}: {now} MiB now, {most} MiB at most");
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// A small generator (SplitMix64): the same jumps in every run.
fn random() -> impl FnMut() -> usize {
    let mut state = 42u64;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 16).unwrap_or(0)
    }
}
