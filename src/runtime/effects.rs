//! Requests of the state machine, carried out: each becomes one call of the workspace and one reply.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::tasks::Nature;
use crate::app::effect::FormQuestion;
use crate::app::{Reply, Request};
use crate::domain::job::{Deletion, RemovalFailure, Undo};
use crate::domain::{Failure, Locator};
use crate::transfer::Meter;
use crate::workspace::{Extent, Workspace};

/// What is special about the task of a request.
pub(super) fn nature(request: &Request) -> Nature {
    match request {
        Request::Untag(_)
        | Request::Delete(_)
        | Request::Undo(_)
        | Request::DeleteRepository(_)
        | Request::CreateRepository { .. }
        | Request::Tag { .. }
        | Request::Disconnect(_) => Nature::Writes(CancellationToken::new()),
        Request::Pull { .. } | Request::Copy { .. } | Request::RunExtra(_) => {
            Nature::Transfers(Meter::new(), CancellationToken::new())
        }
        _ => Nature::Reads,
    }
}

/// Carries a request out, as one of its `nature`.
pub(super) async fn perform(workspace: Arc<Workspace>, request: Request, nature: Nature) -> Reply {
    let (meter, stop) = match nature {
        Nature::Reads => (Meter::new(), CancellationToken::new()),
        Nature::Writes(stop) => (Meter::new(), stop),
        Nature::Transfers(meter, stop) => (meter, stop),
    };
    match request {
        Request::FindSignIns => Reply::SignIns(workspace.find_sign_ins().await),
        Request::Connect(draft) => Reply::Connected(workspace.connect(&draft).await.map(|c| (c, None))),
        Request::TakeOver(found) => Reply::Connected(workspace.take_over(&found).await.map(|c| (c, None))),
        Request::Visit(place) => {
            Reply::Connected(workspace.visit(&place).await.map(|(connected, at)| (connected, Some(at))))
        }
        Request::Disconnect(id) => {
            let result = workspace.disconnect(&id).await;
            Reply::Disconnected(id, result)
        }
        Request::Bookmark { connection, repository } => {
            Reply::Bookmarked(workspace.bookmark(&connection, &repository).await)
        }
        Request::Children { at, cursor } => Reply::Page(workspace.children(&at, cursor.as_ref()).await),
        Request::Facts { at } => Reply::Facts(workspace.facts(&at).await),
        Request::Details { at } => Reply::Details(Box::new(workspace.glance(&at).await)),
        Request::Inspect { at, digest } => Reply::Inspection(workspace.inspect(&at, digest.as_ref()).await),
        Request::Impact { at, known, others } => Reply::Impact(workspace.impact(&at, &known, &others).await),
        Request::WebAddress { at } => Reply::WebAddress(workspace.web_address(&at)),
        Request::Untag(tags) => Reply::Removed(untag_all(&workspace, tags, &stop).await),
        Request::Delete(manifests) => Reply::Removed(delete_all(&workspace, manifests, &stop).await),
        Request::Undo(nodes) => Reply::Restored(undo_all(&workspace, nodes, &stop).await),
        Request::DeleteRepository(at) => {
            let result = workspace.delete_repository(&at).await;
            Reply::RepositoryDeleted(at, result)
        }
        Request::CreateRepository { parent, name } => {
            Reply::RepositoryCreated(workspace.create_repository(&parent, &name).await)
        }
        Request::Tag { at, name, seen } => Reply::Tagged(workspace.add_name(&at, &name, &seen).await),
        Request::HasFile(path) => Reply::HasFile(workspace.has_file(&path).await),
        Request::AskExtra(..) | Request::RunExtra(_) => extra(&workspace, request, &meter, &stop).await,
        Request::Weigh(what) => Reply::Weighed(workspace.weigh(&what).await),
        Request::Pull { what, target, platform } => {
            Reply::Moved(workspace.pull(&what, &target, platform, &meter, &stop).await)
        }
        Request::Copy { what, platform, along } => {
            let extent = Extent { platform, along };
            Reply::Moved(workspace.copy_all(&what, &extent, &meter, &stop).await)
        }
    }
}

/// What only one vendor offers: questions about its form, and doing it.
async fn extra(
    workspace: &Workspace,
    request: Request,
    meter: &Arc<Meter>,
    stop: &CancellationToken,
) -> Reply {
    match request {
        Request::AskExtra(asked, FormQuestion::Choices(field)) => {
            Reply::Choices(workspace.extra_choices(&asked, field).await)
        }
        Request::AskExtra(asked, FormQuestion::Check(field)) => {
            Reply::Checked(workspace.check_extra(&asked, field).await)
        }
        Request::AskExtra(asked, FormQuestion::Summary) => {
            Reply::Summary(workspace.sum_up_extra(&asked).await)
        }
        Request::RunExtra(asked) => Reply::ExtraDone(workspace.run_extra(&asked, meter, stop).await),
        other => Reply::Broken(format!("{other:?} is nothing that a vendor offers")),
    }
}

type Removals = Vec<(Locator, Result<Undo, RemovalFailure>)>;

async fn untag_all(workspace: &Workspace, tags: Vec<Locator>, stop: &CancellationToken) -> Removals {
    let mut results = Vec::with_capacity(tags.len());
    for at in until(stop, tags) {
        let result = workspace.untag(&at).await.map_err(RemovalFailure::from);
        results.push((at, result));
    }
    results
}

async fn delete_all(workspace: &Workspace, all: Vec<Deletion>, stop: &CancellationToken) -> Removals {
    let mut results = Vec::with_capacity(all.len());
    for deletion in until(stop, all) {
        let result = workspace.delete(&deletion).await;
        results.push((deletion.at, result));
    }
    results
}

async fn undo_all(
    workspace: &Workspace,
    nodes: Vec<Locator>,
    stop: &CancellationToken,
) -> Vec<(Locator, Result<(), Failure>)> {
    let mut results = Vec::with_capacity(nodes.len());
    for at in until(stop, nodes) {
        let result = workspace.undo(&at).await;
        results.push((at, result));
    }
    results
}

/// The items one by one, and none any more once `stop` has come.
fn until<T>(stop: &CancellationToken, items: Vec<T>) -> impl Iterator<Item = T> {
    items.into_iter().take_while(|_| !stop.is_cancelled())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_is_finished_and_nothing_after_it_begun() {
        let stop = CancellationToken::new();
        let begun = until(&stop, vec![1, 2, 3]).inspect(|n| {
            if *n == 2 {
                stop.cancel();
            }
        });
        assert_eq!(begun.collect::<Vec<_>>(), [1, 2]);
    }
}
