//! What operators do on the command line; works beside a running server on the same database.

use std::io::{BufRead as _, Write as _};

use clap::{Args, Subcommand};
use kit::clock;
use kit::db::DbErr;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::{self, Account, AccountError, Actor, Email, NewAccount, Role, Username};
use crate::audit::Verdict;
use crate::factors;
use crate::oauth::{self, KeysCommand, cli as oauth_cli};
use crate::passwords::{self, PasswordError};
use crate::{Config, Identity, StartError, audit};

const PAGE: u32 = 500;
const PASSWORD_BYTES_MAX: usize = 4 * 1024;

/// `tertulia identity …`
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Apps that may sign people in.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Access tokens for tests and load tools.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The keys that sign tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The audit.
    #[command(subcommand)]
    Audit(AuditCommand),
}

/// `tertulia identity user …`
#[derive(Debug, Clone, Subcommand)]
pub enum UserCommand {
    /// Make an account; prints `{id, sub, username}`.
    Create(UserCreate),
    /// Print all accounts as JSON: `{items: […]}`.
    List,
    /// Close an account and end its sessions everywhere.
    Block(UserBlock),
    /// Open a blocked account again.
    Unblock(UserName),
    /// Give an account another role.
    Role(UserRole),
    /// Take all second steps from an account whose person has lost them.
    RemoveFactors(UserName),
}

/// Make an account.
#[derive(Debug, Clone, Args)]
pub struct UserCreate {
    /// Its e-mail address.
    #[arg(long)]
    pub email: String,
    /// Its user name.
    #[arg(long)]
    pub username: String,
    /// How others see it; the user name if left out.
    #[arg(long)]
    pub display_name: Option<String>,
    /// Its password, which other programs on this machine may see: rather use
    /// `--password-stdin`.
    #[arg(long, required_unless_present = "password_stdin")]
    pub password: Option<String>,
    /// Read the password from the first line of standard input.
    #[arg(long, conflicts_with = "password")]
    pub password_stdin: bool,
    /// The address needs no confirmation by mail.
    #[arg(long)]
    pub verified: bool,
    /// Its role; left out, the first verified account becomes owner and others members.
    #[arg(long)]
    pub role: Option<Role>,
}

/// Give an account another role.
#[derive(Debug, Clone, Args)]
pub struct UserRole {
    /// User name or e-mail address.
    pub user: String,
    /// The role.
    pub role: Role,
}

