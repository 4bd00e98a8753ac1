//! The check, the details, the pages for people and the blast radius.

use tagalong::domain::{FailureKind, NodeKind};

use super::super::support::{basic, connection, open};
use super::fake::Fake;
use super::{all, project, repository, root, signed_in};

#[tokio::test]
async fn the_check_tells_who_and_what_it_is() {
    let fake = Fake::start().await;
    let account = signed_in(&fake, "ann").check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some("ann"));
    assert!(account.lines.contains(&("version".to_owned(), "v2.12.0".to_owned())), "{account:?}");
    let robot = signed_in(&fake, "robot$acme+ci").check().await.unwrap();
    assert_eq!(robot.name, None, "a robot has no page of its own");
}

#[tokio::test]
async fn a_wrong_password_is_told_with_the_cli_secret() {
    let fake = Fake::start().await;
    let harbor = open(connection("harbor", &fake.url(), &[]), basic("ann", "my OIDC password"));
    let failure = harbor.check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("CLI secret") && failure.said.contains("robot$"), "{failure}");
    let failure = harbor.children(&root(), None).await.unwrap_err();
    assert!(failure.said.contains("CLI secret"), "{failure}");
}

#[tokio::test]
async fn a_project_tells_its_quota_and_rules() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let told = harbor.describe().unwrap().describe(&project("acme")).await.unwrap();
    let line = |label: &str| told.lines.iter().find(|(l, _)| l == label).map(|(_, text)| text.as_str());
    assert_eq!(line("storage"), Some("1.0 GiB of 10.0 GiB"));
    assert_eq!(line("members"), Some("1 maintainer, 3 developers"));
    assert_eq!(line("seen by"), Some("its members"));
    assert_eq!(line("pulls are stopped"), Some("by vulnerabilities from severity high on"));
    let told = harbor.describe().unwrap().describe(&repository("acme/team/web")).await.unwrap();
    assert!(told.lines.contains(&("pulls".to_owned(), "1,234".to_owned())), "{told:?}");
}

#[tokio::test]
async fn an_artifact_tells_its_vulnerabilities_by_severity() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let describe = harbor.describe().unwrap();
    let scanned = describe.describe(&repository("acme/api").child(NodeKind::Tag, "2.0")).await.unwrap();
    let summary = scanned.lines.iter().find(|(l, _)| l == "vulnerabilities").unwrap();
    assert_eq!(summary.1, "2 critical, 1 low; 1 of 3 can be fixed; Trivy 0.50");
    let titles: Vec<&str> = scanned.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Critical (2)", "Low (1)"]);
    assert_eq!(scanned.sections[0].lines[0], "CVE-2  openssl 1.1.1, fixed in 1.1.2");
    assert_eq!(scanned.sections[1].lines[0], "CVE-1  openssl 1.1.1, no fix yet");
    let plain = describe.describe(&repository("acme/api").child(NodeKind::Tag, "1")).await.unwrap();
    assert!(plain.lines.contains(&("vulnerabilities".to_owned(), "not scanned".to_owned())), "{plain:?}");
    assert!(plain.lines.contains(&("tags".to_owned(), "1.0, 1, latest".to_owned())), "{plain:?}");
    assert!(plain.sections.is_empty());
}

#[tokio::test]
async fn the_blast_radius_comes_from_harbors_own_lists() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    let blast = harbor.blast().unwrap();
    let shared = blast.impact(&repository("acme/api").child(NodeKind::Tag, "1")).await.unwrap();
    assert_eq!(shared.tags, ["1.0", "1", "latest"]);
    assert_eq!((shared.in_indexes.len(), shared.looked_at), (0, (4, 4)));
    let index = blast.impact(&repository("acme/api").child(NodeKind::Tag, "2.0")).await.unwrap();
    assert_eq!(index.referrers[0].artifact_type.as_deref(), Some("signature.cosign"));
    assert!(index.unknown[0].starts_with("what becomes of 1 platform manifest:"), "{:?}", index.unknown);
    let member = fake.edit().repositories["acme/api"][2].digest.to_string();
    let member = blast.impact(&repository("acme/api").child(NodeKind::Manifest, &member)).await.unwrap();
    assert_eq!(member.in_indexes, ["2.0"], "the index that would be broken is named");
}

#[tokio::test]
async fn pages_for_people_go_by_the_projects_number() {
    let fake = Fake::start().await;
    let harbor = signed_in(&fake, "ann");
    assert_eq!(harbor.web(&project("acme")), None, "not known before it was listed");
    all(&*harbor, &root()).await;
    let page = |at| harbor.web(&at).unwrap().replace(&fake.url(), "");
    assert_eq!(page(root()), "/harbor/projects");
    assert_eq!(page(project("acme")), "/harbor/projects/2048/repositories");
    assert_eq!(
        page(repository("acme/team/web")),
        "/harbor/projects/2048/repositories/team%2Fweb/artifacts-tab"
    );
    let digest = fake.digest_of("acme/api", "2.0").to_string();
    let expected = format!("/harbor/projects/2048/repositories/api/artifacts-tab/artifacts/{digest}");
    assert_eq!(page(repository("acme/api").child(NodeKind::Manifest, &digest)), expected);
}
