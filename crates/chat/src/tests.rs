//! The verbs on a real database: SQLite always, PostgreSQL when `TERTULIA_TEST_POSTGRES` names a
//! server.

use kit::db::{DbResult, Sql as _, exec, params};
use protocol::{Invited, NewInviteLink, NewRoom, Room, RoomEvent, RoomKind, RoomRole};
use url::Url;
use uuid::Uuid;

use crate::messages::{self, Draft, MessageError};
use crate::people::testing::{self as people, Asked, Place};
use crate::rooms::{self, RoomError, testing as verbs};
use crate::{Chat, Config, Settings, signed_link};

/// A chat of its own, with the people `ana` and `ben` in it.
struct World {
    chat: Chat,
    ana: Uuid,
    ben: Uuid,
}

impl World {
    async fn open() -> Self {
        let data_dir = std::env::temp_dir().join(format!("tertulia-{}", kit::clock::uuid_v7()));
        std::fs::create_dir_all(&data_dir).unwrap();
        let chat = crate::build(Config {
            public_url: Url::parse("http://localhost:8080").unwrap(),
            issuer: "http://localhost:8080/id".to_owned(),
            identity_internal_url: "http://127.0.0.1:9/id".to_owned(),
            client_id: "chat".to_owned(),
            client_secret: "x".to_owned(),
            resource: "http://localhost:8080/api".to_owned(),
            database_url: own_database().await,
            data_dir,
            blobs: kit::blobs::BlobsConfig::default(),
            functions: None,
            settings: Settings::default(),
        })
        .await
        .unwrap();
        let (ana, ben) = (person(&chat, "ana").await, person(&chat, "ben").await);
        Self { chat, ana, ben }
    }

    async fn room(&self, kind: RoomKind) -> Room {
        let new = NewRoom { kind, name: "general".to_owned(), topic: String::new() };
        verbs::create(&self.chat, self.ana, new).await.unwrap()
    }

    async fn say(&self, who: Uuid, room: Uuid, text: &str) -> protocol::Message {
        let draft = Draft {
            client_message_id: kit::clock::uuid_v7(),
            text: text.to_owned(),
            ..Draft::default()
        };
        messages::post(&self.chat, who, room, draft).await.unwrap().message
    }

    async fn log(&self, room: Uuid) -> Vec<RoomEvent> {
        let logged = messages::events_after(&self.chat, room, 0, 200).await.unwrap();
        logged.into_iter().map(|logged| logged.event).collect()
    }
}

async fn own_database() -> Option<String> {
    let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("chat_{}", kit::clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

async fn person(chat: &Chat, username: &str) -> Uuid {
    let id = kit::clock::uuid_v7();
    let added: DbResult<u64> = chat
        .db
        .write(async |tx| {
            let sql = "INSERT INTO people (id, iss, sub, username, username_norm, display_name, \
                       display_norm, name_order, role, blocked, created_at, updated_at) \
                       VALUES ($1, 'x', $2, $2, $2, $2, $2, $2, 'member', FALSE, 0, 0)";
            exec(tx, sql, params![id, username]).await
        })
        .await;
    added.unwrap();
    id
}

#[tokio::test]
async fn a_retry_stores_one_message_and_spends_no_position() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let id = kit::clock::uuid_v7();
    let draft =
        |text: &str| Draft { client_message_id: id, text: text.to_owned(), ..Draft::default() };
    let first = messages::post(&world.chat, world.ana, room, draft("hi")).await.unwrap();
    let again = messages::post(&world.chat, world.ana, room, draft("hi")).await.unwrap();
    let other = messages::post(&world.chat, world.ana, room, draft("ho")).await;
    let next = world.say(world.ana, room, "there").await;
    assert!(first.created && !again.created);
    assert_eq!(first.message, again.message);
    assert!(matches!(other, Err(MessageError::IdUsed)));
    assert_eq!(next.seq, first.message.seq + 1);
}

#[tokio::test]
async fn fifty_posts_of_one_id_are_one_message() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let id = kit::clock::uuid_v7();
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (chat, ana) = (world.chat.clone(), world.ana);
        posts.spawn(async move {
            let draft =
                Draft { client_message_id: id, text: "once".to_owned(), ..Draft::default() };
            messages::post(&chat, ana, room, draft).await.unwrap()
        });
    }
    let posted = posts.join_all().await;
    assert_eq!(posted.iter().filter(|posted| posted.created).count(), 1);
    assert!(posted.iter().all(|other| other.message == posted[0].message));
}