/// Close an account.
#[derive(Debug, Clone, Args)]
pub struct UserBlock {
    /// User name or e-mail address.
    pub user: String,
    /// Why, for the audit.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// Somebody.
#[derive(Debug, Clone, Args)]
pub struct UserName {
    /// User name or e-mail address.
    pub user: String,
}

/// `tertulia identity client …`
#[derive(Debug, Clone, Subcommand)]
pub enum ClientCommand {
    /// Register an app; prints `{client_id, client_secret?}`.
    Create(oauth_cli::ClientCreate),
    /// Print all apps as JSON: `{items: […]}`.
    List,
    /// Remove an app and everything that people gave it.
    Delete(oauth_cli::ClientId),
    /// Make a token that lets a program register apps; prints `{registration_token, …}`.
    RegistrationToken(oauth::RegistrationToken),
}

/// `tertulia identity token …`
#[derive(Debug, Clone, Subcommand)]
pub enum TokenCommand {
    /// Print an access token for the chat API.
    Create(oauth_cli::TokenCreate),
}

/// `tertulia identity audit …`
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Check that no entry was changed or taken out.
    Verify,
}

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Identity could not be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// An argument is wrong.
    #[error("{0}")]
    Argument(String),
    /// There is nobody of that name.
    #[error("there is no account named {0:?}")]
    NoUser(String),
    /// The store of accounts.
    #[error("{0}")]
    Account(String),
    /// The database.
    #[error("identity's database: {0}")]
    Db(#[from] DbErr),
    /// Apps and tokens.
    #[error(transparent)]
    OAuth(#[from] oauth_cli::CliError),
    /// The keys that sign tokens.
    #[error(transparent)]
    Signing(#[from] oauth::SigningError),
    /// The audit does not fit together.
    #[error("the audit is broken at entry {0}")]
    Audit(i64),
    /// Standard input or output.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<AccountError> for CliError {
    fn from(error: AccountError) -> Self {
        Self::Account(error.to_string())
    }
}

impl From<PasswordError> for CliError {
    fn from(error: PasswordError) -> Self {
        Self::Account(error.to_string())
    }
}

/// Runs `command` and prints what it answers.
pub async fn run(config: Config, command: Command) -> Result<(), CliError> {
    let identity = crate::open(config).await?;
    let answer = answer(&identity, command).await?;
    let text = match answer {
        Value::String(text) => text,
        json => json.to_string(),
    };
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// What `command` prints: JSON, or a bare string for a token.
pub async fn answer(identity: &Identity, command: Command) -> Result<Value, CliError> {
    Ok(match command {
        Command::User(UserCommand::Create(args)) => create(identity, args).await?,
        Command::User(UserCommand::List) => list(identity).await?,
        Command::User(UserCommand::Block(args)) => {
            let user = find(identity, &args.user).await?;
            let done = accounts::block(identity, &Actor::Operator, user, &args.reason).await?;
            json!({"blocked": done})
        }
        Command::User(UserCommand::Unblock(args)) => {
            let user = find(identity, &args.user).await?;
            json!({"unblocked": accounts::unblock(identity, &Actor::Operator, user).await?})
        }
        Command::User(UserCommand::Role(args)) => {
            let user = find(identity, &args.user).await?;
            let done = accounts::change_role(identity, &Actor::Operator, user, args.role).await?;
            json!({"changed": done, "role": args.role})
        }
        Command::User(UserCommand::RemoveFactors(args)) => {
            let user = find(identity, &args.user).await?;
            json!({"removed": factors::remove_all(identity, &Actor::Operator, user).await?})
        }
        Command::Client(command) => client(identity, command).await?,
        Command::Token(TokenCommand::Create(args)) => {
            Value::String(oauth_cli::token_create(identity, args).await?)
        }
        Command::Keys(command) => oauth::keys_command(identity, command).await?,
        Command::Audit(AuditCommand::Verify) => match audit::verify(identity.db.reader()).await? {
            Verdict::Whole { entries, first } => json!({"entries": entries, "first": first}),
            Verdict::Broken(at) => return Err(CliError::Audit(at)),
        },
    })
}

async fn client(identity: &Identity, command: ClientCommand) -> Result<Value, CliError> {
    Ok(match command {
        ClientCommand::Create(args) => oauth_cli::client_create(identity, args).await?,
        ClientCommand::List => oauth_cli::client_list(identity).await?,
        ClientCommand::Delete(args) => oauth_cli::client_delete(identity, &args.id).await?,
        ClientCommand::RegistrationToken(args) => oauth::make_token(identity, &args).await?,
    })
}

async fn create(identity: &Identity, args: UserCreate) -> Result<Value, CliError> {
    let wrong = |what: &str| CliError::Argument(what.to_owned());
    let email = Email::parse(&args.email).ok_or_else(|| wrong("--email is not an address"))?;
    let username = Username::parse(&args.username)
        .ok_or_else(|| wrong("--username is 2 to 32 ASCII letters, digits, '.', '-' or '_'"))?;
    let display_name = args.display_name.as_deref().unwrap_or(username.as_str());
    let display_name = accounts::display_name(display_name)
        .ok_or_else(|| wrong("--display-name has 1 to 80 characters"))?;
    let password = match args.password {
        Some(password) => password,
        None => read_password()?,
    };
    let password = passwords::normalise(&password);
    if password.chars().count() < passwords::OPERATOR_CHARS_MIN {
        return Err(wrong("the password has fewer than 8 characters"));
    }
    let phc = identity.hasher.hash(&password).await?;
    let new = NewAccount {
        username: &username,
        email: &email,
        display_name: &display_name,
        phc: &phc,
        verified: args.verified,
        role: args.role,
    };
    let account = accounts::create(identity, new).await?;
    Ok(json!({"id": account.id, "sub": account.sub, "username": account.username}))
}

fn read_password() -> Result<String, CliError> {
    let mut line = String::new();
    let limit = u64::try_from(PASSWORD_BYTES_MAX).unwrap_or(u64::MAX);
    std::io::Read::take(std::io::stdin().lock(), limit).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn list(identity: &Identity) -> Result<Value, CliError> {
    let mut items = Vec::new();
    let mut after: Option<Uuid> = None;
    loop {
        let page = accounts::list(identity, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        items.extend(page.iter().map(item));
    }
    Ok(json!({"items": items}))
}

fn item(account: &Account) -> Value {
    json!({
        "id": account.id,
        "sub": account.sub,
        "username": account.username,
        "display_name": account.display_name,
        "email": account.email,
        "email_verified": account.email_verified,
        "role": account.role.as_str(),
        "status": account.status.as_str(),
        "created_at": clock::rfc3339(account.created_at),
    })
}

async fn find(identity: &Identity, name: &str) -> Result<Uuid, CliError> {
    let user = accounts::by_name(identity, name).await?;
    user.ok_or_else(|| CliError::NoUser(name.to_owned()))
}
