//! Docker and Podman themselves: found, listed, looked at, named, emptied; pulled into, exported, loaded.

use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tagalong::domain::detail::Details;
use tagalong::domain::job::{Deletion, Seen};
use tagalong::domain::{
    ConnectionId, Credential, FailureKind, ImagesChange, Locator, NodeKind, Page, Reference, Secret,
};
use tagalong::engine::{Engine, PullStep};
use tagalong::http::Silent;
use tagalong::store::{Env, Paths};
use tagalong::workspace::Workspace;

use super::content::Image;
use super::daemon::{Daemon, Which};
use super::is_wanted;
use super::registry::{Registry, Setup};

/// A password whose base64 differs between the two alphabets.
const ACCOUNT: (&str, &str) = ("ada", "a?b~c>d?e~f>");

struct Place {
    daemon: Daemon,
    workspace: Arc<Workspace>,
    id: ConnectionId,
}

impl Place {
    /// Started, and not looked for yet.
    fn start(which: Which) -> Self {
        let daemon = Daemon::start(which);
        let (variable, id) = match which {
            Which::Docker => ("DOCKER_HOST", "docker"),
            Which::Podman => ("CONTAINER_HOST", "podman"),
        };
        let env = Env::new(daemon.folder(), [(variable, daemon.address())]);
        let paths = Paths::find(Some(&daemon.folder().join("tagalong")), &env).unwrap();
        let (workspace, failure) = Workspace::new(paths, env, Arc::new(Silent));
        assert_eq!(failure, None);
        Self { daemon, workspace: Arc::new(workspace), id: ConnectionId::new(id) }
    }

    async fn found(which: Which) -> Self {
        let place = Self::start(which);
        place.workspace.find_engines().await;
        place
    }

    fn engine(&self) -> Engine {
        self.workspace.engine(&self.id).unwrap()
    }

    fn root(&self) -> Locator {
        Locator::root(self.id.clone())
    }

    async fn children(&self, at: &Locator) -> Page {
        self.workspace.children(at, None).await.unwrap()
    }

    async fn names(&self, at: &Locator) -> Vec<String> {
        self.children(at).await.entries.into_iter().map(|entry| entry.name).collect()
    }
}

async fn pull(engine: &Engine, reference: &str) -> Vec<PullStep> {
    let credential = Credential::Basic { username: ACCOUNT.0.to_owned(), password: Secret::new(ACCOUNT.1) };
    let steps = Arc::new(Mutex::new(Vec::new()));
    let reference: Reference = reference.parse().unwrap();
    let keep = Arc::clone(&steps);
    engine.pull(&reference, None, &credential, &mut |step| keep.lock().unwrap().push(step)).await.unwrap();
    let steps = steps.lock().unwrap();
    steps.clone()
}

/// A registry that wants a sign-in, with one image.
async fn registry() -> Registry {
    let registry = Registry::start(Setup { account: Some(ACCOUNT), ..Setup::default() });
    Image::small("acme/api", "2").push(&registry.client()).await;
    registry
}

#[tokio::test]
async fn docker_pulls_shows_and_forgets_an_image() {
    if is_wanted() {
        pulled_shown_and_forgotten(Which::Docker).await;
    }
}

#[tokio::test]
async fn podman_pulls_shows_and_forgets_an_image() {
    if is_wanted() {
        pulled_shown_and_forgotten(Which::Podman).await;
    }
}

async fn pulled_shown_and_forgotten(which: Which) {
    let (registry, place) = (registry().await, Place::found(which).await);
    let shown: Vec<_> = place.workspace.images().into_iter().map(|c| c.connection.name).collect();
    assert_eq!(shown[..2], ["store".to_owned(), place.id.to_string()]);
    let engine = place.engine();
    let name = registry.reference("acme/api:2");
    let nobody = engine.pull(&name.parse().unwrap(), None, &Credential::Anonymous, &mut |_| {}).await;
    assert_eq!(nobody.unwrap_err().kind, FailureKind::Unauthorized);
    let steps = pull(&engine, &name).await;
    assert!(steps.iter().any(|step| step.layer.is_some()), "{steps:?}");

    let repository = place.root().child(NodeKind::Repository, &registry.reference("acme/api"));
    assert_eq!(place.names(&place.root()).await, [repository.name()]);
    let page = place.children(&repository).await;
    let facts = page.entries[0].facts.clone().unwrap();
    let pushed = registry.client().resolve("acme/api", "2").await;
    assert_eq!(page.entries[0].name, "2");
    assert_eq!(facts.digest.as_ref(), pushed.ok().map(|r| r.digest).as_ref());
    assert_eq!(facts.platforms[0].to_string(), "linux/amd64");
    assert!(facts.size.is_some_and(|size| size > 3000) && facts.time.is_some());
    let tag = repository.child(NodeKind::Tag, "2");
    assert_eq!(place.workspace.facts(&tag).await.unwrap(), *facts);

    let Details::Image(details) = place.workspace.details(&tag).await.unwrap() else { panic!("no image") };
    let image = details.shown.unwrap();
    assert_eq!(image.layers.len(), 2);
    assert_eq!(image.config.unwrap().config.cmd, ["/app/run"]);
    let inspection = place.workspace.inspect(&tag, None).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&inspection.manifest.bytes).unwrap();
    assert!(told.get("RootFS").is_some(), "it is the engine's own answer");

    named_and_removed(&place, &tag, &registry).await;
}