#[tokio::test]
async fn the_log_has_no_gap_under_concurrent_writers_of_every_kind() {
    let world = World::open().await;
    let room = world.room(RoomKind::Public).await.id;
    verbs::join(&world.chat, world.ben, room).await.unwrap();
    let mut work = tokio::task::JoinSet::new();
    for n in 0..40 {
        let (chat, who) = (world.chat.clone(), if n % 2 == 0 { world.ana } else { world.ben });
        work.spawn(async move {
            let draft = Draft {
                client_message_id: kit::clock::uuid_v7(),
                text: format!("m {n}"),
                ..Draft::default()
            };
            let message = messages::post(&chat, who, room, draft).await.unwrap().message;
            if n % 5 == 0 {
                messages::edit(&chat, who, (room, message.id), "edited").await.unwrap();
            }
            if n % 7 == 0 {
                messages::delete(&chat, who, room, message.id).await.unwrap();
            }
        });
    }
    work.join_all().await;
    let log = world.log(room).await;
    let seqs: Vec<i64> = log.iter().map(RoomEvent::seq).collect();
    let expected: Vec<i64> = (1..=i64::try_from(log.len()).unwrap()).collect();
    assert_eq!(seqs, expected);
    assert_eq!(log.len(), 2 + 40 + 8 + 6);
}

#[tokio::test]
async fn an_event_shows_the_current_text_and_nothing_of_what_was_deleted() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let kept = world.say(world.ana, room, "first").await;
    let gone = world.say(world.ana, room, "secret").await;
    let place = (room, kept.id);
    let edited = messages::edit(&world.chat, world.ana, place, "second").await.unwrap();
    messages::delete(&world.chat, world.ana, room, gone.id).await.unwrap();
    assert_eq!((edited.text.as_deref(), edited.revision), (Some("second"), 2));
    let log = serde_json::to_string(&world.log(room).await).unwrap();
    assert!(log.contains("second"));
    assert!(!log.contains("first") && !log.contains("secret"), "{log}");
    let again = messages::delete(&world.chat, world.ana, room, gone.id).await;
    assert!(again.is_ok());
    let late = messages::edit(&world.chat, world.ana, (room, gone.id), "x").await;
    assert!(matches!(late, Err(MessageError::Deleted)));
}

#[tokio::test]
async fn a_revision_can_be_neither_changed_nor_removed() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    world.say(world.ana, room, "original").await;
    for sql in ["DELETE FROM revisions", "UPDATE revisions SET body = NULL", "DELETE FROM events"] {
        let done: DbResult<u64> = world.chat.db.write(async |tx| exec(tx, sql, vec![]).await).await;
        assert!(done.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_stranger_is_told_that_there_is_no_room() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let message = world.say(world.ana, room, "hola").await;
    let (chat, ben) = (&world.chat, world.ben);
    let draft = Draft {
        client_message_id: kit::clock::uuid_v7(),
        text: "x".to_owned(),
        ..Draft::default()
    };
    assert!(matches!(rooms::view(chat, ben, room).await, Err(RoomError::NoRoom)));
    assert!(matches!(verbs::join(chat, ben, room).await, Err(RoomError::NoRoom)));
    assert!(matches!(messages::post(chat, ben, room, draft).await, Err(MessageError::NoRoom)));
    assert!(matches!(
        messages::edit(chat, ben, (room, message.id), "x").await,
        Err(MessageError::NoRoom)
    ));
    assert!(matches!(
        messages::delete(chat, ben, room, message.id).await,
        Err(MessageError::NoRoom)
    ));
    assert!(matches!(rooms::mark_read(chat, ben, room, 1).await, Err(RoomError::NoRoom)));
}

#[tokio::test]
async fn who_was_removed_posts_no_more() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let added = verbs::add(&world.chat, world.ana, room, "@Ben").await.unwrap();
    assert!(matches!(added, Invited::Joined { .. }));
    world.say(world.ben, room, "here").await;
    verbs::remove(&world.chat, world.ana, room, world.ben).await.unwrap();
    let draft = Draft {
        client_message_id: kit::clock::uuid_v7(),
        text: "x".to_owned(),
        ..Draft::default()
    };
    let late = messages::post(&world.chat, world.ben, room, draft).await;
    assert!(matches!(late, Err(MessageError::NoRoom)));
}

