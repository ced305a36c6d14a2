//! Mails through an SMTP server, over TLS unless the server is on this machine.

use async_trait::async_trait;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::Url;

use super::{Mail, MailConfig, MailError, Mailer, message};

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

impl Smtp {
    pub(super) fn open(config: &MailConfig) -> Result<Self, MailError> {
        let refused = |error: &dyn std::fmt::Display| MailError::Refused(error.to_string());
        let url = Url::parse(&config.smtp_url).map_err(|error| refused(&error))?;
        let host = url.host_str().ok_or_else(|| refused(&"smtp_url has no host"))?;
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let mut builder = match (url.scheme(), local) {
            ("smtps", _) => AsyncSmtpTransport::<Tokio1Executor>::relay(host)
                .map_err(|error| refused(&error))?,
            ("smtp", true) => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
            ("smtp", false) => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host)
                .map_err(|error| refused(&error))?,
            (other, _) => return Err(refused(&format!("smtp_url cannot be {other}://"))),
        };
        if let Some(port) = url.port() {
            builder = builder.port(port);
        }
        if let Some(password) = &config.smtp_password {
            let password = password.reveal().map_err(|error| refused(&error))?;
            builder = builder.credentials(Credentials::new(url.username().to_owned(), password));
        }
        Ok(Self { transport: builder.build(), from: config.from.clone() })
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(error.to_string())),
            Err(error) => Err(MailError::Later(error.to_string())),
        }
    }

    fn is_folder(&self) -> bool {
        false
    }
}
