//! Hands one mail after another to a relay over an open connection and says of each how far it came.
//! It does not open connections and does not try twice.

use std::{
    fmt::{self, Display},
    future::{Future, ready},
    sync::Arc,
    time::Duration,
};

use lettre::transport::smtp::{
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Quit, Rcpt, Rset},
    extension::{MailBodyParameter, MailParameter},
    response::Response,
};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Envelope, Outcome, Relay, RelayConfig, RelayError, Timeouts, Unsendable, body::Body, capabilities::Capabilities,
    stream::Written,
};
use crate::delivery::{Phase, Reply};

/// A relay may close a connection that says nothing (Postfix after 300 s, some after 60 s), and a mail would find out.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// QUIT is a courtesy; what counts has been answered by then.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

/// An open connection to a relay, for one mail at a time.
pub struct Connection {
    smtp: AsyncSmtpConnection,
    written: Arc<Written>,
    capabilities: Capabilities,
    timeouts: Timeouts,
    mails_left: u32,
    usable: bool,
    last_used: Instant,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("usable", &self.usable)
            .field("mails_left", &self.mails_left)
            .finish_non_exhaustive()
    }
}

/// Why the commands before the mail did not lead to it; the flag says whether the relay waits for a mail all the same.
enum Stopped {
    Refused { phase: Phase, reply: Reply, in_order: bool },
    Broken { phase: Phase, error: String },
    CalledOff,
}

impl Connection {
    /// Opens a connection. Who opens more than one keeps a [`Relay`] instead: it reads the certificates once.
    pub async fn open(config: &RelayConfig) -> Result<Self, RelayError> {
        Relay::new(config.clone())?.connect().await
    }

    pub(super) fn new(
        smtp: AsyncSmtpConnection,
        written: Arc<Written>,
        capabilities: Capabilities,
        config: &RelayConfig,
    ) -> Self {
        let (timeouts, mails_left) = (config.timeouts, config.mails_per_connection);
        Self { smtp, written, capabilities, timeouts, mails_left, usable: true, last_used: Instant::now() }
    }

    /// Whether another mail may go over it: nothing broke, the bound is not reached, and it was not silent for long.
    pub fn is_reusable(&self) -> bool {
        self.usable && self.mails_left > 0 && self.last_used.elapsed() < IDLE_MAX
    }

    /// Hands over one mail. The final dot may have left once this is polled: a caller that drops the future is in doubt too.
    ///
    /// `message` is complete and ends in CR LF. DATA goes out together with MAIL where the relay offers PIPELINING, so what
    /// must be on disk before DATA has to be there before this is called.
    pub async fn transact(&mut self, envelope: &Envelope, message: &[u8]) -> Outcome {
        self.transact_if(envelope, message, ready(true)).await
    }

    /// The same; where DATA waits for the replies to MAIL and RCPT, which may take minutes, `may_begin` is asked right before it.
    pub async fn transact_if(
        &mut self,
        envelope: &Envelope,
        message: &[u8],
        may_begin: impl Future<Output = bool> + Send,
    ) -> Outcome {
        let fit = Body::new(message).and_then(|body| Ok((self.mail_command(envelope, &body)?, body)));
        let (mail, body) = match fit {
            Ok(fit) => fit,
            Err(why) => return Outcome::Unsendable(why),
        };
        // Only a transaction that came to a clean end gives the connection back; a dropped future does not.
        let was_usable = std::mem::replace(&mut self.usable, false);
        if !was_usable {
            let error = "the connection broke before".to_owned();
            return Outcome::Broken { phase: Phase::Mail, in_doubt: false, error };
        }
        self.mails_left = self.mails_left.saturating_sub(1);
        let rcpt = Rcpt::new(envelope.to.inner().clone(), vec![]);
        let stopped = if self.capabilities.pipelining {
            self.commands_at_once(&mail, &rcpt).await
        } else {
            self.commands_in_turn(&mail, &rcpt, may_begin).await
        };
        let outcome = match stopped {
            Ok(()) => self.hand_over(&body).await,
            Err(Stopped::CalledOff) => {
                self.usable = self.reset().await;
                let error = "a stop came before DATA".to_owned();
                Outcome::Broken { phase: Phase::Data, in_doubt: false, error }
            }
            Err(Stopped::Broken { phase, error }) => Outcome::Broken { phase, in_doubt: false, error },
            Err(Stopped::Refused { phase, reply, in_order }) => {
                self.usable = in_order && reply.code != 421 && self.reset().await;
                Outcome::Replied { phase, reply }
            }
        };
        self.last_used = Instant::now();
        outcome
    }

    /// Says goodbye; a relay that does not answer is left.
    pub async fn quit(mut self) {
        if self.usable {
            let _ = timeout(QUIT_TIMEOUT, self.smtp.command(Quit)).await;
        }
    }

