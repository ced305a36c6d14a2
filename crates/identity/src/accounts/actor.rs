//! Who does something to somebody else's account, and whether they may.

use uuid::Uuid;

use super::{AccountError, Role};

/// Who changes what belongs to others or to the installation.
#[derive(Debug, Clone)]
pub(crate) enum Actor {
    /// Whoever has the command line, and with it all data.
    Operator,
    /// A person with a role, by an app.
    Person(Box<Administrator>),
}

/// A person who administers, as the audit will tell it.
#[derive(Debug, Clone)]
pub(crate) struct Administrator {
    /// Whose account.
    pub(crate) id: Uuid,
    /// Its role now.
    pub(crate) role: Role,
    /// The app that they use.
    pub(crate) client_id: String,
    /// From where.
    pub(crate) ip: String,
    /// The program that the app is.
    pub(crate) agent: String,
}

impl Actor {
    /// Refuses to touch the account of somebody who is not below: owners may touch everybody,
    /// others only who has less than they have.
    pub(crate) fn above(&self, target: Role) -> Result<(), AccountError> {
        match self {
            Self::Operator => Ok(()),
            Self::Person(person) if person.role == Role::Owner || person.role > target => Ok(()),
            Self::Person(_) => Err(AccountError::NotAbove("the account's role is not below yours")),
        }
    }

    /// Whether this is an owner, or whoever has all data anyway.
    pub(crate) fn owns(&self) -> bool {
        match self {
            Self::Operator => true,
            Self::Person(person) => person.role == Role::Owner,
        }
    }

    /// Refuses a change between two roles: only owners make and unmake owners and admins, and
    /// only who administers gives roles at all.
    pub(crate) fn may_give(&self, from: Role, to: Role) -> Result<(), AccountError> {
        let Self::Person(person) = self else { return Ok(()) };
        let high = from.max(to) >= Role::Admin;
        match person.role {
            Role::Owner => Ok(()),
            Role::Admin if !high => Ok(()),
            Role::Admin => Err(AccountError::NotAbove("only an owner makes owners and admins")),
            Role::Moderator | Role::Member => {
                Err(AccountError::NotAbove("only owners and admins give roles"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role) -> Actor {
        Actor::Person(Box::new(Administrator {
            id: kit::clock::uuid_v7(),
            role,
            client_id: "console".to_owned(),
            ip: String::new(),
            agent: String::new(),
        }))
    }

    const ALL: [Role; 4] = [Role::Member, Role::Moderator, Role::Admin, Role::Owner];

    #[test]
    fn who_is_not_an_owner_touches_only_who_is_below() {
        for (by, reach) in ALL.into_iter().zip([0, 1, 2, 4]) {
            let below = ALL.into_iter().filter(|target| actor(by).above(*target).is_ok()).count();
            assert_eq!(below, reach, "{by:?}");
        }
        assert!(ALL.into_iter().all(|target| Actor::Operator.above(target).is_ok()));
    }

    #[test]
    fn only_owners_make_and_unmake_owners_and_admins() {
        let may = |by: Role, from, to| actor(by).may_give(from, to).is_ok();
        assert!(may(Role::Owner, Role::Owner, Role::Member));
        assert!(may(Role::Owner, Role::Member, Role::Owner));
        assert!(may(Role::Admin, Role::Member, Role::Moderator));
        assert!(may(Role::Admin, Role::Moderator, Role::Member));
        for (from, to) in [(Role::Member, Role::Admin), (Role::Admin, Role::Member)] {
            assert!(!may(Role::Admin, from, to), "{from:?} to {to:?}");
        }
        assert!(!may(Role::Moderator, Role::Member, Role::Moderator));
        assert!(Actor::Operator.may_give(Role::Owner, Role::Member).is_ok());
    }
}
