//! Requests of the state machine, carried out: each becomes one call of the workspace and one reply.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::tasks::Nature;
use crate::app::effect::PullTarget;
use crate::app::{Reply, Request};
use crate::transfer::Meter;
use crate::workspace::{PullPlace, Workspace};

/// What is special about the task of a request.
pub(super) fn nature(request: &Request) -> Nature {
    match request {
        Request::Untag(_) | Request::Delete(_) | Request::Disconnect(_) => {
            Nature::Writes(CancellationToken::new())
        }
        Request::Pull { .. } => Nature::Transfers(Meter::new(), CancellationToken::new()),
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
        Request::Details { at } => Reply::Details(Box::new(workspace.details(&at).await)),
        Request::Inspect { at, digest } => Reply::Inspection(workspace.inspect(&at, digest.as_ref()).await),
        Request::Impact { at, known, others } => Reply::Impact(workspace.impact(&at, &known, &others).await),
        Request::WebAddress { at } => Reply::WebAddress(workspace.web_address(&at)),
        Request::Untag(tags) => {
            let mut results = Vec::with_capacity(tags.len());
            for at in until(&stop, tags) {
                let result = workspace.untag(&at).await;
                results.push((at, result));
            }
            Reply::Removed(results)
        }
        Request::Delete(manifests) => {
            let mut results = Vec::with_capacity(manifests.len());
            for (at, digest) in until(&stop, manifests) {
                let result = workspace.delete(&at, &digest).await;
                results.push((at, result));
            }
            Reply::Removed(results)
        }
        Request::Pull { what, target: PullTarget::Store, platform } => {
            Reply::Pulled(workspace.pull(&what, &PullPlace::Store, platform, &meter, &stop).await)
        }
    }
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
