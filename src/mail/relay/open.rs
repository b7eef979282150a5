//! Opens a connection to a relay: TCP, TLS, greeting, EHLO, AUTH, each phase under its own timeout.
//! It hands over no mail.
//!
//! lettre's own `starttls()` keeps what came before TLS, and its connect gives no phase and no `TCP_NODELAY`. So the few lines
//! before TLS are exchanged here, with lettre's commands and parser, and its connection begins on a stream that is already safe.

use std::{io, sync::Arc};

use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
    commands::{Ehlo, Starttls},
    extension::ClientId,
    response::Response,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::rustls::{
    self, ClientConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::{
    Cause, RelayConfig, RelayError, TlsMode,
    capabilities::Capabilities,
    stream::{ReplyStream, Wire},
    transact::{Connection, reply_of},
};
use crate::delivery::{Phase, Reply};

/// Lines of one reply; lettre bounds the bytes but only of those replies that it reads itself.
const REPLY_LINES_MAX: usize = 100;
/// Holds the longest line that [`ReplyStream`] gives.
const LINE_ROOM: usize = 4096;
/// lettre waits for a greeting before its EHLO; the real one was read and judged by then.
const GREETING_READ: &[u8] = b"220 greeting already read\r\n";

/// A relay with its TLS made ready: certificates are read once, and later connections resume sessions.
#[derive(Clone, Debug)]
pub struct Relay {
    config: RelayConfig,
    tls: Option<Arc<ClientConfig>>,
}

impl Relay {
    /// Checks the configuration and reads the certificates to trust.
    pub fn new(config: RelayConfig) -> Result<Self, RelayError> {
        let failed = |cause| error(&config, Phase::Connect, cause);
        config.check().map_err(|sentence| failed(Cause::Config(sentence)))?;
        let tls = match config.tls {
            TlsMode::None => None,
            TlsMode::Starttls | TlsMode::Implicit => Some(tls_config(&config).map_err(failed)?),
        };
        Ok(Self { config, tls })
    }

    /// Its configuration.
    pub const fn config(&self) -> &RelayConfig {
        &self.config
    }

    /// Opens a connection that is ready for mail.
    pub async fn connect(&self) -> Result<Connection, RelayError> {
        let opening = Opening { config: &self.config, tls: self.tls.as_ref() };
        let (stream, hello) =
            opening.safe_stream().await.map_err(|(phase, cause)| error(&self.config, phase, cause))?;
        opening.session(stream, hello).await.map_err(|(phase, cause)| error(&self.config, phase, cause))
    }
}

fn error(config: &RelayConfig, phase: Phase, cause: Cause) -> RelayError {
    RelayError { relay: config.name.clone(), address: format!("{}:{}", config.host, config.port), phase, cause }
}

fn tls_config(config: &RelayConfig) -> Result<Arc<ClientConfig>, Cause> {
    let mut extra = Vec::new();
    if let Some(path) = &config.ca_file {
        let unreadable = |why: String| {
            let path = path.display();
            Cause::Config(format!(
                "relay `{}`: ca_file {path} gives no certificate ({why}); it has to be a PEM file",
                config.name
            ))
        };
        let found = CertificateDer::pem_file_iter(path).map_err(|e| unreadable(e.to_string()))?;
        for certificate in found {
            extra.push(certificate.map_err(|e| unreadable(e.to_string()))?);
        }
        if extra.is_empty() {
            return Err(unreadable("it is empty".to_owned()));
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let broken = |e: rustls::Error| {
        Cause::Config(format!("relay `{}`: TLS cannot be set up: {e}; install ca-certificates", config.name))
    };
    let verifier =
        rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(broken)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(broken)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

type Failed = (Phase, Cause);

/// Runs `step` under the phase's own timeout.
async fn within<T>(
    config: &RelayConfig,
    phase: Phase,
    step: impl Future<Output = Result<T, Cause>>,
) -> Result<T, Failed> {
    let limit = config.timeouts.of(phase);
    match timeout(limit, step).await {
        Ok(result) => result.map_err(|cause| (phase, cause)),
        Err(_) => Err((phase, Cause::Timeout(limit.as_secs()))),
    }
}

struct Opening<'a> {
    config: &'a RelayConfig,
    tls: Option<&'a Arc<ClientConfig>>,
}

impl Opening<'_> {
    /// Everything up to the point where the stream is as safe as the configuration asks: TCP, greeting, STARTTLS, TLS.
    async fn safe_stream(&self) -> Result<(ReplyStream, ClientId), Failed> {
        let config = self.config;
        let tcp = self.tcp().await?;
        let hello = hello_name(config, &tcp);
        let wire = match config.tls {
            TlsMode::Implicit => self.handshake(tcp).await?,
            TlsMode::Starttls | TlsMode::None => Wire::Plain(tcp),
        };
        let mut stream = ReplyStream::new(wire);
        within(config, Phase::Greeting, expect(&mut stream, 220)).await?;
        if config.tls == TlsMode::Starttls {
            stream = self.starttls(stream, &hello).await?;
        }
        stream.replay(GREETING_READ);
        Ok((stream, hello))
    }

    /// Tries each address of the host in turn.
    async fn tcp(&self) -> Result<TcpStream, Failed> {
        let config = self.config;
        let host = (config.host.as_str(), config.port);
        let addresses =
            within(config, Phase::Connect, async { lookup_host(host).await.map_err(Cause::Network) }).await?;
        let nowhere = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
        let mut last = (Phase::Connect, Cause::Network(nowhere));
        for address in addresses {
            match within(config, Phase::Connect, async { TcpStream::connect(address).await.map_err(Cause::Network) })
                .await
            {
                Ok(tcp) => {
                    // Without it each mail waits for a delayed acknowledgement: 40 ms.
                    tcp.set_nodelay(true).map_err(|e| (Phase::Connect, Cause::Network(e)))?;
                    return Ok(tcp);
                }
                Err(failed) => last = failed,
            }
        }
        Err(last)
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<Wire, Failed> {
        let host = &self.config.host;
        let tls = self.tls.expect("`Relay::new` makes TLS ready for every mode that comes here");
        let name = ServerName::try_from(host.clone())
            .map_err(|_| (Phase::Tls, Cause::Config(format!("`{host}` is no name that a certificate can be for"))))?;
        within(self.config, Phase::Tls, async {
            Wire::secure(tcp, Arc::clone(tls), name).await.map_err(|e| match e.kind() {
                io::ErrorKind::InvalidData => Cause::Certificate(e.to_string()),
                _ => Cause::Network(e),
            })
        })
        .await
    }

    /// EHLO and STARTTLS in the clear. Nothing that was said before TLS is believed after it (RFC 3207, 4.2).
    async fn starttls(&self, mut stream: ReplyStream, hello: &ClientId) -> Result<ReplyStream, Failed> {
        let config = self.config;
        let answer = within(config, Phase::Ehlo, ask(&mut stream, &Ehlo::new(hello.clone()).to_string(), 250)).await?;
        if !Capabilities::read(answer.message()).starttls {
            return Err((Phase::StartTls, Cause::NotOffered("STARTTLS (tls = \"implicit\" is for port 465)")));
        }
        within(config, Phase::StartTls, ask(&mut stream, &Starttls.to_string(), 220)).await?;
        match stream.into_wire() {
            (_, unread) if unread > 0 => Err((Phase::StartTls, Cause::Injected(unread))),
            (Wire::Plain(tcp), _) => Ok(ReplyStream::new(self.handshake(tcp).await?)),
            (Wire::Tls(_), _) => Err((Phase::StartTls, Cause::Protocol("TLS stands already".to_owned()))),
        }
    }

    /// EHLO on the safe stream, and AUTH.
    async fn session(&self, mut stream: ReplyStream, hello: ClientId) -> Result<Connection, Failed> {
        let config = self.config;
        let heard = stream.listen();
        let written = stream.written();
        let mut smtp = within(config, Phase::Ehlo, async {
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.map_err(cause_of)
        })
        .await?;
        let answer = std::mem::take(&mut *heard.lock().expect("no code panics while it holds this lock"));
        drop(heard);
        let capabilities =
            Capabilities::read(String::from_utf8_lossy(&answer).lines().map(|line| line.get(4..).unwrap_or("")));
        if let (Some(username), Some(password)) = (&config.username, &config.password) {
            let credentials = Credentials::new(username.clone(), password.expose().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            if smtp.server_info().get_auth_mechanism(&mechanisms).is_none() {
                return Err((Phase::Auth, Cause::NotOffered("AUTH PLAIN or AUTH LOGIN")));
            }
            within(config, Phase::Auth, async { smtp.auth(&mechanisms, &credentials).await.map_err(cause_of) }).await?;
        }
        Ok(Connection::new(smtp, written, capabilities, config))
    }
}

/// The name in EHLO; a machine without a name gives its address as a literal (RFC 5321, 4.1.4).
fn hello_name(config: &RelayConfig, tcp: &TcpStream) -> ClientId {
    if !config.ehlo.is_empty() {
        return ClientId::Domain(config.ehlo.clone());
    }
    match tcp.local_addr().map(|address| address.ip()) {
        Ok(std::net::IpAddr::V4(ip)) => ClientId::Ipv4(ip),
        Ok(std::net::IpAddr::V6(ip)) => ClientId::Ipv6(ip),
        Err(_) => ClientId::default(),
    }
}

fn cause_of(error: lettre::transport::smtp::Error) -> Cause {
    match reply_of(Err(error)) {
        Ok(reply) => Cause::Reply(reply),
        Err(text) => Cause::Protocol(text),
    }
}

async fn ask(stream: &mut ReplyStream, command: &str, code: u16) -> Result<Response, Cause> {
    stream.write_all(command.as_bytes()).await.map_err(Cause::Network)?;
    stream.flush().await.map_err(Cause::Network)?;
    expect(stream, code).await
}

/// Reads one reply and insists on its code.
async fn expect(stream: &mut ReplyStream, code: u16) -> Result<Response, Cause> {
    let mut text = String::new();
    let mut line = [0; LINE_ROOM];
    for _ in 0..REPLY_LINES_MAX {
        let read = stream.read(&mut line).await.map_err(Cause::Network)?;
        if read == 0 {
            return Err(Cause::Network(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the relay closed the connection",
            )));
        }
        text.push_str(&String::from_utf8_lossy(&line[..read]));
        // `250-` has more lines after it, `250 ` has not (RFC 5321, 4.2.1).
        if !matches!(line[..read], [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b'-', ..]) {
            let response: Response = text.parse().map_err(|_| Cause::Protocol(format!("{:.80}", text.trim_end())))?;
            if response.has_code(code) {
                return Ok(response);
            }
            let lines: Vec<&str> = response.message().collect();
            return Err(Cause::Reply(Reply::new(response.code().into(), &lines.join(" "))));
        }
    }
    Err(Cause::Protocol(format!("a reply of more than {REPLY_LINES_MAX} lines")))
}
