//! What the page of sessions and its mails say.

crate::words! {
    pub(crate) struct SessionWords {
        title: "Sesiones", "Sessions";
        lead: "Dónde está abierta tu cuenta. Cierra lo que no reconozcas y cambia tu contraseña.",
            "Where your account is open. End what you do not recognise, and replace your \
            password.";
        here: "Esta sesión", "This session";
        signed_in: "Entraste", "Signed in";
        last_seen: "Último uso", "Last used";
        place: "Red", "Network";
        apps: "Aplicaciones", "Apps";
        no_apps: "Ninguna", "None";
        end: "Cerrar esta sesión", "End this session";
        sign_out: "Salir", "Sign out";
        many_title: "Varias a la vez", "Many at once";
        many_text: "Las aplicaciones que entraron con una sesión se cierran con ella, también las \
            conversaciones abiertas. Te pediremos la contraseña si entraste hace rato.",
            "Apps that came in by a session are signed out with it, open conversations too. We \
            ask for your password if you signed in a while ago.";
        end_others: "Cerrar todas las demás", "End all others";
        end_all: "Cerrar todas, también esta", "End all, this one too";
        ended: "Se cerró la sesión.", "The session was ended.";
        others_ended: "Se cerraron las demás sesiones.", "All other sessions were ended.";
        browser_on_system: "{browser} en {system}", "{browser} on {system}";
        unknown_device: "Equipo desconocido", "Unknown device";
        this_machine: "Este equipo", "This machine";
        local_network: "Red local", "Local network";
        unknown_place: "Lugar desconocido", "Unknown place";
        mail_action: "Ver tus sesiones", "See your sessions";
        mail_new_subject: "Entraste en Tertulia desde otro equipo",
            "A sign-in to Tertulia from a new device";
        mail_new_text: "Alguien entró en tu cuenta desde un equipo nuevo: {device}, red {place}, \
            {time}. Si fuiste tú, no hagas nada. Si no, cierra esa sesión y cambia tu contraseña \
            ahora mismo.",
            "Somebody signed in to your account from a new device: {device}, network {place}, \
            {time}. If it was you, do nothing. If not, end that session and replace your \
            password right now.";
        mail_reuse_subject: "Cerramos una aplicación de tu cuenta",
            "We signed an app out of your account";
        mail_reuse_text: "La aplicación {app} usó dos veces una credencial que sirve una sola \
            vez. Puede ser un fallo suyo, o que alguien la copió, así que cerramos su sesión. \
            Vuelve a entrar en ella; si pasa otra vez, avisa a quien administra Tertulia.",
            "The app {app} used a credential twice that works only once. That may be a mistake of \
            the app, or somebody copied it, so we ended its sign-in. Sign in to it again; if it \
            happens again, tell whoever runs Tertulia.";
    }
}
