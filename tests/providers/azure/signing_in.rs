//! The ways to sign in, what keeps them going, and what ends them.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tagalong::domain::FailureKind;
use tagalong::domain::extra::SignInCode;
use tagalong::http::{FixedSignIn, Observer, SignIn};

use super::*;
use crate::desk::{Laid, always};

/// Notes the codes that were shown.
#[derive(Default)]
struct Codes(Mutex<Vec<Option<String>>>);

impl Observer for Codes {
    fn waiting(&self, _: &str, _: &Failure, _: Duration) {}
    fn resumed(&self, _: &str) {}
    fn warning(&self, _: &str, _: &str) {}
    fn sign_in_code(&self, code: Option<&SignInCode>) {
        self.0.lock().unwrap().push(code.map(|c| c.code.clone()));
    }
}

/// A sign-in that keeps what it is given.
#[derive(Default)]
struct Kept(Mutex<Option<Secret>>);

#[async_trait]
impl SignIn for Kept {
    async fn credential(&self) -> Result<Credential, Failure> {
        let kept = self.0.lock().unwrap().clone();
        Ok(kept.map_or(Credential::Anonymous, |s| basic("ann@acme.example", s.expose())))
    }

    async fn replace(&self, secret: Secret) {
        *self.0.lock().unwrap() = Some(secret);
    }
}

struct ByCode {
    provider: Arc<dyn Provider>,
    codes: Arc<Codes>,
    kept: Arc<Kept>,
}

fn by_code(fake: &Fake, kept: Option<&str>) -> ByCode {
    let (codes, store) = (Arc::new(Codes::default()), Arc::new(Kept(Mutex::new(kept.map(Secret::new)))));
    let plain = opening(asking(&fake.control, &[("sign_in", "device code")]), Credential::Anonymous);
    let observer = Arc::clone(&codes) as Arc<dyn Observer>;
    let sign_in = Arc::clone(&store) as Arc<dyn SignIn>;
    let provider = catalog::open(&Opening { observer, sign_in, ..plain }).unwrap();
    ByCode { provider, codes, kept: store }
}

#[tokio::test]
async fn a_code_is_shown_waited_for_and_taken_away() {
    let fake = filled().await;
    fake.state().waiting = ["authorization_pending", "authorization_pending"].into();
    let ByCode { provider, codes, kept } = by_code(&fake, None);
    let account = provider.check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some("ann@acme.example"));
    assert_eq!(*codes.0.lock().unwrap(), [Some("ABCD-1234".to_owned()), None]);
    let secret = account.secret.expect("the refresh token");
    assert!(fake.state().refresh.contains(secret.expose()), "the last one of several is handed out");
    assert_eq!(kept.0.lock().unwrap().as_ref(), Some(&secret), "a renewed one replaces it");
    assert_eq!(fake.desk().count("devicecode"), 1);
}

#[tokio::test]
async fn a_code_is_asked_after_less_often_when_entra_says_so() {
    let fake = filled().await;
    fake.state().waiting = ["slow_down"].into();
    let started = Instant::now();
    by_code(&fake, None).provider.check().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(5), "five seconds more: RFC 8628, section 3.5");
}

#[tokio::test]
async fn a_kept_sign_in_asks_for_no_code() {
    let fake = filled().await;
    fake.state().refresh.insert("kept before".to_owned());
    let ByCode { provider, codes, kept } = by_code(&fake, Some("kept before"));
    provider.check().await.unwrap();
    assert_eq!(
        names(&all(&*provider, &registry_of(&fake)).await),
        ["acme/api", "acme/spare", "~tasks", "worker"]
    );
    assert!(codes.0.lock().unwrap().is_empty());
    assert_ne!(kept.0.lock().unwrap().as_ref().unwrap().expose(), "kept before");
}

#[tokio::test]
async fn a_sign_in_that_was_revoked_asks_anew_only_when_checked() {
    let fake = filled().await;
    let ByCode { provider, codes, .. } = by_code(&fake, Some("revoked"));
    let failure = provider.children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("AADSTS700082") && failure.said.contains("Edit connection"), "{failure}");
    assert!(!failure.said.contains("Trace ID"), "{failure}");
    assert!(codes.0.lock().unwrap().is_empty());
    provider.check().await.unwrap();
    assert_eq!(codes.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_code_that_is_declined_or_expires_says_so() {
    let fake = filled().await;
    for (word, said) in [
        ("authorization_declined", "was declined"),
        ("access_denied", "was declined"),
        ("expired_token", "has expired"),
        ("interaction_required", "further proof"),
    ] {
        fake.state().waiting = [word].into();
        let ByCode { provider, codes, .. } = by_code(&fake, None);
        let failure = provider.check().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized, "{word}");
        assert!(failure.said.contains(said), "{word}: {failure}");
        assert_eq!(codes.0.lock().unwrap().last(), Some(&None), "{word}: it is taken off the screen");
    }
    fake.state().code_lives = 0;
    let failure = by_code(&fake, None).provider.check().await.unwrap_err();
    assert!(failure.said.contains("has expired"), "{failure}");
}

