//! The server: its start, its end, and which code answers which endpoint.
//!
//! Invariant: only this file starts a task, and it ends with the [`Server`].

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::HeaderName;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::faults::{Fault, Script, What};
use super::refusal::{Code, refuse};
use super::reply::Reply;
use super::requests::{Recorded, Requests};
use super::routes::Route;
use super::sessions::Uploads;
use super::settings::Settings;
use super::shared::Shared;
use super::store::Store;
use super::tokens::Tokens;
use super::{auth, blobs, lists, manifests, referrers, uploads};
use crate::domain::Failure;

/// A running registry. It ends when this is dropped.
pub struct Server {
    shared: Arc<Shared>,
    stop: DropGuard,
    tasks: JoinSet<()>,
}

impl Server {
    /// Starts a registry without content on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// `Io` when no port can be had.
    pub async fn start(settings: Settings) -> Result<Self, Failure> {
        let bound = async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) =
            bound.await.map_err(|e| Failure::io("starting the built-in registry", &e))?;
        let stopped = CancellationToken::new();
        let shared = Arc::new(Shared {
            script: Script::new(settings.faults.clone()),
            settings,
            address,
            store: Store::default(),
            uploads: Uploads::default(),
            tokens: Tokens::default(),
            requests: Requests::default(),
            stopped: stopped.clone(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { shared, stop: stopped.drop_guard(), tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Its base URL, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.url()
    }

    /// Its content.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The newest requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.all()
    }

    /// Adds a fault behind those that are already in the script.
    pub fn inject(&self, fault: Fault) {
        self.shared.script.add(fault);
    }

    /// Ends it and waits until the last connection is closed.
    pub async fn stop(self) {
        let Self { stop, mut tasks, .. } = self;
        drop(stop);
        while tasks.join_next().await.is_some() {}
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let stopped = shared.stopped.clone();
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "the built-in registry could not switch off Nagle's algorithm");
        }
    });
    let router = Router::new().fallback(answer).with_state(shared);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::warn!(%error, "the built-in registry ended");
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.requests.record(&request);
    let uri = request.uri().clone();
    let fault = shared.script.take(request.method().as_str(), uri.path());
    let response = match fault.as_ref().and_then(What::instead) {
        Some(response) => response,
        None => route(&shared, request).await.into_response(),
    };
    match fault {
        Some(what) => what.spoil(response, &uri, &shared.stopped),
        None => response,
    }
}

async fn route(shared: &Shared, request: Request) -> Reply {
    let answered = async {
        let route = Route::parse(request.uri().path())?;
        let access = auth::check(shared, &route, &request)?;
        dispatch(shared, route, &access, request).await
    };
    let reply = answered.await.unwrap_or_else(|refusal| refusal);
    reply.with(HeaderName::from_static("docker-distribution-api-version"), "registry/2.0")
}

async fn dispatch(
    shared: &Shared,
    route: Route,
    access: &auth::Access,
    request: Request,
) -> Result<Reply, Reply> {
    let method = request.method().clone();
    let reads = method == Method::GET || method == Method::HEAD;
    let query = request.uri().query().unwrap_or_default().to_owned();
    match route {
        Route::Ping if reads => Ok(Reply::json(StatusCode::OK, &serde_json::json!({}))),
        Route::Token => auth::token(shared, request).await,
        Route::Catalog if reads => lists::catalog(shared, &query),
        Route::Tags { repository } if reads => lists::tags(shared, &repository, &query),
        Route::Referrers { repository, digest } if reads => {
            referrers::list(shared, &repository, &digest, &query)
        }
        Route::Manifest { repository, target } => match method {
            Method::GET | Method::HEAD => manifests::get(shared, &repository, &target),
            Method::PUT => manifests::put(shared, &repository, target, request).await,
            Method::DELETE => manifests::delete(shared, &repository, &target),
            _ => Err(unsupported()),
        },
        Route::Blob { repository, digest } => match method {
            Method::GET | Method::HEAD => blobs::get(shared, &repository, &digest, &request),
            Method::DELETE => blobs::delete(shared, &repository, &digest),
            _ => Err(unsupported()),
        },
        Route::Uploads { repository } if method == Method::POST => {
            uploads::open(shared, &repository, access, request).await
        }
        Route::Upload { repository, id } => match method {
            Method::GET => uploads::status(shared, &repository, &id).await,
            Method::PATCH => uploads::append(shared, &repository, &id, request).await,
            Method::PUT => uploads::finish(shared, &repository, &id, request).await,
            Method::DELETE => uploads::cancel(shared, &repository, &id),
            _ => Err(unsupported()),
        },
        _ => Err(unsupported()),
    }
}

fn unsupported() -> Reply {
    refuse(Code::Unsupported, "this method is not supported here")
}
