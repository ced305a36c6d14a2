use crate::world::{PASSWORD, World};

#[tokio::test]
async fn an_operator_makes_accounts_beside_the_running_server() {
    let world = World::open().await;
    let first = world.person("ana").await;
    assert_eq!(first["username"], "ana");
    assert_ne!(first["id"], first["sub"]);
    let words = [
        "user",
        "create",
        "--email",
        "leo@example.org",
        "--username",
        "leo",
        "--display-name",
        "Leo Silva",
        "--password",
        PASSWORD,
        "--verified",
        "--role",
        "admin",
    ];
    world.command(&words).await.unwrap();
    let words = [
        "user",
        "create",
        "--email",
        "eva@example.org",
        "--username",
        "eva",
        "--password",
        PASSWORD,
    ];
    world.command(&words).await.unwrap();
    let people = world.people().await;
    let facts: Vec<_> = people
        .iter()
        .map(|person| {
            let fact = |key: &str| person[key].as_str().unwrap().to_owned();
            (fact("username"), fact("role"), fact("status"))
        })
        .collect();
    let fact = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    let expected = [
        fact("ana", "owner", "active"),
        fact("leo", "admin", "active"),
        fact("eva", "member", "pending"),
    ];
    assert_eq!(facts, expected);
    assert_eq!(people[1]["email"], "leo@example.org");
    assert_eq!(people[1]["display_name"], "Leo Silva");
    assert_eq!(world.browser().sign_in("leo", PASSWORD).await, 200);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_made() {
    let world = World::open().await;
    world.person("ana").await;
    let try_it = async |email: &str, username: &str, password: &str| {
        let words = [
            "user",
            "create",
            "--email",
            email,
            "--username",
            username,
            "--password",
            password,
            "--verified",
        ];
        world.command(&words).await.unwrap_err()
    };
    assert!(try_it("eva", "eva", PASSWORD).await.contains("--email"));
    assert!(try_it("eva@example.org", "e v a", PASSWORD).await.contains("--username"));
    assert!(try_it("eva@example.org", "eva", "short").await.contains("8 characters"));
    assert!(try_it("eva@example.org", "Ana", PASSWORD).await.contains("name is taken"));
    assert!(try_it("ANA@example.org", "eva", PASSWORD).await.contains("address is taken"));
    assert!(world.command(&["user", "block", "nobody"]).await.unwrap_err().contains("nobody"));
    assert!(world.command(&["user", "create", "--email", "x@example.org"]).await.is_err());
    assert_eq!(world.people().await.len(), 1);
}

#[tokio::test]
async fn an_operator_gives_roles_but_never_takes_the_last_owner() {
    let world = World::open().await;
    world.person("ana").await;
    world.person("leo").await;
    let role = async |name: &str, role: &str| world.command(&["user", "role", name, role]).await;
    assert_eq!(role("leo", "moderator").await.unwrap()["changed"], true);
    assert_eq!(role("leo", "moderator").await.unwrap()["changed"], false, "again is the same");
    assert!(role("leo", "king").await.is_err());
    assert!(role("nobody", "admin").await.unwrap_err().contains("nobody"));
    assert!(role("ana", "admin").await.unwrap_err().contains("last owner"));
    role("leo", "owner").await.unwrap();
    role("ana", "member").await.unwrap();
    let roles: Vec<_> = world.people().await.iter().map(|one| one["role"].clone()).collect();
    assert_eq!(roles, ["member", "owner"]);
}

#[tokio::test]
async fn the_audit_holds_together_and_shows_when_it_was_changed() {
    let world = World::open().await;
    world.person("ana").await;
    let mut ana = world.browser();
    ana.sign_in("ana", "not the right phrase").await;
    ana.sign_in("ana", PASSWORD).await;
    let entries = world.command(&["audit", "verify"]).await.unwrap();
    assert_eq!(entries["entries"], 6, "two keys; made, failed, session, signed in");
    let connection = world.connection().await;
    let table = world.table("audit");
    let change = format!("UPDATE {table} SET event = 'nothing' WHERE seq = 2");
    assert!(execute(&connection, &change).await.is_err(), "the database itself refuses");
    for trigger in world.without_triggers() {
        execute(&connection, &trigger).await.unwrap();
    }
    execute(&connection, &change).await.unwrap();
    let broken = world.command(&["audit", "verify"]).await.unwrap_err();
    assert!(broken.contains("entry 2"), "{broken}");
}

async fn execute(
    connection: &sea_orm::DatabaseConnection,
    sql: &str,
) -> Result<(), sea_orm::DbErr> {
    use sea_orm::ConnectionTrait as _;
    connection.execute_unprepared(sql).await.map(drop)
}
