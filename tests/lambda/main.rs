//! The functions as AWS Lambda calls them, with the events of everything that can stand before
//! them: a function URL or HTTP API (payload format 2.0), a REST API, a load balancer.

use base64::Engine as _;
use blackbox::functions::{SECRET, signature};
use blackbox::lambda::Lambda;
use blackbox::smtp::MailServer;
use blackbox::speech::{Sound, program};
use serde_json::{Value, json};

/// The function, with a mail server and a program that speaks.
async fn function(mails: &MailServer, folder: &tempfile::TempDir) -> Lambda {
    let smtp = mails.setting().replacen("mail.smtp_url=", "", 1);
    let script = program(folder.path(), "").display().to_string();
    let variables = [
        ("TERTULIA__FUNCTIONS__SECRET", SECRET.to_owned()),
        ("TERTULIA__FUNCTIONS__SPEAK__PROGRAM", script),
        ("TERTULIA__MAIL__SMTP_URL", smtp),
    ];
    Lambda::start(folder.path(), &variables).await
}

/// What an event tells of a request.
struct Request<'r> {
    method: &'r str,
    path: &'r str,
    headers: Value,
    body: &'r str,
}

impl<'r> Request<'r> {
    /// A body for a function, signed with `secret`.
    fn signed(secret: &str, function: &str, path: &'r str, body: &'r str) -> Self {
        let signature = signature(secret, function, body.as_bytes());
        let headers = json!({"content-type": "application/json", "tertulia-signature": signature});
        Self { method: "POST", path, headers, body }
    }

    /// A request without a body.
    fn bare(method: &'r str, path: &'r str, headers: Value) -> Self {
        Self { method, path, headers, body: "" }
    }

    /// The event of a function URL.
    fn of_url(&self) -> Value {
        self.of_http_api("$default", self.path)
    }

    /// The event of an HTTP API whose stage has a name, which is part of the path.
    fn of_stage(&self) -> Value {
        self.of_http_api("prod", &format!("/prod{}", self.path))
    }

    fn of_http_api(&self, stage: &str, path: &str) -> Value {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": self.headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "domainName": "id.lambda-url.eu-central-1.on.aws",
                "http": {
                    "method": self.method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "test"
                },
                "requestId": "id",
                "routeKey": "$default",
                "stage": stage,
                "time": "28/Nov/2026:05:00:00 +0000",
                "timeEpoch": 1_795_842_000_000_u64
            },
            "body": self.body,
            "isBase64Encoded": false
        })
    }

    /// The event of a REST API, whose stage is not part of the path; the body comes packed, as it
    /// does where the gateway takes every body for binary.
    fn of_rest_api(&self) -> Value {
        json!({
            "resource": "/{proxy+}",
            "path": self.path,
            "httpMethod": self.method,
            "headers": self.headers,
            "multiValueHeaders": self.in_lists(),
            "queryStringParameters": null,
            "multiValueQueryStringParameters": null,
            "pathParameters": {"proxy": self.path.trim_start_matches('/')},
            "stageVariables": null,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "domainName": "api.execute-api.eu-central-1.amazonaws.com",
                "httpMethod": self.method,
                "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
                "path": format!("/prod{}", self.path),
                "protocol": "HTTP/1.1",
                "requestId": "id",
                "resourcePath": "/{proxy+}",
                "stage": "prod"
            },
            "body": base64::engine::general_purpose::STANDARD.encode(self.body),
            "isBase64Encoded": true
        })
    }

    /// The event of a load balancer.
    fn of_load_balancer(&self) -> Value {
        let group = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t/1";
        json!({
            "requestContext": {"elb": {"targetGroupArn": group}},
            "httpMethod": self.method,
            "path": self.path,
            "queryStringParameters": {},
            "headers": self.headers,
            "body": self.body,
            "isBase64Encoded": false
        })
    }

    fn in_lists(&self) -> Value {
        let headers = self.headers.as_object().into_iter().flatten();
        headers.map(|(name, value)| (name.clone(), json!([value]))).collect()
    }

    fn events(&self) -> [Value; 4] {
        [self.of_url(), self.of_stage(), self.of_rest_api(), self.of_load_balancer()]
    }
}

/// A header of an answer, which some want as a list.
fn header(answer: &Value, name: &str) -> Value {
    let list = &answer["multiValueHeaders"][name][0];
    if list.is_null() { answer["headers"][name].clone() } else { list.clone() }
}