#[tokio::test]
async fn a_room_keeps_an_owner() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    verbs::add(&world.chat, world.ana, room, "ben").await.unwrap();
    let leaving = verbs::leave(&world.chat, world.ana, room).await;
    assert!(matches!(leaving, Err(RoomError::LastOwner)));
    let owner = (world.ben, RoomRole::Owner);
    verbs::change_role(&world.chat, world.ana, room, owner).await.unwrap();
    verbs::leave(&world.chat, world.ana, room).await.unwrap();
}

#[tokio::test]
async fn an_invitation_waits_for_a_name_that_nobody_has_yet() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let invited = verbs::add(&world.chat, world.ana, room, "carla").await.unwrap();
    assert!(matches!(invited, Invited::Pending { .. }));
    let carla = person(&world.chat, "carla").await;
    rooms::accept_pending(&world.chat, carla, "carla").await.unwrap();
    assert_eq!(rooms::view(&world.chat, carla, room).await.unwrap().members, 2);
}

#[tokio::test]
async fn a_link_with_one_use_lets_one_person_in() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let new = NewInviteLink { expires_in_s: None, uses_max: Some(1) };
    let link = verbs::create_link(&world.chat, world.ana, room, new).await.unwrap();
    let url = link.url.unwrap();
    let token = url.rsplit('/').next().unwrap();
    verbs::accept_link(&world.chat, world.ben, token).await.unwrap();
    let carla = person(&world.chat, "carla").await;
    let late = verbs::accept_link(&world.chat, carla, token).await;
    assert!(matches!(late, Err(RoomError::NoSuch("invitation"))));
}

#[tokio::test]
async fn unread_counts_what_others_said_and_a_marker_never_moves_back() {
    let world = World::open().await;
    let room = world.room(RoomKind::Public).await.id;
    verbs::join(&world.chat, world.ben, room).await.unwrap();
    let one = world.say(world.ana, room, "one").await;
    let two = world.say(world.ana, room, "two").await;
    world.say(world.ben, room, "mine").await;
    let unread = async || rooms::view(&world.chat, world.ben, room).await.unwrap().unread;
    assert_eq!(unread().await, 2);
    rooms::mark_read(&world.chat, world.ben, room, one.seq).await.unwrap();
    assert_eq!(unread().await, 1);
    rooms::mark_read(&world.chat, world.ben, room, two.seq).await.unwrap();
    rooms::mark_read(&world.chat, world.ben, room, 1).await.unwrap();
    assert_eq!(unread().await, 0);
    rooms::mark_read(&world.chat, world.ben, room, i64::MAX).await.unwrap();
    let seen = rooms::view(&world.chat, world.ben, room).await.unwrap();
    assert_eq!(seen.last_read, seen.head);
}

#[tokio::test]
async fn two_people_have_one_direct_room() {
    let world = World::open().await;
    let (one, made) = verbs::direct(&world.chat, world.ana, "ben").await.unwrap();
    let (two, again) = verbs::direct(&world.chat, world.ben, "ana").await.unwrap();
    assert_eq!(one.id, two.id);
    assert!(made && !again);
    assert_eq!(one.peer.unwrap().username, "ben");
    let leaving = verbs::leave(&world.chat, world.ana, one.id).await;
    assert!(matches!(leaving, Err(RoomError::Direct)));
}