async fn named_and_removed(place: &Place, tag: &Locator, registry: &Registry) {
    let other = registry.reference("acme/other:3");
    let named = place.workspace.add_name(tag, &other, &Seen::NotLooked).await.unwrap();
    assert_eq!(named.reference("").unwrap().to_string(), other);
    let impact = place.workspace.impact(tag, &[], &[]).await.unwrap();
    assert_eq!(impact.tags.len(), 2, "{impact:?}");
    place.workspace.untag(&named).await.unwrap();
    assert_eq!(place.workspace.facts(&named).await.unwrap_err().kind, FailureKind::NotFound);

    let container = place.daemon.run(&["create", "--name", "busy", &registry.reference("acme/api:2")]);
    let facts = place.workspace.facts(tag).await.unwrap();
    assert_eq!(facts.note.as_deref(), Some("in use"));
    let deletion = Deletion { at: tag.clone(), digest: impact.digest, tags: Vec::new() };
    let refused = place.workspace.delete(&deletion).await.unwrap_err();
    assert_eq!(refused.failure.kind, FailureKind::Conflict);
    assert!(refused.failure.said.contains("busy"), "{refused:?}");
    place.daemon.run(&["rm", &container]);
    place.workspace.add_name(tag, &other, &Seen::NotLooked).await.unwrap();
    place.workspace.delete(&deletion).await.unwrap();
    assert_eq!(place.names(&place.root()).await, [""; 0], "it goes with all of its names");
}

#[tokio::test]
async fn what_docker_exports_podman_loads_and_the_other_way_round() {
    if !is_wanted() {
        return;
    }
    let registry = registry().await;
    let (docker, podman) = (Place::found(Which::Docker).await, Place::found(Which::Podman).await);
    let name = registry.reference("acme/api:2");
    pull(&docker.engine(), &name).await;
    let tar = docker.engine().export(std::slice::from_ref(&name));
    assert_eq!(podman.engine().load(tar).await.unwrap(), std::slice::from_ref(&name));
    let config = |inspected: tagalong::engine::Inspected| inspected.config.config;
    let there = config(podman.engine().inspect(&name).await.unwrap());
    assert_eq!(there, config(docker.engine().inspect(&name).await.unwrap()));
    docker.engine().remove(&name).await.unwrap();
    let tar = podman.engine().export(std::slice::from_ref(&name));
    assert_eq!(docker.engine().load(tar).await.unwrap(), std::slice::from_ref(&name));
    assert_eq!(config(docker.engine().inspect(&name).await.unwrap()), there);

    let half = docker.engine().export(std::slice::from_ref(&name)).take(1);
    let broken = async { Err(tagalong::domain::Failure::cancelled("reading")) };
    let half = half.chain(futures_util::stream::once(broken));
    assert_eq!(podman.engine().load(half).await.unwrap_err().kind, FailureKind::Cancelled);
    let failure = docker.engine().export(&["h.example/not/there:1".to_owned()]).next().await.unwrap();
    assert_eq!(failure.unwrap_err().kind, FailureKind::NotFound);
}

#[tokio::test]
async fn docker_is_followed_while_it_works_goes_and_comes_back() {
    if is_wanted() {
        followed(Which::Docker).await;
    }
}

#[tokio::test]
async fn podman_is_followed_while_it_works_goes_and_comes_back() {
    if is_wanted() {
        followed(Which::Podman).await;
    }
}

async fn followed(which: Which) {
    let (registry, mut place) = (registry().await, Place::start(which));
    let mut changes = place.workspace.watch_images();
    assert_eq!(state(&mut changes, &place.id).await, None);
    let content = ImagesChange::Content(place.id.clone());
    let engine = place.engine();
    // The events are listened to when the next change is waited for.
    let name = registry.reference("acme/api:2");
    let (_, change) = tokio::join!(pull(&engine, &name), until(&mut changes, |c| *c == content));
    assert_eq!(change, content);
    place.daemon.stop();
    let failure = state(&mut changes, &place.id).await.unwrap();
    assert_eq!(failure, FailureKind::Offline);
    let root = place.root();
    assert_eq!(place.workspace.children(&root, None).await.unwrap_err().kind, FailureKind::Offline);
    place.daemon.start_again();
    assert_eq!(state(&mut changes, &place.id).await, None);
    assert_eq!(place.names(&root).await.len(), 1);
}

/// The next change that is wanted.
async fn until(
    changes: &mut BoxStream<'static, ImagesChange>,
    is_wanted: impl Fn(&ImagesChange) -> bool,
) -> ImagesChange {
    let wait = async {
        loop {
            let change = changes.next().await.unwrap();
            if is_wanted(&change) {
                return change;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(90), wait).await.expect("a change")
}

/// How the place is in the next change that tells of it: the kind of its failure, or nothing.
async fn state(changes: &mut BoxStream<'static, ImagesChange>, id: &ConnectionId) -> Option<FailureKind> {
    let is_told = |change: &ImagesChange| matches!(change, ImagesChange::Places(all) if all.iter().any(|c| c.connection.id == *id));
    let ImagesChange::Places(all) = until(changes, is_told).await else { panic!("not the places") };
    let place = all.into_iter().find(|c| c.connection.id == *id).unwrap();
    place.failure.map(|failure| failure.kind)
}
