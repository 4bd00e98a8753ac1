//! Addresses as people type them.
//!
//! Invariant: what is plainly wrong is said before anything is asked.

/// What is wrong with an address as typed; the scheme may be left out.
pub(super) fn find_url_error(text: &str, schemes: &[&str]) -> Option<String> {
    if text.contains(char::is_whitespace) {
        return Some("An address has no spaces in it.".to_owned());
    }
    let rest = match text.split_once("://") {
        Some((scheme, _)) if !schemes.contains(&scheme.to_ascii_lowercase().as_str()) => {
            return Some(format!("“{scheme}://” does not work here; use {}.", schemes.join(", ")));
        }
        Some((_, rest)) => rest,
        None => text,
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() {
        return Some("The host is missing, as in registry.example:5000.".to_owned());
    }
    if host.contains('@') && !schemes.contains(&"socks5") {
        return Some("Leave the account out of the address; it has its own field.".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_before_anything_is_asked() {
        let wrong = |text| find_url_error(text, &["https", "http"]).is_some();
        for fine in ["localhost:5000", "registry.example", "https://host/prefix", "HTTP://[::1]:5000"] {
            assert!(!wrong(fine), "{fine}");
        }
        for bad in ["a b", "ftp://host", "https://", "https:///x", "https://me:pw@host"] {
            assert!(wrong(bad), "{bad}");
        }
    }
}
