//! Asks over a connection made for one request and driven by who asks: no pool, and no task beside. For thousands of sites asked once
//! each, that halves what a client costs. Which requests go this way, and what an answer is, the file above decides.

use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::{self, Connection};
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::{Request, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use reqwest::Response;
use tokio::net::TcpStream;
use tower::{Service as _, ServiceExt as _, service_fn};
use tower_http::decompression::Decompression;
use url::{Position, Url};

use super::guard::GuardedNames;
use super::outcome::{FetchError, told_of};

type AnyError = Box<dyn Error + Send + Sync>;

/// Connects for one request each.
#[derive(Clone, Debug)]
pub(super) struct Lone {
    connector: HttpConnector<GuardedNames>,
}

/// Why there is no answer.
pub(super) struct LoneError {
    error: AnyError,
    connecting: bool,
}

impl LoneError {
    fn broken(error: impl Into<AnyError>) -> Self {
        Self { error: error.into(), connecting: false }
    }

    fn connecting(error: impl Into<AnyError>) -> Self {
        Self { error: error.into(), connecting: true }
    }

    pub(super) fn told(&self, url: &Url) -> FetchError {
        told_of(&*self.error, self.connecting, url)
    }
}

impl Lone {
    pub(super) fn new(names: GuardedNames, connecting: Duration) -> Self {
        let mut connector = HttpConnector::new_with_resolver(names);
        connector.set_connect_timeout(Some(connecting));
        connector.set_nodelay(true);
        Self { connector }
    }

    /// Whether this address can be asked this way: without TLS and password.
    pub(super) fn reaches(url: &Url) -> bool {
        url.scheme() == "http" && url.username().is_empty() && url.password().is_none()
    }

    /// One GET; the answer is inflated while it is read. The headers have to ask for the connection to be closed.
    pub(super) async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Response, LoneError> {
        let request = request(url, headers).map_err(LoneError::broken)?;
        let asked = Decompression::new(service_fn(|request| self.exchange(url, request))).oneshot(request);
        Ok(asked.await?.map(reqwest::Body::wrap).into())
    }

    async fn exchange(&self, url: &Url, request: Request<Empty>) -> Result<hyper::Response<Answer>, LoneError> {
        let site = url[..Position::BeforePath].parse::<Uri>().map_err(LoneError::broken)?;
        let stream = self.connector.clone().call(site).await.map_err(LoneError::connecting)?;
        let (mut sender, connection) = http1::handshake(stream).await.map_err(LoneError::broken)?;
        let mut connection = Some(connection);
        let mut answer = pin!(sender.send_request(request));
        let answer = poll_fn(|cx| {
            advance(&mut connection, cx);
            answer.as_mut().poll(cx)
        });
        Ok(answer.await.map_err(LoneError::broken)?.map(|body| Answer { connection, body }))
    }
}

fn request(url: &Url, headers: HeaderMap) -> Result<Request<Empty>, hyper::http::Error> {
    let mut request = Request::get(&url[Position::BeforePath..Position::AfterQuery]).body(Empty::default())?;
    *request.headers_mut() = headers;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?;
    request.headers_mut().insert(HOST, host);
    Ok(request)
}

type Empty = reqwest::Body;
type Exchange = Connection<TokioIo<TcpStream>, Empty>;

/// The body of an answer, with the connection that brings it.
struct Answer {
    /// None once it has brought everything.
    connection: Option<Exchange>,
    body: Incoming,
}

/// Lets a connection do what it can. What becomes of it, the answer tells.
fn advance(connection: &mut Option<Exchange>, cx: &mut Context<'_>) {
    if connection.as_mut().is_some_and(|connection| Pin::new(connection).poll(cx).is_ready()) {
        *connection = None;
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        advance(&mut self.connection, cx);
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
