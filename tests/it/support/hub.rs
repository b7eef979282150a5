//! A `WebSub` hub on loopback: takes subscriptions, verifies them at the subscriber's door, pushes, and lies when told to.
//! It knows nothing about depeche but where its door is; addresses in its mail lead there, whatever host they name.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Form, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    routing::post,
};
use hmac::{Hmac, Mac as _};
use reqwest::Client;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

/// What a subscriber asked for.
pub(crate) type Wish = BTreeMap<String, String>;

/// How the hub behaves.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// The answer to a request.
    pub(crate) status: u16,
    /// With this `Retry-After`.
    pub(crate) retry_after: Option<&'static str>,
    /// Whether it verifies, which it does before it answers.
    pub(crate) verifies: bool,
    /// The lease that it grants.
    pub(crate) lease: &'static str,
}

impl Manner {
    pub(crate) const GOOD: Self = Self { status: 202, retry_after: None, verifies: true, lease: "864000" };
}

/// The hub; it stops when dropped.
pub(crate) struct Hub {
    pub(crate) url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    door: SocketAddr,
    http: Client,
    manner: Mutex<Manner>,
    wishes: Mutex<Vec<Wish>>,
    /// Challenges that the subscriber echoed.
    echoed: Mutex<usize>,
}

impl Hub {
    /// Starts on a free port; subscribers' doors are all this one.
    pub(crate) async fn start(door: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let url = format!("http://{}/hub?for=all", listener.local_addr().expect("its address"));
        let shared = Arc::new(Shared {
            door,
            http: Client::new(),
            manner: Mutex::new(Manner::GOOD),
            wishes: Mutex::default(),
            echoed: Mutex::default(),
        });
        let router = Router::new().route("/hub", post(subscribe)).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, shared, task }
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().expect("no panic under the lock") = manner;
    }

    /// All requests so far.
    pub(crate) fn wishes(&self) -> Vec<Wish> {
        self.shared.wishes.lock().expect("no panic under the lock").clone()
    }

    pub(crate) fn last(&self) -> Wish {
        self.wishes().pop().expect("the hub was asked")
    }

    pub(crate) fn echoed(&self) -> usize {
        *self.shared.echoed.lock().expect("no panic under the lock")
    }

    /// Says something at the callback of a wish; the status, and the answer.
    pub(crate) async fn say(&self, wish: &Wish, query: &[(&str, &str)]) -> (u16, String) {
        self.shared.say(wish, query).await
    }

    /// Pushes news to who wished for it, signed by this method with the secret of the wish; the status.
    pub(crate) async fn push(&self, wish: &Wish, method: &str) -> u16 {
        let body = b"<rss>the news</rss>";
        self.push_signed(wish, body, &sign(method, wish["hub.secret"].as_bytes(), body)).await
    }

    /// Pushes a body with this signature.
    pub(crate) async fn push_signed(&self, wish: &Wish, body: &[u8], signature: &str) -> u16 {
        let mut request = self.shared.http.post(self.shared.callback(wish)).body(body.to_vec());
        if !signature.is_empty() {
            request = request.header("X-Hub-Signature", signature);
        }
        request.send().await.expect("an answer").status().as_u16()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// The callback of a wish, at the one door there is.
    fn callback(&self, wish: &Wish) -> Url {
        let callback = Url::parse(&wish["hub.callback"]).expect("an address");
        Url::parse(&format!("http://{}{}", self.door, callback.path())).expect("an address")
    }

    async fn say(&self, wish: &Wish, query: &[(&str, &str)]) -> (u16, String) {
        let mut url = self.callback(wish);
        url.query_pairs_mut().extend_pairs(query);
        let answer = self.http.get(url).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }
}

/// The signature of a body as a header.
pub(crate) fn sign(method: &str, secret: &[u8], body: &[u8]) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    let signature = match method {
        "sha1" => hex(&Hmac::<Sha1>::new_from_slice(secret).expect("a key").chain_update(body).finalize().into_bytes()),
        "sha256" => {
            hex(&Hmac::<Sha256>::new_from_slice(secret).expect("a key").chain_update(body).finalize().into_bytes())
        }
        _ => hex(&Hmac::<Sha512>::new_from_slice(secret).expect("a key").chain_update(body).finalize().into_bytes()),
    };
    format!("{method}={signature}")
}

async fn subscribe(State(hub): State<Arc<Shared>>, Form(wish): Form<Wish>) -> (StatusCode, HeaderMap, &'static str) {
    hub.wishes.lock().expect("no panic under the lock").push(wish.clone());
    let manner = *hub.manner.lock().expect("no panic under the lock");
    if manner.verifies {
        let query = [
            ("hub.mode", wish["hub.mode"].as_str()),
            ("hub.topic", &wish["hub.topic"]),
            ("hub.challenge", "echo <this> & no more"),
            ("hub.lease_seconds", manner.lease),
        ];
        if hub.say(&wish, &query).await == (200, "echo <this> & no more".to_owned()) {
            *hub.echoed.lock().expect("no panic under the lock") += 1;
        }
    }
    let mut headers = HeaderMap::new();
    headers.extend(manner.retry_after.map(|value| (RETRY_AFTER, HeaderValue::from_static(value))));
    (StatusCode::from_u16(manner.status).expect("a status"), headers, "as you wish")
}