#[tokio::test]
async fn a_code_that_is_given_up_is_taken_away() {
    let fake = filled().await;
    fake.state().waiting = std::iter::repeat_n("authorization_pending", 1000).collect();
    let ByCode { provider, codes, .. } = by_code(&fake, None);
    let shown = async {
        while codes.0.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = provider.check() => panic!("nobody typed it"),
        () = shown => {}
    }
    assert_eq!(codes.0.lock().unwrap().last(), Some(&None));
}

#[tokio::test]
async fn the_sign_in_of_az_is_found_and_used() {
    let fake = filled().await;
    let with_az = || Around { az: Some(fake.clone()), ..Around::default() };
    let found = catalog::find_sign_ins(&with_az()).await;
    let found = found.iter().find(|f| f.provider == Some("azure")).unwrap();
    assert_eq!((found.host.as_str(), found.source.as_str()), ("azurecr.io", "az login"));
    let settings: Vec<(&str, &str)> = found.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let provider = around(asking(&fake.control, &settings), with_az());
    let account = provider.check().await.unwrap();
    assert_eq!(account.name.as_deref(), Some("ann@acme.example"));
    assert_eq!(names(&all(&*provider, &repository(&fake, "worker")).await), ["1"]);
    assert!(!fake.asked("oauth2/v2.0"), "az asks Entra itself");
    let failure = around(asking(&fake.control, &settings), Around::default()).check().await.unwrap_err();
    assert!(failure.said.contains("az login"), "{failure}");
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_and_after_a_refusal() {
    let fake = filled().await;
    fake.state().lifetime = 10;
    let provider = signed_in(&fake);
    provider.children(&root(), None).await.unwrap();
    let before = fake.desk().count("/token");
    provider.children(&root(), None).await.unwrap();
    assert!(fake.desk().count("/token") > before, "it is about to end");
    fake.state().lifetime = 3600;
    provider.children(&root(), None).await.unwrap();
    let before = fake.desk().count("/token");
    provider.children(&root(), None).await.unwrap();
    assert_eq!(fake.desk().count("/token"), before, "it is kept");
    fake.state().live.clear();
    provider.children(&root(), None).await.unwrap();
    assert_eq!(fake.desk().count("/token"), before + 1, "it was refused");
}

#[tokio::test]
async fn a_step_up_says_so() {
    let fake = filled().await;
    let headers = &[(
        "www-authenticate",
        "Bearer authorization_uri=\"x\", error=\"insufficient_claims\", claims=\"e30=\"",
    )];
    fake.desk().lay(Laid { headers, ..always("/subscriptions?", 401, "{}") });
    let failure = signed_in(&fake).children(&root(), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("a further proof is asked for"), "{failure}");
}

#[tokio::test]
async fn a_registrys_tokens_are_kept_and_renewed() {
    let fake = filled().await;
    let provider = signed_in(&fake);
    let at = repository(&fake, "worker");
    all(&*provider, &at).await;
    assert_eq!(fake.desk().count("exchange"), 1);
    let before = fake.desk().count("/oauth2/token?");
    all(&*provider, &at).await;
    assert_eq!(fake.desk().count("/oauth2/token?"), before, "one for each scope");
    fake.state().granted.clear();
    fake.state().passwords.clear();
    fake.state().live.clear();
    assert_eq!(names(&all(&*provider, &at).await), ["1"], "everything is renewed");
    let engine = provider.distribution(&at).unwrap().http().credential().await.unwrap();
    assert_eq!(engine.username(), Some("00000000-0000-0000-0000-000000000000"));
}

#[tokio::test]
async fn a_token_is_not_shown_to_a_host_of_nobody() {
    let fake = filled().await;
    for path in ["", "/acme.azurecr.io"] {
        let at = connection("azure", &format!("http://{}{path}", fake.server()), &[("sign_in", "az")]);
        let provider = around(at, Around::default());
        let failure = provider.children(&root(), None).await.unwrap_err();
        assert!(failure.said.contains("is not shown the account's token"), "{failure}");
        assert!(!fake.asked("exchange"));
    }
}

/// A sign-in that Docker stored, and nothing that was typed.
struct Stored;

#[async_trait]
impl SignIn for Stored {
    async fn credential(&self) -> Result<Credential, Failure> {
        Ok(basic("docker", "stored-for-the-registry"))
    }

    fn typed(&self) -> Option<Arc<dyn SignIn>> {
        Some(Arc::new(FixedSignIn::default()))
    }
}

#[tokio::test]
async fn what_docker_stored_for_a_registry_is_not_shown_to_microsoft() {
    let fake = filled().await;
    let authority = fake.control.replace("127.0.0.1", "localhost");
    let settings = [("sign_in", "service principal"), ("tenant", "acme"), ("authority", authority.as_str())];
    let mut connection = asking(&fake.control, &settings);
    connection.url = format!("http://{}", fake.server());
    let plain = opening(connection, Credential::Anonymous);
    let provider = catalog::open(&Opening { sign_in: Arc::new(Stored), ..plain }).unwrap();
    let failure = provider.check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    assert!(!fake.asked("/oauth2/v2.0/"), "nothing is sent for a token");
}
