//! Codes that were sent: reading them, and moving the clock behind the service's back.

use std::time::{Duration, Instant};

use identity::Config;
use kit::sms::{Driver, GatewayConfig};
use reqwest::Method;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;

use crate::world::{Browser, PASSWORD, World};

pub(crate) const MAIL: &str = "/id/account/security/mail";
pub(crate) const PHONE: &str = "/id/account/security/phone";

/// Text messages to Spain go into a file.
pub(crate) fn with_file(config: &mut Config) {
    let name = "file".to_owned();
    config.sms.gateways = vec![GatewayConfig { name, ..GatewayConfig::default() }];
    config.sms.countries = vec!["ES".to_owned()];
}

/// A gateway that is asked over HTTP, with a body of JSON.
pub(crate) fn over_http(name: &str, url: &str) -> GatewayConfig {
    GatewayConfig {
        name: name.to_owned(),
        driver: Driver::Http,
        url: url.to_owned(),
        headers: [("content-type".to_owned(), "application/json".to_owned())].into(),
        body: r#"{"to":"{to}","text":"{text}","id":"{id}","back":"{receipts}"}"#.to_owned(),
        ..GatewayConfig::default()
    }
}

/// What `find` answers as soon as it answers something.
pub(crate) async fn eventually<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn code_in(mail: &str) -> Option<String> {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    mail.lines().map(str::trim).find(is_code).map(ToOwned::to_owned)
}

impl World {
    /// The codes mailed to somebody so far.
    pub(crate) fn mailed(&self, name: &str) -> Vec<String> {
        let mails = self.mails(&format!("{name}@example.org"));
        mails.iter().filter_map(|mail| code_in(mail)).collect()
    }

    /// The code number `count` that is mailed to somebody.
    pub(crate) async fn mailed_code(&self, name: &str, count: usize) -> String {
        eventually("a code by mail", || self.mailed(name).get(count - 1).cloned()).await
    }

    /// The messages of the gateway `file` so far.
    pub(crate) fn texts(&self) -> Vec<Value> {
        let file = std::fs::read_to_string(self.data_dir().join("sms/file.jsonl"));
        let lines = file.unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The code in the message number `count`.
    pub(crate) async fn texted_code(&self, count: usize) -> String {
        let text = eventually("an SMS", || self.texts().get(count - 1).cloned()).await;
        code_of(&text)
    }

    /// Runs SQL behind the service's back; table names in braces.
    pub(crate) async fn sql(&self, sql: &str, tables: &[&str]) {
        let sql = self.named(sql, tables);
        self.connection().await.execute_unprepared(&sql).await.unwrap();
    }

    /// The only number that a query answers.
    pub(crate) async fn count(&self, sql: &str, tables: &[&str]) -> i64 {
        let connection = self.connection().await;
        let statement =
            Statement::from_string(connection.get_database_backend(), self.named(sql, tables));
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// All rows of a table as text.
    pub(crate) async fn rows(&self, table: &str) -> Vec<String> {
        let connection = self.connection().await;
        let sql = format!("SELECT * FROM {}", self.table(table));
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| format!("{row:?}")).collect()
    }

    fn named(&self, sql: &str, tables: &[&str]) -> String {
        tables.iter().fold(sql.to_owned(), |sql, table| {
            sql.replace(&format!("{{{table}}}"), &self.table(table))
        })
    }

    /// The pause between two codes is over.
    pub(crate) async fn pause_is_over(&self) {
        let sql = "UPDATE {otp_challenges} SET sent_at = sent_at - 30000";
        self.sql(sql, &["otp_challenges"]).await;
    }

    /// How often the audit has an event with this in its detail.
    pub(crate) async fn audited(&self, event: &str, detail: &str) -> i64 {
        let sql = format!(
            "SELECT COUNT(*) FROM {{audit}} WHERE event = '{event}' AND detail LIKE '%{detail}%'"
        );
        self.count(&sql, &["audit"]).await
    }

    /// Somebody who is signed in by password.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser<'_> {
        self.person(name).await;
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(name, PASSWORD).await, 200);
        browser
    }

    /// Somebody whose second step is a code by mail; signed in so.
    pub(crate) async fn by_mail(&self, name: &str) -> Browser<'_> {
        let mut browser = self.signed_in(name).await;
        browser.open(MAIL).await;
        assert_eq!(browser.submit(&[]).await, 200, "{}", browser.page);
        let code = self.mailed_code(name, 1).await;
        assert_eq!(browser.submit(&[("code", &code), ("name", "Mail")]).await, 200);
        browser
    }

    /// The password, and then the page of the second step.
    pub(crate) async fn half_in(&self, name: &str, kind: &str) -> Browser<'_> {
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(name, PASSWORD).await, 200, "{}", browser.page);
        let page = format!("/id/login/2fa/{kind}?ix=");
        assert!(browser.address.contains(&page), "{}: {}", browser.address, browser.page);
        browser
    }
}

pub(crate) fn code_of(text: &Value) -> String {
    text["text"].as_str().unwrap().rsplit('#').next().unwrap().to_owned()
}

impl Browser<'_> {
    /// Sends the form whose action has `part` in it.
    pub(crate) async fn press(&mut self, part: &str) -> u16 {
        let forms = self.page.split("<form").skip(1);
        let form = forms.map(|rest| rest.split("</form>").next().unwrap());
        let value = |tag: &str, name: &str| {
            let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
            Some(rest.split('"').next()?.replace("&amp;", "&").replace("&#38;", "&"))
        };
        let wanted = |form: &&str| value(form, "action").is_some_and(|to| to.contains(part));
        let form = form.into_iter().find(wanted);
        let form = form.unwrap_or_else(|| panic!("no form {part}: {}", self.page));
        let action = value(form, "action").unwrap();
        let hidden = form.split("<input").skip(1).filter(|tag| tag.contains("type=\"hidden\""));
        let pair = |tag: &str| (value(tag, "name").unwrap(), value(tag, "value").unwrap());
        let fields = hidden.map(pair).collect();
        self.go(Method::POST, &action, Some(fields)).await
    }

    /// Adds the second step by mail to the sign-in of `name`, on whose page this browser is.
    pub(crate) async fn raise(&mut self, name: &str, count: usize) {
        assert!(self.address.contains("/login/2fa/mail"), "{}: {}", self.address, self.page);
        assert_eq!(self.press("/send").await, 200, "{}", self.page);
        let code = self.world.mailed_code(name, count).await;
        assert_eq!(self.submit(&[("code", &code)]).await, 200, "{}", self.page);
    }

    /// A wrong code, whatever the right one is.
    pub(crate) async fn miss(&mut self, right: &str) -> u16 {
        let wrong = if right == "000000" { "000001" } else { "000000" };
        self.submit(&[("code", wrong), ("name", "x")]).await
    }
}
