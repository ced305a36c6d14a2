//! What the pages of apps say.

use crate::oauth::clients::{Client, ClientError};

crate::words! {
    pub(crate) struct AppWords {
        title: "Aplicaciones", "Apps";
        lead: "Las que pueden hacer algo con tu cuenta. Quita el permiso a las que ya no uses.",
            "The ones that can do something with your account. Take back what you no longer use.";
        none: "Ninguna aplicación de otros tiene permiso tuyo.",
            "No app of others has any leave of yours.";
        may: "Puede", "It may";
        since: "Desde", "Since";
        used: "Último uso", "Last used";
        never: "Nunca", "Never";
        unused: "Sin usar", "Not used yet";
        unverified: "Sin verificar", "Not verified";
        revoke: "Quitar el permiso", "Take back";
        revoked: "La aplicación ya no puede hacer nada con tu cuenta.",
            "The app can no longer do anything with your account.";
        develop_title: "¿Haces aplicaciones?", "Do you make apps?";
        develop_text: "Registra las tuyas para que la gente entre en ellas con su cuenta de aquí.",
            "Register yours, so that people sign in to them with their account here.";
        develop: "Tus aplicaciones", "Your applications";

        own_title: "Tus aplicaciones", "Your applications";
        own_lead: "Las que registraste para que otros entren con su cuenta de aquí.",
            "The ones you registered, so that others sign in with their account here.";
        own_none: "Aún no registraste ninguna.", "You have not registered any yet.";
        own_full: "No puedes registrar más aplicaciones.", "You cannot register more applications.";
        bad_name: "El nombre tiene de 1 a 100 caracteres, y ninguno da la vuelta al texto.",
            "The name has 1 to 100 characters, none of which turns the text around.";
        bad_many: "Son demasiadas direcciones: caben 20 de cada clase.",
            "These are too many addresses: 20 of a kind at most.";
        bad_address: "Esta dirección no puede ser de tu aplicación:",
            "This address cannot be one of your application:";
        bad_other: "Lo que escribiste no puede registrarse así.",
            "What you wrote cannot be registered like this.";
        new: "Registrar una aplicación", "Register an application";
        created: "Registrada", "Registered";
        back: "Volver a tus aplicaciones", "Back to your applications";
        back_to_app: "Volver a la aplicación", "Back to the application";

        new_lead: "Nadie la comprueba, y se le dice a la gente cuando le pides permiso.",
            "Nobody checks it, and people are told so when you ask for their leave.";
        edit: "Editar", "Edit";
        edit_title: "Editar la aplicación", "Edit the application";
        name: "Nombre", "Name";
        name_hint: "Lo que verá la gente.", "What people will see.";
        kind: "Tipo", "Kind";
        kind_server: "Con servidor propio: guarda un secreto",
            "With a server of its own: keeps a secret";
        kind_browser: "Solo en el navegador: sin secreto", "In the browser only: no secret";
        kind_native: "En el equipo o el teléfono: sin secreto",
            "On a computer or a phone: no secret";
        redirects: "Direcciones de vuelta", "Redirect addresses";
        redirects_hint: "Una por línea, exactas. https; en una aplicación de equipo o teléfono \
            también http://127.0.0.1 o un esquema propio con punto.",
            "One per line, exact. https; for an app on a computer or a phone also \
            http://127.0.0.1 or an own scheme with a dot.";
        post_logout: "Direcciones después de salir", "Addresses after signing out";
        post_logout_hint: "Una por línea. Puede quedar vacío.", "One per line. May stay empty.";
        backchannel: "Aviso de salida", "Notice of sign-outs";
        backchannel_hint: "Dirección de tu servidor; recibe un aviso firmado cuando alguien sale.",
            "Address of your server that gets a signed notice when somebody signs out.";
        page: "Página de la aplicación", "Page of the application";
        page_hint: "Se muestra a la gente cuando le pides permiso.",
            "Shown to people when you ask for their leave.";
        policy: "Página sobre los datos", "Page about data";
        policy_hint: "Qué haces con lo que te confían.",
            "What you do with what they trust you with.";
        keys: "Dirección de tus claves públicas", "Address of your public keys";
        keys_hint: "Con ella la aplicación firma en vez de usar un secreto (private_key_jwt).",
            "With it the application signs instead of using a secret (private_key_jwt).";
        optional: "Más, todo opcional", "More, all optional";
        scopes: "Lo que puede pedir", "What it may ask for";
        register: "Registrar", "Register";
        save: "Guardar", "Save";
        cancel: "Cancelar", "Cancel";

        registered: "La aplicación está registrada.", "The application is registered.";
        changed: "Guardado.", "Saved.";
        secret_title: "Guarda este secreto ahora", "Keep this secret now";
        secret_text: "No se volverá a mostrar. Ponlo donde tu servidor lo lea, nunca en el código.",
            "It will not be shown again. Put it where your server reads it, never into the code.";
        facts: "Para tu biblioteca", "For your library";
        issuer: "Emisor", "Issuer";
        client_id: "Identificador", "Client id";
        usage: "Uso en los últimos 30 días", "Use in the last 30 days";
        sign_ins: "Entradas", "Sign-ins";
        people: "Personas", "People";
        live: "Permisos vigentes", "Live grants";
        failures: "Fallos", "Failures";
        failures_title: "Fallos recientes", "Recent failures";
        rotate_title: "Secreto", "Secret";
        rotate_text: "Un secreto nuevo reemplaza al actual. Decide cuánto sirve todavía el viejo.",
            "A new secret replaces the present one. Say how long the old one is still good.";
        rotate: "Crear un secreto nuevo", "Make a new secret";
        rotated: "El secreto cambió.", "The secret was changed.";
        keep: "El secreto actual", "The present secret";
        keep_none: "deja de servir ahora", "ends now";
        keep_hour: "sirve una hora más", "is good for an hour more";
        keep_day: "sirve un día más", "is good for a day more";
        keep_week: "sirve una semana más", "is good for a week more";
        old_until: "El secreto anterior sirve hasta", "The secret before it is good until";
        end_old: "Terminar el secreto anterior ahora", "End the secret before it now";
        old_ended: "El secreto anterior ya no sirve.", "The secret before it has ended.";
        delete_title: "Borrar la aplicación", "Delete the application";
        delete_text: "Nadie podrá entrar más en ella, y lo que la gente le permitió termina ahora. \
            No se puede deshacer.",
            "Nobody can sign in to it any more, and what people let it do ends now. It cannot be \
            undone.";
        delete: "Borrar", "Delete";
        deleted: "La aplicación se borró.", "The application was deleted.";

        name_invalid: "Escribe un nombre de 1 a 100 caracteres.",
            "Write a name of 1 to 100 characters.";
        kind_invalid: "Elige uno de los tipos.", "Choose one of the kinds.";
        redirect_missing: "Escribe al menos una dirección de vuelta.",
            "Write at least one redirect address.";
        too_many: "Son más de 20 direcciones.", "These are more than 20 addresses.";
        uri_not_absolute: "no es una dirección completa.", "it is not a complete address.";
        uri_parts: "no puede tener #, *, \\, ni usuario o contraseña.",
            "it cannot have #, *, \\, or a user name or password.";
        uri_insecure: "tiene que ser https.", "it must be https.";
        uri_nameless: "hace falta un nombre, no un número de red.",
            "it needs a name, not a network number.";
        uri_not_native: "solo sirve en una aplicación de equipo o teléfono.",
            "it is only for an app on a computer or a phone.";
        place_invalid: "Tiene que ser https, con un nombre público y sin usuario ni contraseña.",
            "It must be https, with a public name and without user name or password.";
        page_invalid: "Tiene que ser una dirección https completa.",
            "It must be a complete https address.";
        too_many_apps: "Ya tienes tantas aplicaciones como se permite.",
            "You already have as many applications as you may.";

        failed_auth: "Secreto o prueba equivocados", "Wrong secret or proof";
        failed_replay: "Un código usado dos veces", "A code used twice";
        failed_reuse: "Una credencial de renovación usada dos veces", "A refresh token used twice";
        failed_logout: "No respondió al aviso de salida", "Did not answer the notice of a sign-out";
        failed_other: "Otro fallo", "Another failure";
    }
}

impl AppWords {
    /// What kind of app it is.
    pub(super) fn kind_of(&self, client: &Client) -> &'static str {
        match (client.is_public(), client.details.native) {
            (false, _) => self.kind_server,
            (true, false) => self.kind_browser,
            (true, true) => self.kind_native,
        }
    }

    /// Why an app cannot be registered like this.
    pub(super) fn of_error(&self, error: &ClientError) -> String {
        match error {
            ClientError::Name => self.bad_name.to_owned(),
            ClientError::Size => self.bad_many.to_owned(),
            ClientError::Uri { uri, .. } => format!("{} {uri}", self.bad_address),
            _ => self.bad_other.to_owned(),
        }
    }

    /// What went wrong, of an event of the audit.
    pub(super) fn failure(&self, event: &str) -> &'static str {
        match event {
            "client.auth_fail" => self.failed_auth,
            "code.replay" => self.failed_replay,
            "token.reuse" => self.failed_reuse,
            "logout.bcl_failed" => self.failed_logout,
            _ => self.failed_other,
        }
    }
}
