//! What the demo has on the network: publishers, inbox, catcher, pages, each on loopback, and the config that names them.
//! It starts no stage and lives through no day.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::{net::TcpListener, sync::mpsc};

use super::{
    DemoArgs, cast,
    mailbox::Mailbox,
    samples,
    server::{Answer, Asked},
    site::{self, Site},
};
use crate::{
    cli::{Failure, Invocation},
    clock::Clock,
    config::{Config, DEMO, Environment},
    mail::{Catcher, Caught},
};

/// Port of the sample feeds and the inbox while the demo stays up, if it is free.
const INBOX_PORT: u16 = 8081;
/// The variable that says how much is logged.
const LOG_LEVEL: &str = "DEPECHE_LOG__LEVEL";
/// Mails between catcher and mailbox.
const MAILS: usize = 64;

/// What the demo has on the network.
pub(super) struct Network {
    pub(super) site: Arc<Site>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) config: Config,
    pub(super) pages: Option<TcpListener>,
    pub(super) catcher: Catcher,
    pub(super) caught: mpsc::Receiver<Caught>,
    pub(super) feeds: TcpListener,
}

/// Opens it all; where `args` asks for it, with the pages and on ports that a person can remember.
pub(super) async fn open(
    invocation: &Invocation,
    args: &DemoArgs,
    data: &Path,
    begin: DateTime<Utc>,
    clock: &Clock,
) -> Result<Network, Failure> {
    let feeds = listen(if args.serve { INBOX_PORT } else { 0 }).await?;
    let port = feeds.local_addr()?.port();
    let (sender, caught) = mpsc::channel(MAILS);
    let attempts: Mutex<HashMap<String, usize>> = Mutex::default();
    let refusal = move |address: &str| {
        let mut attempts = attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry(address.to_owned()).or_default();
        *attempt += 1;
        cast::refusal(address, *attempt)
    };
    let catcher = Catcher::start_refusing(loopback(0), sender, Arc::new(refusal)).await?;
    let mut overrides = vec![
        ("DEPECHE_DATA_DIR", data.display().to_string()),
        ("DEPECHE_RELAY__DEMO__PORT", catcher.address().port().to_string()),
    ];
    let mut pages = None;
    if args.serve {
        let listener = listen(config(&[])?.web.listen.port()).await?;
        overrides.push(("DEPECHE_PUBLISHER__BASE_URL", format!("http://{}/", listener.local_addr()?)));
        pages = Some(listener);
    }
    // Who looks for a fault wants the log; nothing else of the environment counts.
    overrides.extend(invocation.environment.get(LOG_LEVEL).map(|level| (LOG_LEVEL, level.to_owned())));
    let config = config(&overrides)?;
    let mailbox = Mailbox::open(&args.out, config.publisher.zone)?;
    let site = Site::new(samples::publishers()?, port, begin, clock.clone());
    Ok(Network { site, mailbox, config, pages, catcher, caught, feeds })
}

/// The demo's own config: nothing of the machine's environment or config files changes it.
fn config(overrides: &[(&str, String)]) -> Result<Config, Failure> {
    let environment: Environment = overrides.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Ok(Config::parse(Path::new("config/demo.toml"), DEMO, &environment)?)
}

pub(super) const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// Listens on this port of loopback, or on any if it is taken.
async fn listen(port: u16) -> Result<TcpListener, Failure> {
    match TcpListener::bind(loopback(port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind(loopback(0)).await?),
    }
}

/// The publishers under their names, the inbox under the machine's own.
pub(super) fn answer(site: &Site, mailbox: &Mailbox, asked: &Asked) -> Answer {
    if asked.host != "127.0.0.1" && asked.host != site::SUFFIX {
        return site.answer(asked);
    }
    if asked.path == "/" {
        return Answer::document("text/html; charset=utf-8", mailbox.page("<p>New mails: load the page again.</p>"));
    }
    let file = mailbox.file(asked.path.trim_start_matches('/'));
    file.map_or_else(Answer::not_found, |(content_type, bytes)| Answer::document(content_type, bytes))
}
