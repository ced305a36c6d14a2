//! What pages and mails say about signing in with other providers.

crate::words! {
    pub(crate) struct UpstreamWords {
        or: "o con otra cuenta", "or with another account";
        go_on_with: "Continuar con {}", "Continue with {}";

        away_title: "{} no responde", "{} does not answer";
        away_text: "No pudimos preguntarle quién eres. Vuelve a probar en un momento, o entra de \
            otra forma.",
            "We could not ask it who you are. Try again in a moment, or sign in another way.";
        retry: "Volver a probar", "Try again";
        other_way: "Entrar de otra forma", "Sign in another way";
        refused_title: "No pudimos entrar con {}", "We could not sign you in with {}";
        refused_text: "Lo que respondió no se puede comprobar. Prueba otra vez; si se repite, \
            avisa a quien administra Tertulia.",
            "What it answered cannot be verified. Try again; if it happens again, tell whoever \
            runs Tertulia.";
        not_anew_text: "{} no confirmó que acabas de identificarte, y este paso lo necesita. \
            Identifícate de otra forma.",
            "{} did not confirm that you have just proved who you are, which this step needs. \
            Sign in another way.";
        declined_title: "No entraste con {}", "You did not sign in with {}";
        declined_text: "Cancelaste allí, o no se te permitió. No cambió nada.",
            "You cancelled there, or were not let in. Nothing was changed.";
        over_title: "Esto ya venció", "This has expired";
        over_text: "Pasó demasiado tiempo, ya se usó, o empezó en otro navegador. Empieza de \
            nuevo.",
            "It took too long, was used already, or began in another browser. Begin again.";
        domain_title: "Esta cuenta no puede entrar aquí", "This account cannot come in here";
        domain_text: "Por {} solo entra quien tiene una dirección de correo comprobada de la \
            organización.",
            "Only people with a verified address of the organisation come in by {}.";
        blocked_title: "Esta cuenta está bloqueada", "This account is blocked";

        new_title: "Completa tu cuenta", "Complete your account";
        new_lead: "Es tu primera vez aquí con {}. Elige cómo te verán los demás.",
            "It is your first time here with {}. Choose how others will see you.";
        email_proven: "Lo comprobó {}.", "Verified by {}.";
        email_unproven: "Te enviaremos un correo para confirmarla.",
            "We will send you a mail to confirm it.";
        create: "Crear cuenta", "Create account";
        have_account: "¿Ya tienes cuenta aquí?", "Do you have an account here already?";
        link_it: "Vincúlala con {}", "Link it with {}";

        known_title: "Ya tienes una cuenta", "You already have an account";
        known_text: "{} dice que tu dirección es {email}, y aquí ya hay una cuenta con ella. \
            Entra una vez como siempre y las vincularemos.",
            "{} says that your address is {email}, and there is an account with it here. Sign in \
            once as usual, and we will link the two.";
        closed_title: "Falta vincular tu cuenta", "Your account is not linked yet";
        closed_text: "Con {} solo entran cuentas que ya existen. Si tienes una, entra como \
            siempre y las vincularemos.",
            "Only accounts that exist already come in with {}. If you have one, sign in as usual, \
            and we will link the two.";
        sign_in_to_link: "Entrar y vincular", "Sign in and link";

        link_title: "Vincular con {}", "Link with {}";
        link_text: "Quien entre en esta cuenta de {} podrá entrar también aquí, en la tuya.",
            "Whoever gets into this account at {} will be able to come in here, too, to yours.";
        there: "Cuenta en {}", "Account at {}";
        here: "Tu cuenta aquí", "Your account here";
        link: "Vincular", "Link";
        cancel: "Cancelar", "Cancel";
        taken_title: "Esa cuenta ya está vinculada", "That account is linked already";
        taken_text: "La cuenta de {} ya abre otra cuenta de aquí. Desvincúlala primero allá.",
            "The account at {} opens another account here. Unlink it there first.";

        title: "Cuentas vinculadas", "Linked accounts";
        lead: "Entra en Tertulia con una cuenta que ya usas en otra parte.",
            "Sign in to Tertulia with an account that you use elsewhere.";
        linked_title: "Vinculadas", "Linked";
        none: "Ninguna todavía.", "None yet.";
        since: "Desde", "Since";
        used: "Último uso", "Last used";
        never: "nunca", "never";
        gone: "quien administra ya no lo ofrece", "no longer offered";
        unlink: "Desvincular", "Unlink";
        add_title: "Vincular otra", "Link another";
        add: "Vincular {}", "Link {}";
        linked: "Quedó vinculada.", "Linked.";
        already: "Ya estaba vinculada.", "It was linked already.";
        unlinked: "Desvinculada. Cerramos tus otras sesiones.",
            "Unlinked. We ended your other sessions.";
        last: "Es tu única forma de entrar. Antes de quitarla, elige una contraseña.",
            "It is your only way in. Choose a password before you remove it.";
        no_password: "Tu cuenta no tiene contraseña: entras con otra cuenta. Si quieres una, te \
            enviamos un enlace por correo.",
            "Your account has no password: you sign in with another account. If you want one, we \
            send you a link by mail.";
        set_password: "Elegir una contraseña", "Choose a password";
        comes_with: "Entra con", "Signs in with";

        mail_action: "Ver las cuentas vinculadas", "See your linked accounts";
        mail_linked_subject: "Se vinculó otra cuenta con la tuya",
            "Another account was linked to yours";
        mail_linked_text: "Desde ahora se puede entrar en tu cuenta con {provider} ({name}). Si \
            no fuiste tú, desvincúlala y cambia tu contraseña ahora mismo.",
            "From now on, {provider} ({name}) opens your account, too. If it was not you, unlink \
            it and replace your password right now.";
        mail_unlinked_subject: "Se desvinculó una cuenta de la tuya",
            "An account was unlinked from yours";
        mail_unlinked_text: "Ya no se puede entrar en tu cuenta con {provider} ({name}). Si no \
            fuiste tú, cambia tu contraseña ahora mismo.",
            "{provider} ({name}) no longer opens your account. If it was not you, replace your \
            password right now.";
    }
}
