//! Service principals: secrets and certificates, typed and of the environment.

use tagalong::domain::FailureKind;

use super::*;

const OTHER: &str = "22222222-bbbb";

fn variables<const N: usize>(all: [(&'static str, &str); N]) -> Around {
    Around { variables: all.map(|(name, value)| (name, value.to_owned())).into(), az: None }
}

/// A certificate that the fake knows, as a file.
fn certificate(fake: &Fake, folder: &tempfile::TempDir) -> String {
    let (pem, registered) = application::register("tagalong");
    fake.state().registered = Some(registered);
    file(folder, &pem)
}

fn file(folder: &tempfile::TempDir, text: &str) -> String {
    let path = folder.path().join("certificate.pem");
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

fn by_certificate(fake: &Fake, path: &str) -> Arc<dyn Provider> {
    let settings = [("sign_in", "service principal"), ("tenant", HOME), ("certificate", path)];
    let mut connection = asking(&fake.control, &settings);
    connection.username = CLIENT.to_owned();
    open(connection, Credential::Anonymous)
}

#[tokio::test]
async fn a_certificate_signs_in_and_is_never_sent() {
    let (fake, folder) = (filled().await, tempfile::tempdir().unwrap());
    let provider = by_certificate(&fake, &certificate(&fake, &folder));
    assert_eq!(provider.check().await.unwrap().name.as_deref(), Some(CLIENT));
    assert_eq!(names(&all(&*provider, &repository(&fake, "worker")).await), ["1"]);
    fake.state().live.clear();
    provider.children(&root(), None).await.unwrap();
    assert!(fake.desk().count("/token") > 1, "each token is asked for with an assertion of its own");
}

#[tokio::test]
async fn a_certificate_that_entra_does_not_know_says_so() {
    let (fake, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = certificate(&fake, &folder);
    fake.state().registered = Some(application::register("another").1);
    let failure = by_certificate(&fake, &path).check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized, "{failure}");
    assert!(failure.said.contains("AADSTS700027") && failure.said.contains("certificate"), "{failure}");
}

#[tokio::test]
async fn a_file_that_is_no_certificate_says_what_to_do() {
    let (fake, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (pem, _) = application::register("tagalong");
    let encrypted = pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    for (text, said) in [
        ("0\u{82} of a PFX", "one is made with “openssl pkcs12"),
        (encrypted.as_str(), "its key is encrypted"),
        ("-----BEGIN NOTHING-----", "it holds no private key"),
    ] {
        let failure = by_certificate(&fake, &file(&folder, text)).check().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure}");
        assert!(failure.said.contains(said), "{failure}");
        assert!(failure.doing.contains("certificate.pem"), "{failure}");
    }
    let failure = by_certificate(&fake, "/nonexistent/x.pem").check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Io, "{failure}");
    assert!(!fake.asked("/oauth2/"), "nobody is asked");
}

#[tokio::test]
async fn a_service_principal_comes_from_the_environment() {
    let (fake, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = certificate(&fake, &folder);
    for proof in [("AZURE_CLIENT_SECRET", SECRET), ("AZURE_CLIENT_CERTIFICATE_PATH", path.as_str())] {
        let here = || variables([("AZURE_TENANT_ID", HOME), ("AZURE_CLIENT_ID", CLIENT), proof]);
        let found = catalog::find_sign_ins(&here()).await;
        let found = found.iter().find(|f| f.provider == Some("azure")).unwrap();
        assert_eq!((found.username.as_deref(), found.source.as_str()), (Some(CLIENT), "AZURE_CLIENT_ID"));
        let provider = around(asking(&fake.control, &[]), here());
        assert_eq!(provider.check().await.unwrap().name.as_deref(), Some(CLIENT), "{proof:?}");
    }
    let lacking = variables([("AZURE_TENANT_ID", HOME), ("AZURE_CLIENT_ID", CLIENT)]);
    assert!(catalog::find_sign_ins(&lacking).await.iter().all(|f| f.provider != Some("azure")));
}

#[tokio::test]
async fn the_secret_of_one_application_does_not_go_with_another() {
    let fake = filled().await;
    let mut connection = asking(&fake.control, &[("sign_in", "service principal")]);
    connection.username = OTHER.to_owned();
    let here =
        variables([("AZURE_TENANT_ID", HOME), ("AZURE_CLIENT_ID", CLIENT), ("AZURE_CLIENT_SECRET", SECRET)]);
    let failure = around(connection.clone(), here).check().await.unwrap_err();
    assert!(failure.said.contains("AZURE_CLIENT_CERTIFICATE_PATH"), "what to set is said: {failure}");
    assert!(!fake.asked("/oauth2/"));
    let own =
        variables([("AZURE_TENANT_ID", HOME), ("AZURE_CLIENT_ID", OTHER), ("AZURE_CLIENT_SECRET", SECRET)]);
    assert_eq!(around(connection, own).check().await.unwrap().name.as_deref(), Some(OTHER));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let fake = filled().await;
    let settings = [("sign_in", "service principal")];
    let ask = async |here: Around| around(asking(&fake.control, &settings), here).check().await.unwrap_err();
    let failure = ask(variables([("AZURE_CLIENT_ID", CLIENT), ("AZURE_CLIENT_SECRET", SECRET)])).await;
    assert!(failure.said.contains("AZURE_TENANT_ID"), "{failure}");
    let failure = ask(variables([("AZURE_TENANT_ID", HOME)])).await;
    assert!(failure.said.contains("AZURE_CLIENT_ID"), "{failure}");
}

#[tokio::test]
async fn a_wrong_secret_says_what_to_check() {
    let fake = filled().await;
    let failure = with_secret(&fake, "another").check().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert!(failure.said.contains("AADSTS7000215") && failure.said.contains("secrets"), "{failure}");
}
