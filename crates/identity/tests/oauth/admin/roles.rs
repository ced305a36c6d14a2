//! Who may touch whom.

use super::*;

#[tokio::test]
async fn only_an_owner_makes_owners_and_admins() {
    let world = World::open().await;
    for name in ["leo", "eva", "tom"] {
        world.person(name).await;
    }
    make(&world, "leo", "admin").await;
    make(&world, "tom", "admin").await;
    let leo = Caller::strong(&world, "leo").await;
    let (ana, eva, tom) = (leo.id("ana").await, leo.id("eva").await, leo.id("tom").await);
    let role = async |by: &Caller<'_>, user: &str, role: &str| {
        by.put(&format!("/users/{user}/role"), json!({"role": role})).await
    };
    let changed = role(&leo, &eva, "moderator").await.expect(200);
    assert_eq!(changed["role"], "moderator");
    assert_eq!(role(&leo, &eva, "moderator").await.expect(200)["role"], "moderator", "again");
    for (user, wanted) in [(&eva, "admin"), (&eva, "owner"), (&ana, "member"), (&tom, "member")] {
        role(&leo, user, wanted).await.problem(403, "forbidden");
    }
    // Nor may an admin do anything else to those who are not below.
    for user in [&ana, &tom] {
        let path = format!("/users/{user}");
        leo.put(&format!("{path}/block"), json!({})).await.problem(403, "forbidden");
        leo.delete(&format!("{path}/block")).await.problem(403, "forbidden");
        leo.delete(&format!("{path}/factors")).await.problem(403, "forbidden");
        leo.delete(&format!("{path}/sessions")).await.problem(403, "forbidden");
        leo.post(&format!("{path}/password-reset"), None).await.problem(403, "forbidden");
        let name = Some(json!({"display_name": "Forced"}));
        leo.call("patch", &path, name).await.problem(403, "forbidden");
    }
    let wanted = json!({"username": "zoe", "email": "zoe@example.org", "role": "admin"});
    leo.post("/users", Some(wanted)).await.problem(403, "forbidden");

    let owner = Caller::strong(&world, "ana").await;
    assert_eq!(role(&owner, &eva, "owner").await.expect(200)["role"], "owner");
    assert_eq!(role(&owner, &eva, "admin").await.expect(200)["role"], "admin");
}

#[tokio::test]
async fn there_is_always_an_owner() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let id = ana.id("ana").await;
    let lesser = json!({"role": "member"});
    ana.put(&format!("/users/{id}/role"), lesser.clone()).await.problem(409, "conflict");
    ana.put(&format!("/users/{id}/block"), json!({})).await.problem(409, "conflict");
    for words in [["user", "role", "ana", "admin"].as_slice(), &["user", "block", "ana"]] {
        assert!(world.try_command(words).await.unwrap_err().contains("last owner"));
    }
    // A blocked owner is none.
    make(&world, "leo", "owner").await;
    world.command(&["user", "block", "leo"]).await;
    ana.put(&format!("/users/{id}/role"), lesser.clone()).await.problem(409, "conflict");
    world.command(&["user", "unblock", "leo"]).await;
    assert_eq!(ana.put(&format!("/users/{id}/role"), lesser).await.expect(200)["role"], "member");
}

#[tokio::test]
async fn of_many_owners_who_all_go_at_once_one_stays() {
    let world = World::open().await;
    let names: Vec<String> = (0..6).map(|n| format!("owner-{n}")).collect();
    for name in &names {
        world.person(name).await;
        make(&world, name, "owner").await;
    }
    let everybody: Vec<&str> = names.iter().map(String::as_str).chain(["ana"]).collect();
    let going = everybody.iter().enumerate().map(|(n, name)| {
        let role = ["user", "role", name, "member"];
        let block = ["user", "block", name];
        let identity = &world.identity;
        async move {
            let words: &[&str] = if n % 2 == 0 { &role } else { &block };
            World::command_of(identity, words).await
        }
    });
    let gone = futures_of(going.collect()).await;
    assert_eq!(gone.iter().filter(|done| done.is_err()).count(), 1, "{gone:?}");
    let people = world.command(&["user", "list"]).await;
    let owners = people["items"].as_array().unwrap().iter();
    let owners = owners.filter(|u| u["role"] == "owner" && u["status"] == "active");
    assert_eq!(owners.count(), 1);
}

/// All of them at once.
async fn futures_of<T>(all: Vec<impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(all).await
}

#[tokio::test]
async fn a_moderator_sees_people_without_addresses_and_closes_accounts_of_members() {
    let world = World::open().await;
    for name in ["mia", "leo", "eva"] {
        world.person(name).await;
    }
    make(&world, "mia", "moderator").await;
    make(&world, "leo", "admin").await;
    let mia = Caller::strong(&world, "mia").await;
    let people = mia.get("/users").await;
    assert_eq!(people["items"].as_array().unwrap().len(), 4);
    assert!(people["items"][0].get("email").is_none(), "{people}");
    assert_eq!(mia.get("/users?query=eva@example.org").await["items"], json!([]));
    let (eva, leo) = (mia.id("eva").await, mia.id("leo").await);
    let blocked = mia.put(&format!("/users/{eva}/block"), json!({"reason": "spam"})).await;
    let blocked = blocked.expect(200);
    assert_eq!((&blocked["status"], blocked.get("email")), (&json!("blocked"), None));
    assert_eq!(mia.delete(&format!("/users/{eva}/block")).await.expect(200)["status"], "active");
    mia.put(&format!("/users/{leo}/block"), json!({})).await.problem(403, "forbidden");
    mia.put(&format!("/users/{eva}/role"), json!({"role": "member"}))
        .await
        .problem(403, "forbidden");
    for path in ["/sessions", "/audit", "/grants", "/keys", "/providers"] {
        mia.call("get", path, None).await.problem(403, "forbidden");
    }
    assert!(mia.get(&format!("/users/{eva}")).await.get("factors").is_none());
}