    fn mail_command(&self, envelope: &Envelope, body: &Body<'_>) -> Result<Mail, Unsendable> {
        let mut parameters = Vec::new();
        if let Some(limit) = self.capabilities.size {
            let size = body.size();
            if size > limit {
                return Err(Unsendable::TooLarge { size, limit });
            }
            parameters.push(MailParameter::Size(size));
        }
        if !body.is_ascii() {
            if !self.capabilities.eight_bit_mime {
                return Err(Unsendable::Needs8BitMime);
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if !envelope.to.is_ascii() || envelope.from.as_ref().is_some_and(|from| !from.is_ascii()) {
            if !self.capabilities.smtp_utf8 {
                return Err(Unsendable::NeedsSmtpUtf8);
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        Ok(Mail::new(envelope.from.as_ref().map(|from| from.inner().clone()), parameters))
    }

    async fn commands_in_turn(
        &mut self,
        mail: &Mail,
        rcpt: &Rcpt,
        may_begin: impl Future<Output = bool> + Send,
    ) -> Result<(), Stopped> {
        let reply = self.command(Phase::Mail, mail).await?;
        accept(Phase::Mail, reply, true)?;
        let reply = self.command(Phase::Rcpt, rcpt).await?;
        accept(Phase::Rcpt, reply, true)?;
        if !may_begin.await {
            return Err(Stopped::CalledOff);
        }
        let reply = self.command(Phase::Data, &Data).await?;
        accept(Phase::Data, reply, true)
    }

    /// MAIL, RCPT and DATA in one write (RFC 2920), then their three replies. The first refusal is what counts.
    async fn commands_at_once(&mut self, mail: &Mail, rcpt: &Rcpt) -> Result<(), Stopped> {
        let to_mail = self.command(Phase::Mail, &format!("{mail}{rcpt}{Data}")).await?;
        let to_rcpt = self.next_reply(Phase::Rcpt).await;
        let to_data =
            if to_rcpt.is_ok() { self.next_reply(Phase::Data).await } else { Err(broken_before(Phase::Data)) };
        // A relay that says 354 after a refusal waits for a mail. Nothing is given to it, the connection is left: a dot alone
        // could send an empty mail to whoever was accepted.
        let in_order = matches!(&to_data, Ok(reply) if reply.code >= 400);
        accept(Phase::Mail, to_mail, in_order)?;
        accept(Phase::Rcpt, to_rcpt?, in_order)?;
        accept(Phase::Data, to_data?, true)
    }

    async fn command(&mut self, phase: Phase, command: &(impl Display + Sync)) -> Result<Reply, Stopped> {
        let limit = self.timeouts.of(phase);
        settle(phase, limit, timeout(limit, self.smtp.command(command)).await.map(reply_of))
    }

    async fn next_reply(&mut self, phase: Phase) -> Result<Reply, Stopped> {
        let limit = self.timeouts.of(phase);
        settle(phase, limit, timeout(limit, self.smtp.read_response()).await.map(reply_of))
    }

    async fn reset(&mut self) -> bool {
        matches!(self.command(Phase::Mail, &Rset).await, Ok(reply) if reply.code == 250)
    }

    /// The mail and its end, as one command of lettre's. Doubt begins when the wire has taken the last byte of the final dot:
    /// without it no relay has a whole mail.
    async fn hand_over(&mut self, body: &Body<'_>) -> Outcome {
        let end = self.written.now().0 + body.wire_size();
        let written = Arc::clone(&self.written);
        let progress = || {
            let (bytes, since) = written.now();
            (if bytes < end { Phase::Body } else { Phase::Dot }, since)
        };
        let sending = self.smtp.command(body);
        tokio::pin!(sending);
        let result = loop {
            let (phase, since) = progress();
            let limit = self.timeouts.of(phase);
            match timeout_at(since + limit, &mut sending).await {
                Ok(result) => break reply_of(result),
                Err(_) if progress() == (phase, since) => break Err(no_answer(limit)),
                // The wire took more in between: its time counts anew.
                Err(_) => {}
            }
        };
        match (progress().0, result) {
            (Phase::Dot, Ok(reply)) => {
                self.usable = reply.code != 421 && !(300..=399).contains(&reply.code);
                Outcome::Replied { phase: Phase::Dot, reply }
            }
            (phase, Ok(reply)) => {
                Outcome::Broken { phase, in_doubt: false, error: format!("a reply in the middle of the mail: {reply}") }
            }
            (phase, Err(error)) => Outcome::Broken { phase, in_doubt: phase == Phase::Dot, error },
        }
    }
}

/// A full reply, positive or not, or what kept it from being one.
pub(super) fn reply_of(result: Result<Response, lettre::transport::smtp::Error>) -> Result<Reply, String> {
    use std::error::Error;
    match result {
        Ok(response) => {
            let lines: Vec<&str> = response.message().collect();
            Ok(Reply::new(response.code().into(), &lines.join(" ")))
        }
        // lettre makes an error of 4xx and 5xx, with the reply's text as its source.
        Err(error) => match error.status() {
            Some(code) => Ok(Reply::new(code.into(), &error.source().map(ToString::to_string).unwrap_or_default())),
            None => Err(error.source().map_or_else(|| error.to_string(), ToString::to_string)),
        },
    }
}

fn no_answer(limit: Duration) -> String {
    format!("no answer within {} s", limit.as_secs())
}

fn broken_before(phase: Phase) -> Stopped {
    Stopped::Broken { phase, error: "the connection broke before".to_owned() }
}

fn settle(
    phase: Phase,
    limit: Duration,
    result: Result<Result<Reply, String>, tokio::time::error::Elapsed>,
) -> Result<Reply, Stopped> {
    match result {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(Stopped::Broken { phase, error }),
        Err(_) => Err(Stopped::Broken { phase, error: no_answer(limit) }),
    }
}

/// Lets the right positive reply pass. 250 where 354 is due means that replies and commands no longer pair up, and to go on
/// would book one mail's answer on another.
fn accept(phase: Phase, reply: Reply, in_order: bool) -> Result<(), Stopped> {
    match (phase, reply.code) {
        (Phase::Data, 354) | (Phase::Mail | Phase::Rcpt, 250..=252) => Ok(()),
        (_, 400..=599) => Err(Stopped::Refused { phase, reply, in_order }),
        _ => Err(Stopped::Broken { phase, error: format!("an answer that does not fit: {reply}") }),
    }
}
