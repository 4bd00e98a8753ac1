//! What changes a registry, and what AWS does not let happen.

use bytes::Bytes;
use tagalong::domain::media::OCI_MANIFEST;
use tagalong::domain::{FailureKind, NodeKind};

use super::fake::{Fake, KEY, SECRET};
use super::{asking, basic, fill, noise, open, provider, put_image, registry, root};

#[tokio::test]
async fn the_only_tag_of_an_image_is_not_untied() {
    let fake = Fake::start(1000).await;
    fill(&fake).await;
    let at = registry(&fake).child(NodeKind::Repository, "acme/api").child(NodeKind::Tag, "0.9");
    let provider = provider(&fake);
    let failure = provider.untag().unwrap().untag(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("with the last tag AWS deletes the image"), "{failure}");
    assert_eq!(fake.count("BatchDeleteImage"), 0);
    assert!(fake.state.server.store().resolve("acme/api", "0.9").is_some());
}

#[tokio::test]
async fn a_repository_is_made_in_the_region_of_the_connection() {
    let fake = Fake::start(1000).await;
    let provider = provider(&fake);
    let made = provider.create_repository().unwrap().create_repository(&root(), "acme/new").await.unwrap();
    assert_eq!(made, registry(&fake).child(NodeKind::Repository, "acme/new"));
    assert!(fake.state.has_repository("acme/new"));
}

#[tokio::test]
async fn a_name_in_mixed_case_is_refused_in_the_vendors_words() {
    let fake = Fake::start(1000).await;
    let said = "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression'";
    fake.refuse("CreateRepository", 1, "InvalidParameterException", said);
    let provider = provider(&fake);
    let refused =
        provider.create_repository().unwrap().create_repository(&root(), "Acme/New").await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Invalid);
    assert!(refused.said.contains("'repositoryName'"), "{refused}");
}

#[tokio::test]
async fn a_push_to_a_repository_that_is_not_there_says_so() {
    let fake = Fake::start(1000).await;
    let provider = provider(&fake);
    provider.children(&root(), None).await.unwrap();
    let server = provider.distribution(&registry(&fake)).unwrap();
    let failure = server.put_blob("acme/absent", Bytes::from_static(b"x")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.said.contains("'acme/absent' does not exist"), "{failure}");
    let at = registry(&fake).child(NodeKind::Repository, "acme/absent");
    let failure = provider.children(&at, None).await.unwrap_err();
    assert!(failure.said.contains("“Create repository…” makes it"), "{failure}");
}

#[tokio::test]
async fn an_immutable_tag_says_that_it_is_one() {
    let fake = Fake::start(1000).await;
    put_image(fake.state.server.store(), "immutable/api", "1", &[noise(1, 10)]);
    let provider = provider(&fake);
    provider.children(&root(), None).await.unwrap();
    let server = provider.distribution(&registry(&fake)).unwrap();
    let failure =
        server.put_manifest("immutable/api", "1", OCI_MANIFEST, Bytes::from_static(b"{}")).await.unwrap_err();
    assert!(failure.said.contains("the repository is immutable"), "{failure}");
    fake.refuse("BatchDeleteImage", 1, "ImageTagAlreadyExistsException", "The image tag '1' already exists");
    let digest = fake.state.server.store().resolve("immutable/api", "1").unwrap();
    let at = registry(&fake).child(NodeKind::Repository, "immutable/api");
    let failure = provider.delete().unwrap().delete_manifest(&at, &digest).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(failure.said.contains("tags are immutable there"), "{failure}");
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    let fake = Fake::start(1000).await;
    fake.state.create_repository("api");
    let denied = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ecr:DeleteRepository on \
                  resource: arn:aws:ecr:eu-west-1:123456789012:repository/api because no identity-based policy allows it";
    fake.refuse("DeleteRepository", 1, "AccessDeniedException", denied);
    let provider = provider(&fake);
    let at = registry(&fake).child(NodeKind::Repository, "api");
    let failure = provider.delete_repository().unwrap().delete_repository(&at).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.said.starts_with("the permission ecr:DeleteRepository is missing"), "{failure}");
}

#[tokio::test]
async fn two_accounts_do_not_mix() {
    let (one, two) = (Fake::start(1000).await, Fake::start(1000).await);
    let other = "AKIAI44QH8DHBEXAMPLE";
    *two.state.keys.lock().unwrap() = [(other.to_owned(), "another-secret".to_owned())].into();
    one.state.create_repository("of-one");
    two.state.create_repository("of-two");
    let second = tagalong::domain::Connection { username: other.to_owned(), ..asking(&two, &[]) };
    let (first, second) = (provider(&one), open(second, basic(other, "another-secret")));
    for (provider, fake, name) in [(&first, &one, "of-one"), (&second, &two, "of-two")] {
        let page = provider.children(&registry(fake), None).await.unwrap();
        assert_eq!(page.entries.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), [name]);
    }
    let stranger = open(asking(&two, &[]), basic(KEY, SECRET));
    let failure = stranger.check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("AWS does not know this access key"), "{failure}");
}