#[tokio::test]
async fn every_door_of_the_document_is_in_the_router() {
    let world = World::open().await;
    let router = crate::router(world.chat);
    for path in crate::openapi().paths.paths.keys() {
        let path = path.replace(['{', '}'], "");
        let request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        assert_ne!(answer.status(), http::StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_link_ends_with_the_right_of_whoever_made_it() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    verbs::add(&world.chat, world.ana, room, "ben").await.unwrap();
    let moderator = (world.ben, RoomRole::Moderator);
    verbs::change_role(&world.chat, world.ana, room, moderator).await.unwrap();
    let link = verbs::create_link(&world.chat, world.ben, room, NewInviteLink::default()).await;
    let url = link.unwrap().url.unwrap();
    verbs::remove(&world.chat, world.ana, room, world.ben).await.unwrap();
    let back = verbs::accept_link(&world.chat, world.ben, url.rsplit('/').next().unwrap()).await;
    assert!(matches!(back, Err(RoomError::NoSuch("invitation"))));
}

#[tokio::test]
async fn an_invitation_by_name_does_not_bring_back_who_was_removed() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    verbs::add(&world.chat, world.ana, room, "carla").await.unwrap();
    let carla = person(&world.chat, "carla").await;
    let direct = verbs::add(&world.chat, world.ana, room, "carla").await.unwrap();
    assert!(matches!(direct, Invited::Joined { .. }));
    rooms::accept_pending(&world.chat, carla, "carla").await.unwrap();
    verbs::remove(&world.chat, world.ana, room, carla).await.unwrap();
    rooms::accept_pending(&world.chat, carla, "carla").await.unwrap();
    assert!(matches!(rooms::view(&world.chat, carla, room).await, Err(RoomError::NoRoom)));
}

#[tokio::test]
async fn a_direct_room_is_no_room_to_a_stranger() {
    let world = World::open().await;
    let room = verbs::direct(&world.chat, world.ana, "ben").await.unwrap().0.id;
    let carla = person(&world.chat, "carla").await;
    let owner = (world.ana, RoomRole::Owner);
    let refusals = [
        verbs::leave(&world.chat, carla, room).await.err(),
        verbs::remove(&world.chat, carla, room, world.ana).await.err(),
        verbs::change_role(&world.chat, carla, room, owner).await.err(),
        verbs::add(&world.chat, carla, room, "ben").await.err(),
    ];
    assert!(refusals.iter().all(|refusal| matches!(refusal, Some(RoomError::NoRoom))));
}

#[tokio::test]
async fn who_enters_an_empty_room_owns_it() {
    let world = World::open().await;
    let room = world.room(RoomKind::Public).await.id;
    verbs::leave(&world.chat, world.ana, room).await.unwrap();
    let entered = verbs::join(&world.chat, world.ben, room).await.unwrap();
    assert_eq!((entered.role, entered.members), (Some(RoomRole::Owner), 1));
}

#[tokio::test]
async fn the_directory_finds_a_name_in_any_case_and_pages_without_a_loss() {
    let world = World::open().await;
    for n in 0..60 {
        let name = format!("Ñandú {n}");
        let new = NewRoom { kind: RoomKind::Public, name, topic: String::new() };
        verbs::create(&world.chat, world.ana, new).await.unwrap();
    }
    let first = verbs::directory(&world.chat, world.ben, "ñANDÚ", None).await.unwrap();
    let cursor = first.next.clone().unwrap();
    let second = verbs::directory(&world.chat, world.ben, "ñandú", Some(&cursor)).await.unwrap();
    let ids: std::collections::HashSet<Uuid> =
        first.items.iter().chain(&second.items).map(|room| room.id).collect();
    assert_eq!((first.items.len(), second.items.len(), ids.len()), (50, 10, 60));
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn rooms_shared_with_somebody_are_paged_without_a_loss() {
    let world = World::open().await;
    for n in 0..60 {
        let new = NewRoom { kind: RoomKind::Public, name: format!("r {n}"), topic: String::new() };
        let room = verbs::create(&world.chat, world.ana, new).await.unwrap().id;
        verbs::join(&world.chat, world.ben, room).await.unwrap();
    }
    let page = async |after| verbs::shared(&world.chat, world.ana, world.ben, after).await.unwrap();
    let first = page(None).await;
    let second = page(first.next.as_deref()).await;
    let ids: std::collections::HashSet<Uuid> =
        first.items.iter().chain(&second.items).map(|room| room.id).collect();
    assert_eq!((first.items.len(), second.items.len(), ids.len()), (50, 10, 60));
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn who_is_blocked_is_shown_to_nobody() {
    let world = World::open().await;
    let room = world.room(RoomKind::Public).await.id;
    verbs::join(&world.chat, world.ben, room).await.unwrap();
    let listed = async || {
        let asked = Asked { query: "", after: Place::start(), limit: 10 };
        let page = people::page(&world.chat, &asked).await.unwrap();
        page.items.into_iter().map(|person| person.username).collect::<Vec<_>>()
    };
    let shared = async || verbs::shared(&world.chat, world.ana, world.ben, None).await;
    assert_eq!(listed().await, ["ana", "ben"]);
    assert_eq!(shared().await.unwrap().items.len(), 1);
    let sql = "UPDATE people SET blocked = TRUE WHERE id = $1";
    let blocked: DbResult<u64> =
        world.chat.db.write(async |tx| exec(tx, sql, params![world.ben]).await).await;
    assert_eq!(blocked.unwrap(), 1);
    assert_eq!(listed().await, ["ana"]);
    assert!(matches!(shared().await, Err(RoomError::NoSuch("person"))));
    let found = crate::people::visible(world.chat.db.reader(), world.ben).await.unwrap();
    assert!(found.is_none());
}

#[tokio::test]
async fn as_many_messages_as_are_allowed_are_saved_and_no_more() {
    let world = World::open().await;
    let room = world.room(RoomKind::Private).await.id;
    let (kept, over) =
        (world.say(world.ana, room, "one").await, world.say(world.ana, room, "two").await);
    let save = async |message| crate::saved::save(&world.chat, world.ana, (room, message)).await;
    save(kept.id).await.unwrap();
    fill_saved(&world, room, crate::saved::SAVED_MAX - 1).await;
    assert!(save(over.id).await.is_err(), "one more than there may be");
    save(kept.id).await.unwrap();
    let gone = kit::clock::uuid_v7();
    let sql = "UPDATE saved SET room_id = $2 WHERE person_id = $1 AND message_id <> $3";
    let hidden: DbResult<u64> = world
        .chat
        .db
        .write(async |tx| exec(tx, sql, params![world.ana, gone, kept.id]).await)
        .await;
    hidden.unwrap();
    save(over.id).await.unwrap();
    let listed = crate::inbox::kept(&world.chat, world.ana, Uuid::max(), 200).await.unwrap();
    let texts: Vec<_> = listed.items.into_iter().filter_map(|item| item.message.text).collect();
    assert_eq!(texts, ["two", "one"], "what nobody sees makes room first");
}

/// As if `ana` had saved `count` messages of `room`.
async fn fill_saved(world: &World, room: Uuid, count: i64) {
    let rows = (0..count).map(|_| {
        let message = kit::clock::uuid_v7();
        params![world.ana, message, room, message, 0_i64]
    });
    let rows: Vec<_> = rows.collect();
    let filled: DbResult<()> = world
        .chat
        .db
        .write(async |tx| {
            for rows in rows.chunks(500) {
                let sql = format!(
                    "INSERT INTO saved (person_id, message_id, room_id, id, at) VALUES {}",
                    kit::db::tuples(rows.len(), 5, 0)
                );
                exec(tx, &sql, rows.concat()).await?;
            }
            Ok(())
        })
        .await;
    filled.unwrap();
}

#[tokio::test]
async fn a_signed_link_is_good_for_what_it_says_until_it_ends() {
    let chat = World::open().await.chat;
    let ours = signed_link::signature(&chat, "file link", "what it says");
    let (past, coming) = (kit::clock::now_ms(), kit::clock::now_ms() + 60_000);
    let is_good = |context, said, expires, shown: &str| {
        signed_link::is_good(&chat, (context, said), expires, shown)
    };
    assert!(is_good("file link", "what it says", coming, &ours));
    assert!(!is_good("file link", "what it says", past, &ours));
    assert!(!is_good("file link", "something else", coming, &ours));
    assert!(!is_good("clip link", "what it says", coming, &ours));
    for shown in ["", &ours[1..], &ours.to_uppercase()] {
        assert!(!is_good("file link", "what it says", coming, shown), "{shown}");
    }
}