fn notice(to: &str) -> String {
    let url = "https://chat.example.org";
    let item = json!({
        "sender": "Ana", "room": "Cocina", "text": "vienes luego?", "url": format!("{url}/r/1/m/2"),
    });
    let notice = json!({
        "id": "1.leo@chat.example.org",
        "to": format!("{to}@example.org"),
        "language": "es",
        "name": "Leo",
        "items": [item],
        "inbox_url": format!("{url}/inbox"),
        "settings_url": format!("{url}/you"),
        "unsubscribe_url": format!("{url}/unsubscribe/x"),
    });
    notice.to_string()
}

#[tokio::test]
async fn a_signed_text_is_answered_with_speech() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lambda = function(&MailServer::start().await, &folder).await;
    let body = json!({"text": "hola", "language": "es"}).to_string();
    for event in Request::signed(SECRET, "speak", "/speak", &body).events() {
        let answer = lambda.invoke(event).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        assert_eq!(header(&answer, "content-type"), "audio/wav", "{answer}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{answer}");
        // Bytes leave Lambda packed.
        assert_eq!(answer["isBase64Encoded"], true, "{answer}");
        let packed = answer["body"].as_str().expect("a body");
        let wav = base64::engine::general_purpose::STANDARD.decode(packed).expect("base64");
        assert!((Sound::of(&wav).seconds() - 0.5).abs() < 0.01);
    }
}

#[tokio::test]
async fn a_signed_notice_becomes_a_mail() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mails = MailServer::start().await;
    let lambda = function(&mails, &folder).await;
    let body = notice("leo");
    for (at, event) in
        Request::signed(SECRET, "notify", "/notify", &body).events().iter().enumerate()
    {
        let answer = lambda.invoke(event.clone()).await;
        assert_eq!(answer["statusCode"], 204, "{answer}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{answer}");
        assert_eq!(mails.taken("leo").len(), at + 1, "it answers when the mail was taken");
    }
    for mail in mails.taken("leo") {
        assert_eq!(mail.header("message-id"), "<1.leo@chat.example.org>");
        assert_eq!(mail.header("list-unsubscribe"), "<https://chat.example.org/unsubscribe/x>");
        assert_eq!(mail.link("/r/"), "https://chat.example.org/r/1/m/2");
        assert!(mail.text().contains("vienes luego?"), "{}", mail.text());
    }
}

#[tokio::test]
async fn what_is_not_signed_with_the_secret_is_refused_and_no_mail_leaves() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mails = MailServer::start().await;
    let lambda = function(&mails, &folder).await;
    let (body, other) = (notice("eve"), notice("leo"));
    let another_body =
        Request { body: &body, ..Request::signed(SECRET, "notify", "/notify", &other) };
    let unsigned = Request {
        headers: json!({"content-type": "application/json"}),
        ..Request::signed(SECRET, "notify", "/notify", &body)
    };
    let refused = [
        unsigned,
        another_body,
        Request::signed("another-secret", "notify", "/notify", &body),
        Request::signed(SECRET, "speak", "/notify", &body),
    ];
    for event in refused.iter().flat_map(Request::events) {
        let answer = lambda.invoke(event).await;
        assert_eq!(answer["statusCode"], 401, "{answer}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{answer}");
        let problem = answer["body"].as_str().expect("a body");
        let problem: Value = serde_json::from_str(problem).expect("JSON");
        assert_eq!(problem["kind"], "unauthenticated");
    }
    lambda.invoke(Request::signed(SECRET, "notify", "/notify", &other).of_url()).await;
    assert_eq!(mails.taken("leo").len(), 1, "the next one that is signed leaves");
    assert!(mails.offered("eve").is_empty());
}

#[tokio::test]
async fn a_preflight_and_the_document_are_for_everybody() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lambda = function(&MailServer::start().await, &folder).await;
    let asked = json!({
        "origin": "https://elsewhere.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,tertulia-signature",
    });
    for path in ["/speak", "/notify"] {
        for event in Request::bare("OPTIONS", path, asked.clone()).events() {
            let answer = lambda.invoke(event).await;
            assert_eq!(answer["statusCode"], 204, "{answer}");
            assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{answer}");
            let methods = header(&answer, "access-control-allow-methods");
            assert!(methods.as_str().is_some_and(|all| all.contains("POST")), "{answer}");
            let headers = header(&answer, "access-control-allow-headers");
            let signed = headers.as_str().is_some_and(|all| all.contains("tertulia-signature"));
            assert!(signed, "{answer}");
            assert_eq!(header(&answer, "access-control-allow-credentials"), Value::Null);
        }
    }
    for event in Request::bare("GET", "/openapi.json", json!({})).events() {
        let answer = lambda.invoke(event).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let document = answer["body"].as_str().expect("a body");
        assert!(document.contains("\"/speak\"") && document.contains("\"/notify\""), "{document}");
    }
}
