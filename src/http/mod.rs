//! The one way to the network: challenge, tokens, retry, paging links, limits.
