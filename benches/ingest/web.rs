//! The web of the bench: its feeds' addresses, and the bare loop that asks them all.
//! What they answer, the publishers' own file says.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header,
};

use super::server::{self, CHANGING, HOSTILE};

/// Requests of the bare loop at a time: as many as depeche has.
const CONCURRENT: usize = 64;
/// Seconds that a document may take: slow sites use them up.
pub(crate) const TIMEOUT_SECONDS: u64 = 10;

/// Every feed's address, and what its name stands for.
pub(crate) struct Web {
    pub(crate) urls: Vec<String>,
    pub(crate) hosts: BTreeMap<String, IpAddr>,
    /// Where the publishers speak TLS: the file with the authority that vouches for them.
    pub(crate) ca_file: Option<PathBuf>,
}

impl Web {
    pub(crate) fn new(feeds: usize, port: u16, ca_file: Option<PathBuf>) -> Self {
        let scheme = if ca_file.is_some() { "https" } else { "http" };
        let (mut urls, mut hosts) = (Vec::new(), BTreeMap::new());
        for feed in 0..feeds {
            let site = feed / server::OF_SITE;
            let host = format!("feed-{feed}.{}", server::site(site));
            urls.push(format!("{scheme}://{host}:{port}/feed/{feed}"));
            // Neighbours by number, and so by time, are on one address.
            hosts.insert(host, server::address(site / server::ON_ADDRESS));
        }
        for (n, path) in HOSTILE.iter().enumerate() {
            let host = format!("www.{}", server::hostile_site(n));
            urls.push(format!("{scheme}://{host}:{port}{path}"));
            hosts.insert(host, server::address(n));
        }
        Self { urls, hosts, ca_file }
    }
}

/// The names of the bench, for the bare loop.
struct Names(HashMap<String, IpAddr>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.get(name.as_str()).map(|address| SocketAddr::new(*address, 0));
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

/// What the obvious program does: ask with the validator, read the answer, forget it. Gives requests a second.
pub(crate) async fn bare(web: &Web, feeds: usize, version: usize) -> f64 {
    let names = Names(web.hosts.clone().into_iter().collect());
    let trusted = web.ca_file.as_ref().map_or_else(Vec::new, |file| {
        let text = std::fs::read(file).expect("the authority");
        reqwest::Certificate::from_pem_bundle(&text).expect("certificates")
    });
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(TIMEOUT_SECONDS))
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(names))
        .tls_certs_merge(trusted)
        .build()
        .expect("a client");
    let since = Instant::now();
    let asked = futures_util::stream::iter(web.urls.iter().take(feeds)).map(|url| {
        let request = client.get(url).header(header::IF_NONE_MATCH, format!("\"{version}\""));
        async move {
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            response.bytes().await.expect("a whole answer");
            status
        }
    });
    let statuses: Vec<u16> = asked.buffer_unordered(CONCURRENT).collect().await;
    let took = since.elapsed();
    let new = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(new, feeds.div_ceil(CHANGING), "one of {CHANGING} has news");
    rate(feeds, took)
}

#[expect(clippy::cast_precision_loss, reason = "thousands")]
pub(crate) fn rate(feeds: usize, took: Duration) -> f64 {
    feeds as f64 / took.as_secs_f64()
}
