//! How long a listing takes alone, and while an image of 1 GiB is pulled from the same server by the same program.
//!
//! Started by `benches/browse.sh`, which says where the server is: `BROWSE=127.0.0.1:5000 cargo bench --bench browse`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tagalong::domain::{ImagePlace, LocalImage, Locator, NodeKind, Place};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::transfer::Meter;
use tagalong::workspace::Workspace;
use tokio_util::sync::CancellationToken;

const ALONE: usize = 200;

fn main() {
    let Ok(host) = std::env::var("BROWSE") else {
        println!("browse: nothing to do; benches/browse.sh starts the server and says where it is");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (alone, beside) = runtime.block_on(measure(&host, folder.path()));
    let (a, b) = (median(&alone), median(&beside));
    let (worst_alone, worst) = (alone.last().unwrap(), beside.last().unwrap());
    println!("a listing of 1,000 tags: {a:.2?} alone (worst {worst_alone:.2?}, {} times)", alone.len());
    println!("  during a pull of 1 GiB: {b:.2?} (worst {worst:.2?}, {} times)", beside.len());
    println!("  ratio {:.2} (goal: at most 2)", b.as_secs_f64() / a.as_secs_f64());
}

async fn measure(host: &str, folder: &Path) -> (Vec<Duration>, Vec<Duration>) {
    let env = Env::new(folder, [] as [(&str, &str); 0]);
    let paths = Paths::find(Some(folder), &env).unwrap();
    let workspace = Arc::new(Workspace::new(paths, env, Arc::new(Silent)).0);
    let place: Place = format!("{host}/scale/bulk:latest").parse().unwrap();
    let (connected, image) = workspace.visit(&place).await.unwrap();
    let tags = Locator::root(connected.connection.id).child(NodeKind::Repository, "scale/tags");
    let mut alone = Vec::new();
    for _ in 0..ALONE {
        alone.push(list(&workspace, &tags).await);
    }
    let pulling = tokio::spawn({
        let workspace = Arc::clone(&workspace);
        async move {
            let (store, meter) = (LocalImage::in_place(ImagePlace::Store), Meter::new());
            workspace.pull(&[image], &store, None, &meter, &CancellationToken::new()).await.unwrap()
        }
    });
    let mut beside = Vec::new();
    while !pulling.is_finished() {
        beside.push(list(&workspace, &tags).await);
    }
    pulling.await.unwrap();
    alone.sort();
    beside.sort();
    (alone, beside)
}

async fn list(workspace: &Workspace, at: &Locator) -> Duration {
    let began = Instant::now();
    let page = workspace.children(at, None).await.unwrap();
    assert!(!page.entries.is_empty());
    began.elapsed()
}

fn median(sorted: &[Duration]) -> Duration {
    *sorted.get(sorted.len() / 2).unwrap()
}
