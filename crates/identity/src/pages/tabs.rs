//! The tabs of the account's pages.

crate::words! {
    pub(crate) struct TabWords {
        label: "Tu cuenta", "Your account";
        profile: "Perfil", "Profile";
        security: "Seguridad", "Security";
        sessions: "Sesiones", "Sessions";
        apps: "Aplicaciones", "Apps";
        providers: "Cuentas vinculadas", "Linked accounts";
    }
}
